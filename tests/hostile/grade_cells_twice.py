"""Repeats every grade cell with the same id, once before and once after, as the number 2."""

import copy

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 of 22 points"

BASE = "stub"


def change(nb):
    cells = []
    for cell in nb.cells:
        copies = [cell]
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            first, last = copy.deepcopy(cell), copy.deepcopy(cell)
            first.source = last.source = "2"
            first.id, last.id = cell.id + "-1", cell.id + "-2"
            copies = [first, cell, last]
        cells += copies
    nb.cells = cells
    return nb
