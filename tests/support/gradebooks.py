"""Submissions that need no kernel, and what a gradebook and the file of keys hold of them."""

import nbformat
from nbgrader.api import Base

from autograder.classroom.done import Done
from autograder.classroom.record import done_path
from autograder.submissions import released
from support.course import COURSE

ASSIGNMENT = "01_convolution"


def hand_in(course, unit, student):
    folder = course.folder("submitted") / student / unit.assignment
    folder.mkdir(parents=True)
    nbformat.write(released(COURSE, COURSE.unit(ASSIGNMENT)), folder / unit.file)


def tables(course):
    """{table: its rows, sorted}, with names in place of ids that are random in each gradebook."""
    with course.gradebook() as gradebook:
        rows = {
            name: [dict(row) for row in gradebook.db.execute(table.select()).mappings()]
            for name, table in Base.metadata.tables.items()
        }
    names = {}
    for row in rows["submitted_assignment"]:
        names[row["id"]] = f"{row['assignment_id']} of {row['student_id']}"
    for row in rows["submitted_notebook"]:
        names[row["id"]] = f"{row['notebook_id']} in {names[row['assignment_id']]}"
    for row in [*rows["grade"], *rows["comment"]]:
        names[row["id"]] = f"{row['cell_id']} in {names[row['notebook_id']]}"
    return {
        table: sorted(str({key: names.get(cell, cell) for key, cell in row.items()}) for row in of)
        for table, of in rows.items()
    }


def keys(course):
    """{student: key of what is done}."""
    done = Done(done_path(course))
    found = {student: done.key(ASSIGNMENT, student) for student, _ in done.seconds(ASSIGNMENT)}
    done.close()
    return found
