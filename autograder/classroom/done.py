"""What is done: for each submission the key of its recorded result, and how long it took.

A small SQLite file in `work/`. It is the last thing that is written for a submission and the
first that is taken away, so whatever stands in it is recorded whole. Without the file
everything is graded again; the grades themselves are in nbgrader's gradebook.
"""

import json
import shutil
import sqlite3
import sys
from contextlib import closing

TABLE = """\
CREATE TABLE IF NOT EXISTS recorded (
    assignment TEXT, student TEXT, key TEXT NOT NULL, seconds TEXT NOT NULL,
    PRIMARY KEY (assignment, student)
) WITHOUT ROWID
"""


class Done:
    """The file at `path`, until `close`."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            _take_aside(path)
        try:
            self._open(path)
        except sqlite3.OperationalError:  # such as a full disk
            raise
        except sqlite3.DatabaseError:
            self.base.close()
            _take_aside(path)
            self._open(path)

    def _open(self, path):
        self.base = sqlite3.connect(path, isolation_level=None)  # each statement is committed
        self.base.execute("PRAGMA journal_mode = WAL")
        self.base.execute("PRAGMA synchronous = NORMAL")
        self.base.execute(TABLE)
        (found,) = self.base.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)

    def close(self):
        self.base.close()

    def key(self, assignment, student):
        """The key of a recorded result, or None."""
        query = "SELECT key FROM recorded WHERE assignment = ? AND student = ?"
        row = self.base.execute(query, (assignment, student)).fetchone()
        return row and row[0]

    def forget(self, assignment, students):
        """Before anything of these submissions is written anew."""
        query = "DELETE FROM recorded WHERE assignment = ? AND student = ?"
        self._at_once(query, [(assignment, student) for student in students])

    def add(self, assignment, recorded):
        """After all of some submissions is written; recorded: (student, key, seconds) of each.

        seconds: {question: how long it took}.
        """
        rows = [(assignment, name, key, json.dumps(seconds)) for name, key, seconds in recorded]
        self._at_once("INSERT OR REPLACE INTO recorded VALUES (?, ?, ?, ?)", rows)

    def _at_once(self, query, rows):
        """One statement for each of some rows, for all or none of them."""
        self.base.execute("BEGIN IMMEDIATE")
        with self.base:
            self.base.executemany(query, rows)

    def seconds(self, assignment):
        """Yield (student, {question: seconds}) of all recorded results, sorted by name."""
        query = "SELECT student, seconds FROM recorded WHERE assignment = ? ORDER BY student"
        with closing(self.base.execute(query, (assignment,))) as rows:
            for student, seconds in rows:
                yield student, json.loads(seconds)


def _take_aside(path):
    """Rename what is damaged: nothing in it can't be made again, but a person may want to look."""
    taken = path.with_name(f"damaged-{path.name}")
    for file in path.parent.glob(f"damaged-{path.name}*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    path.rename(taken)
    for file in path.parent.glob(f"{path.name}-*"):  # its journal
        file.unlink()
    text = f"{path} is damaged; what is graded is in the gradebook, so all is graded again\n"
    sys.stderr.write(f"autograder: {text}  the damaged one is now {taken.name}\n")
