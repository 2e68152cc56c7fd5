"""Hands in right answers between three thousand markdown cells of the student's own."""

import json

import nbformat.v4

PLAIN = "full marks, which its answers are worth"

BASE = "full"
GETS = "nothing"  # more cells than are read


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    note = {"cell_type": "markdown", "metadata": {}}
    plain["cells"][9:9] = [note | {"id": f"own-{n}", "source": f"note {n}"} for n in range(3000)]
    return json.dumps(plain)
