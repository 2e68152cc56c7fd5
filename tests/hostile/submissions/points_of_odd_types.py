"""Writes text, NaN, lists and nothing where the points stand; all answers are right."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def change(nb):
    odd = ["1000", float("nan"), [1], None, float("inf"), {}] * 10
    for cell in nb.cells:
        if "points" in cell.metadata.get("nbgrader", {}):
            cell.metadata["nbgrader"]["points"] = odd.pop()
    return nb
