"""Tags the grade cells exploration, which the course's own grader doesn't run."""

PLAIN = "what it deserves"

BASE = "stub"


def change(nb):
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.metadata["tags"] = ["exploration"]
    return nb
