"""How many results a second the one writer records, and how much disk they take.

Peer: nbgrader's own steps (SaveAutoGrades, AssignLatePenalties) for the same results, each with a
connection and commits of its own, as `nbgrader autograde` takes them; they write no notebook. The
two take turns. The same notebook, right in all but its outputs, stands for every student's.
Results that came together are recorded together: with two workers seldom more than one, with
many workers as many as came while the writer was busy. So both are measured.

    .venv/bin/python benchmarks/recording.py                  # 2,000 results
    .venv/bin/python benchmarks/recording.py --results 20000  # does the rate stay?
    .venv/bin/python benchmarks/recording.py --present 100000  # in a large gradebook
    .venv/bin/python benchmarks/recording.py --results 5      # does it run?
"""

import argparse
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import datetime

from grading import make_course
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

from autograder.classroom.record import Entry, Writer
from autograder.engine.grade import ungraded
from autograder.release.recorded import released_unit

WHEN = datetime(2026, 1, 2, 3, 4, 5)
EACH_TURN = 500  # results
TOGETHER = 10


def by_us(together):
    """So many results at once."""

    def record(course, unit, result, students):
        entries = [Entry(student, result, WHEN, "a" * 64) for student in students]
        with Writer(course) as writer:
            for first in range(0, len(entries), together):
                writer.record(unit, *entries[first : first + together])

    return record


def by_nbgrader(course, unit, result, students):
    for student in students:
        with course.gradebook() as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(unit.assignment, student, timestamp=WHEN)
        where = {"assignment": unit.assignment, "notebook": unit.topic, "student": student}
        resources = {"nbgrader": {**where, "db_url": course.coursedir.db_url}}
        for step in (SaveAutoGrades, AssignLatePenalties):
            step(config=course.config).preprocess(result.notebook, resources)


PRESENT = """
CREATE TEMP TABLE one AS SELECT * FROM submitted_notebook LIMIT 1;
CREATE TEMP TABLE new AS
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
    SELECT n, lower(hex(randomblob(16))) AS submission, lower(hex(randomblob(16))) AS notebook
    FROM numbers;
INSERT INTO student (id) SELECT 'present' || n FROM new;
INSERT INTO submitted_assignment (id, assignment_id, student_id, timestamp)
    SELECT submission, assignment_id, 'present' || n, timestamp FROM new, submitted_assignment
    WHERE submitted_assignment.id = (SELECT assignment_id FROM one);
INSERT INTO submitted_notebook (id, assignment_id, notebook_id, flagged)
    SELECT new.notebook, submission, one.notebook_id, 0 FROM new, one;
INSERT INTO grade (id, notebook_id, cell_id, auto_score, needs_manual_grade)
    SELECT lower(hex(randomblob(16))), new.notebook, cell_id, auto_score, needs_manual_grade
    FROM new, grade WHERE grade.notebook_id = (SELECT id FROM one);
INSERT INTO comment (id, notebook_id, cell_id, auto_comment)
    SELECT lower(hex(randomblob(16))), new.notebook, cell_id, auto_comment
    FROM new, comment WHERE comment.notebook_id = (SELECT id FROM one);
"""


def fill(course, unit, result, count):
    """Put the rows of so many students into the gradebook, made from those of one."""
    by_us(1)(course, unit, result, ["one"])
    with closing(sqlite3.connect(course.work / "gradebook.db")) as base, base:
        base.executescript("BEGIN;" + PRESENT.format(count=count) + "COMMIT;")


def rate(record, course, unit, result, students):
    """Results a second."""
    start = time.perf_counter()
    record(course, unit, result, students)
    return len(students) / (time.perf_counter() - start)


def size_of(path):
    """Bytes of a file or of all files below a folder."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)


def main():
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--results", type=int, default=2000, help="of ours; the peer's: a fifth")
    parser.add_argument("--present", type=int, default=0, help="students recorded before")
    options = parser.parse_args()
    count = options.results
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        course, unit, _ = make_course(ours, "convolution", 0)
        peer, peers_unit, _ = make_course(theirs, "convolution", 0)
        released = released_unit(course, unit)
        result = ungraded(released, "a note", 1).packed()
        if options.present:
            fill(course, unit, result, options.present)
        at_once = f"new, {TOGETHER}s"
        head = "".join(f"{name:>10}" for name in ("new", at_once, "again", "nbgrader"))
        print(f"{'':>16}{head}   results a second")
        for first in range(0, count, EACH_TURN):
            last = min(first + EACH_TURN, count)
            students = [f"s{number:06}" for number in range(first, last)]
            half = len(students) // 2
            new = rate(by_us(1), course, unit, result, students[:half])
            grouped = rate(by_us(TOGETHER), course, unit, result, students[half:])
            again = rate(by_us(1), course, unit, result, students)
            stock = rate(by_nbgrader, peer, peers_unit, result, students[: -(-len(students) // 5)])
            numbers = "".join(f"{one:>10.1f}" for one in (new, grouped, again, stock))
            print(f"{first:>8} to {last:<5}{numbers}")
        for name in ("gradebook.db", "done.sqlite", "autograded"):
            size = size_of(course.work / name) / 1024
            results = count + options.present if name == "gradebook.db" else count
            print(f"{name}: {size / results:.1f} KiB a result")


if __name__ == "__main__":
    main()
