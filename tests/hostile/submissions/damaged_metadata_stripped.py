"""Has lost all of nbgrader's metadata; all answers are right."""

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)
    return nb
