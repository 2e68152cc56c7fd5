"""Writes results where nbgrader keeps them: the gradebook and the `autograded/` tree."""

import os
import tempfile

import nbformat
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

from autograder.engine.grade import METADATA
from autograder.engine.intake import TIMESTAMP_FILE, read_timestamp

# What nbgrader itself does with a notebook that has been run.
RECORD_STEPS = [SaveAutoGrades, AssignLatePenalties]


def record(course, unit, student, result):
    """Record a student's `Result`; returns the notes it adds, such as a useless timestamp."""
    submitted = course.folder("submitted") / student / unit.assignment
    timestamp, notes = read_timestamp(submitted)
    metadata = result.notebook.metadata[METADATA]
    metadata["notes"] = [*metadata["notes"], *notes]
    folder = course.folder("autograded") / student / unit.assignment
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{unit.topic}.ipynb", nbformat.writes(result.notebook))
    if timestamp:  # nbgrader compares it with the one of the submission
        _write(folder / TIMESTAMP_FILE, f"{timestamp.isoformat(sep=' ')} UTC\n")
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        gradebook.update_or_create_submission(unit.assignment, student, **known)
    where = {"assignment": unit.assignment, "notebook": unit.topic, "student": student}
    resources = {"nbgrader": {**where, "db_url": course.coursedir.db_url}}
    for step in RECORD_STEPS:
        step(config=course.config).preprocess(result.notebook, resources)
    return notes


def _write(path, text):
    """Replace a file in one step: whoever reads it sees the old text or the new one."""
    number, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(name, 0o444)  # as nbgrader's
    os.replace(name, path)
