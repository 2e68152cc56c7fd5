"""Hands in a socket."""

import os
import socket

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def place(folder):
    before = os.getcwd()
    os.chdir(folder)  # the path of a socket holds 108 characters
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("socket")
        os.replace("socket", "convolution.ipynb")
    finally:
        os.chdir(before)
