"""Gives every grade cell a thousand points."""

PLAIN = "what it deserves"

BASE = "stub"


def change(nb):
    for cell in nb.cells:
        if "points" in cell.metadata.get("nbgrader", {}):
            cell.metadata["nbgrader"]["points"] = 1000
    return nb
