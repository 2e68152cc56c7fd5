"""Turns the written answer into a code cell that gives itself points."""

PLAIN = "not graded, an error ends its grading"

BASE = "stub"


def change(nb):
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("grade") and details.get("solution"):
            cell.cell_type, cell.source = "code", "2"
            cell["outputs"], cell["execution_count"] = [], None
            details.update(solution=False, locked=True, cell_type="code")
    return nb
