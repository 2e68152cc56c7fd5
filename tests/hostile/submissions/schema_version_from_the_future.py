"""Claims a schema version of nbgrader's that doesn't exist yet; all answers are right."""

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 points"

BASE = "full"


def change(nb):
    for cell in nb.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 99
    return nb
