"""Hands in a right notebook saved as UTF-16."""

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return nbformat.v4.writes(nb).encode("utf-16")
