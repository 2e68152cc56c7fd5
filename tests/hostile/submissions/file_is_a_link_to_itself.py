"""Hands in a link to itself."""

import os

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def place(folder):
    link = folder / "link"
    link.symlink_to("convolution.ipynb")
    os.replace(link, folder / "convolution.ipynb")
