"""Gives the cells ids of its own making, with paths, scripts and 10,000 characters."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def change(nb):
    odd = ["../../../x", "<script>alert('hostile')</script>", "x" * 10_000, "", "' OR 1=1 --"]
    for number, cell in enumerate(nb.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = odd[number % 5] + str(number)
    return nb
