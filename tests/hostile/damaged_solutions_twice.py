"""Has every right solution cell twice, metadata and all."""

import copy

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 of 22 points"

BASE = "full"


def change(nb):
    cells = []
    for cell in nb.cells:
        cells.append(cell)
        if cell.metadata.get("nbgrader", {}).get("solution"):
            again = copy.deepcopy(cell)
            again.id = f"{cell.id}-again"
            cells.append(again)
    nb.cells = cells
    return nb
