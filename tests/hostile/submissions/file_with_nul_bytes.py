"""Hands in a right notebook followed by NUL bytes, as after a crash of the disk."""

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return nbformat.v4.writes(nb).encode() + bytes(100_000)
