"""Hands in a right notebook whose metadata are nested fifty thousand deep."""

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    nb.metadata["mark"] = "here"
    depth = 50_000
    return nbformat.v4.writes(nb).replace('"here"', "[" * depth + "]" * depth)
