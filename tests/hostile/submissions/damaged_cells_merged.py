"""Has each solution cell merged with the check below it; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    cells = []
    for cell in nb.cells:
        before = cells[-1] if cells else None
        if cell.id.startswith("check_") and before is not None:
            before.source += "\n\n" + cell.source
        else:
            cells.append(cell)
    nb.cells = cells
    return nb
