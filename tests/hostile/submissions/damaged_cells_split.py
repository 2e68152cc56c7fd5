"""Has solution cells split in two, the answer in the part without metadata."""

import nbformat.v4

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    cells = []
    for cell in nb.cells:
        cells.append(cell)
        details = cell.metadata.get("nbgrader", {})
        if details.get("solution") and cell.cell_type == "code":
            rest = nbformat.v4.new_code_cell(cell.source, id=f"{cell.id}-rest")
            cell.source = "# my answer, in two cells"
            cells.append(rest)
    nb.cells = cells
    return nb
