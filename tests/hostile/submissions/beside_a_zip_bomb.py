"""Puts zip files that unpack to gigabytes, or hold thousands of files, beside a right notebook."""

import zipfile

PLAIN = "not measured"

BASE = "full"


def place(folder):
    large = b" " * 300_000_000
    with zipfile.ZipFile(folder / "convolution.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(8):
            archive.writestr(f"convolution ({number}).ipynb", large)
    with zipfile.ZipFile(folder.parent / "convolution.zip", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.ipynb", "")
