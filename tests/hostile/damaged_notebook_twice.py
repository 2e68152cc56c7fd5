"""Has the whole notebook twice, pasted below itself; all answers are right."""

import copy

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 of 22 points"

BASE = "full"


def change(nb):
    again = copy.deepcopy(nb.cells)
    for cell in again:
        cell.id += "-again"
    nb.cells += again
    return nb
