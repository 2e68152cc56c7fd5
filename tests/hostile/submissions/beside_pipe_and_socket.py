"""Puts a named pipe and a socket beside a right notebook."""

import os
import socket

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def place(folder):
    os.mkfifo(folder / "data.csv")
    before = os.getcwd()
    os.chdir(folder)  # the path of a socket holds 108 characters
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("socket")
    finally:
        os.chdir(before)
