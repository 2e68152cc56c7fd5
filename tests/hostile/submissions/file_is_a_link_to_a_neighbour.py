"""Hands in a link to another student's notebook."""

import os

PLAIN = "full marks for everything without a right answer"

BASE = "full"
GETS = "nothing"


def place(folder):
    notebook, students = folder / "convolution.ipynb", folder.parent.parent
    others = sorted(p.name for p in students.iterdir() if p.name != folder.parent.name)
    other = others[-1] if others else "nobody"
    link = folder / "link"
    link.symlink_to(f"../../{other}/{folder.name}/convolution.ipynb")
    os.replace(link, notebook)
