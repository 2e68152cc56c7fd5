"""Puts twenty notebooks of many long cells beside a right one, each other than all the others."""

import json

import nbformat.v4

PLAIN = "not measured"

BASE = "full"


def place(folder):
    for number in range(20):
        text = f"conv2d = {number}\n" + "conv2d = conv1d\n" * 180
        cells = [nbformat.v4.new_code_cell(f"{text}{cell}") for cell in range(1_900)]
        nb = nbformat.v4.new_notebook(cells=cells)
        (folder / f"convolution ({number}).ipynb").write_text(json.dumps(nb))
