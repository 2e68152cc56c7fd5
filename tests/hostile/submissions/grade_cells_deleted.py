"""Deletes the grade cells; the answers are stubs."""

PLAIN = "what it deserves"

BASE = "stub"


def change(nb):
    nb.cells = [c for c in nb.cells if not c.metadata.get("nbgrader", {}).get("grade")]
    return nb
