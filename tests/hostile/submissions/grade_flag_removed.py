"""Takes the grade flag off the grade cells and puts the number 2 in their place."""

PLAIN = "not graded, an error ends its grading"

BASE = "stub"


def change(nb):
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("grade") and cell.cell_type == "code":
            details["grade"] = False
            details.pop("points")
            cell.source = "2"
    return nb
