"""Hands in the stub with twenty thousand code cells of the student's own."""

import json

import nbformat.v4

PLAIN = "hangs, stopped after 90 s; its neighbour gets 0 points; leaves 1 processes running"

BASE = "stub"


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    empty = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    cells = [empty | {"id": f"own-{n}", "source": f"n = {n}"} for n in range(20_000)]
    plain["cells"][5:5] = cells
    return json.dumps(plain)
