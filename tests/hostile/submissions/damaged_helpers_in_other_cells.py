"""Has the work of its right answers in helper functions that stand in cells of its own."""

import nbformat.v4

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    cells = []
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("solution") and cell.source.lstrip().startswith("def "):
            name = details["grade_id"].removeprefix("solution_")
            helper = cell.source.replace(f"def {name}(", f"def my_{name}(", 1)
            cells.append(nbformat.v4.new_code_cell(helper, id=f"{cell.id}-helper"))
            cell.source = f"{name} = my_{name}"
        cells.append(cell)
    nb.cells = cells
    return nb
