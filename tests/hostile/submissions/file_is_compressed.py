"""Hands in a right notebook as a gzip file that unfolds to a thousand times its size."""

import gzip

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return gzip.compress(nbformat.v4.writes(nb).encode() + b" " * 50_000_000, mtime=0)
