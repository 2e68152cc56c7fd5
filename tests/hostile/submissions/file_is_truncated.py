"""Hands in the first half of a right notebook."""

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    text = nbformat.v4.writes(nb)
    return text[: len(text) // 2]
