"""Has its cells in reverse order and lost nbgrader's metadata; all answers are right."""

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    nb.cells.reverse()
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)
    return nb
