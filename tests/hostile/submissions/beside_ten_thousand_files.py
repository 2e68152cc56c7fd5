"""Puts ten thousand notebooks, and folders within folders, beside a right one."""

import os

PLAIN = "not measured"

BASE = "full"


def place(folder):
    (folder / "many").mkdir()
    for number in range(10_000):
        os.close(os.open(folder / "many" / f"convolution ({number}).ipynb", os.O_CREAT))
    deep = folder.parent.joinpath("Convolution", *["deeper"] * 200)
    deep.mkdir(parents=True)
    (deep / "convolution.ipynb").write_text("{}")
