"""Has lost its cell ids, as an older nbformat has none; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    nb.nbformat_minor = 4
    for cell in nb.cells:
        cell.pop("id", None)
    return nb
