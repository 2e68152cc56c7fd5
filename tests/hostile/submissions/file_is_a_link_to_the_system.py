"""Hands in a link to a file of the system."""

import os

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def place(folder):
    link = folder / "link"
    link.symlink_to("/etc/passwd")
    os.replace(link, folder / "convolution.ipynb")
