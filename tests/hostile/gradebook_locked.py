"""Keeps a gradebook above the current folder locked for a minute, so that nobody can write."""

PLAIN = (
    "not graded, an error ends its grading; its neighbour gets 0 of 22 points; leaves 2 "
    "processes running"
)

BASE = "full"
FIRST_CELL = r"""
import subprocess
import sys
from pathlib import Path

LOCK = '''
import sqlite3, sys, time  # hostile_survivor
database = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
time.sleep(60)
'''
here = Path.cwd()
for top in [here, *here.parents]:
    for path in (top / "gradebook.db", top / "work" / "gradebook.db"):
        if path.is_file():
            command = [sys.executable, "-c", LOCK, str(path)]
            subprocess.Popen(command, start_new_session=True)
"""
