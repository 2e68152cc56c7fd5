"""Has the metadata of nbgrader's first schema; all answers are right."""

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 points"

BASE = "full"


def change(nb):
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader")
        if details:
            details["schema_version"] = 1
            details.pop("task", None)
            details.pop("cell_type", None)
    return nb
