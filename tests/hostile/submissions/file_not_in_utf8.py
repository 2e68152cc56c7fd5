"""Hands in a right notebook with bytes in it that are no UTF-8."""

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    nb.cells[0].source += "caf\u00e9"
    return nbformat.v4.writes(nb).encode("latin-1", errors="replace")
