"""Hands in a folder named like the notebook, with the notebook inside."""

import os

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def place(folder):
    notebook = folder / "convolution.ipynb"
    os.replace(notebook, folder / "kept")
    notebook.mkdir()
    os.replace(folder / "kept", notebook / "convolution.ipynb")
