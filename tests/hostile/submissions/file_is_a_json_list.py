"""Hands in valid JSON that is a list of cells and no notebook."""

import json

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return json.dumps(nb.cells)
