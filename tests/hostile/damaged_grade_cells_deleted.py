"""Has deleted every grade cell and every check; all answers are right."""

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    nb.cells = [
        cell
        for cell in nb.cells
        if not cell.id.startswith("check_")
        and not (cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code")
    ]
    return nb
