"""Writes text, lists and numbers where nbgrader's metadata stand; all answers are right."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def change(nb):
    odd = ["text", [1, 2], 5, None, {"grade": "yes"}, {"grade_id": ["x"]}] * 20
    for cell in nb.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] = odd.pop()
    return nb
