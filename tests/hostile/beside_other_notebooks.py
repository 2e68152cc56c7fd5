"""Puts broken, hostile and older notebooks beside a right one."""

import shutil

PLAIN = "what it deserves"

BASE = "full"


def place(folder):
    (folder / "broken.ipynb").write_text("{")
    (folder / "a_convolution.ipynb").write_text('{"cells": 5}')
    (folder / "CONVOLUTION.ipynb").write_text("[]")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints/convolution-checkpoint.ipynb").write_text("")
    shutil.copy(folder / "convolution.ipynb", folder / "convolution-Copy1.ipynb")
