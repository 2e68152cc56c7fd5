"""Hands in links to another student's notebook, as copies and one folder too deep."""

PLAIN = "not measured"

BASE = "full"
GETS = "nothing"


def place(folder):
    (folder / "convolution.ipynb").unlink()
    students = folder.parent.parent
    others = sorted(p.name for p in students.iterdir() if p.name != folder.parent.name)
    other = students / (others[-1] if others else "nobody") / folder.name
    (folder / "convolution").mkdir()
    for link in ("convolution (1).ipynb", "convolution/convolution.ipynb", "convolution.zip"):
        (folder / link).symlink_to(other / "convolution.ipynb")
    (folder / "hand-in").symlink_to(other)
    (folder.parent / "01_Convolution").symlink_to(other)
