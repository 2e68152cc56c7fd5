"""Hands the notebook in under other names only."""

import os
import shutil

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def place(folder):
    os.replace(folder / "convolution.ipynb", folder / "convolution (1).ipynb")
    shutil.copy(folder / "convolution (1).ipynb", folder / "Convolution.IPYNB.txt")
