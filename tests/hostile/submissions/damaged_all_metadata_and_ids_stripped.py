"""Has lost every metadata, every id and the kernel's name; all answers are right."""

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    nb.metadata = type(nb.metadata)()
    nb.nbformat_minor = 4
    for cell in nb.cells:
        cell.metadata = type(cell.metadata)()
        cell.pop("id", None)
    return nb
