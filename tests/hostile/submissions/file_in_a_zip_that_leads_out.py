"""Hands in a zip whose members name another student's notebook, and links to it."""

import stat
import zipfile

PLAIN = "not measured"

BASE = "full"
GETS = "nothing"


def place(folder):
    text = (folder / "convolution.ipynb").read_bytes()
    (folder / "convolution.ipynb").unlink()
    students = folder.parent.parent
    other = f"zz_neighbour/{folder.name}/convolution.ipynb"
    with zipfile.ZipFile(folder / "convolution.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"../../{other}", text)
        link = zipfile.ZipInfo("convolution.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(students / other))
