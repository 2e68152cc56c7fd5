"""Hands in a named pipe, from which reading never comes back."""

import os

PLAIN = "hangs, stopped after 90 s; its neighbour gets 0 points"

BASE = "full"
GETS = "nothing"


def place(folder):
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    os.replace(pipe, folder / "convolution.ipynb")
