"""Hands in a link to the real notebook beside it."""

import os

PLAIN = "full marks, which its answers are worth"

BASE = "full"
GETS = "nothing"


def place(folder):
    notebook = folder / "convolution.ipynb"
    os.replace(notebook, folder / "real.txt")
    notebook.symlink_to("real.txt")
