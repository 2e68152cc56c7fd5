"""What the class table shows, read from the gradebook and the graded notebooks."""

import json
from dataclasses import dataclass, field

import nbformat
from nbgrader.api import MissingEntry

from autograder.engine.cells import question_points
from autograder.engine.grade import METADATA


@dataclass
class Row:
    """One student of the class table."""

    student: str
    scores: dict[str, float | None]  # None: waits for a person
    total: float
    notes: list[str] = field(default_factory=list)  # what to look at
    repairs: list[str] = field(default_factory=list)  # what was put right


def questions(course, unit):
    """{question: points} of a unit, in the order of the notebook."""
    return question_points(nbformat.read(unit.source, as_version=4))


def rows(course, unit, students):
    """The class table: one `Row` for each of `students`."""
    asked = questions(course, unit)
    with course.gradebook() as gradebook:
        return [_row(course, gradebook, unit, asked, name) for name in students]


def _row(course, gradebook, unit, asked, student):
    scores = dict.fromkeys(asked, 0.0)
    kept = grading_of(course, unit, student)
    try:
        submission = gradebook.find_submission_notebook(unit.topic, unit.assignment, student)
    except MissingEntry:
        return Row(student, scores, 0.0, ["not graded yet"])
    for one in submission.grades:
        scores[one.name] = None if one.needs_manual_grade else one.score
    return Row(student, scores, submission.score, kept["notes"], kept["repairs"])


def grading_of(course, unit, student):
    """What the graded notebook keeps of its grading: seed, notes and repairs.

    It is the one place where notes and repairs are kept, whichever command has graded.
    """
    path = course.notebook("autograded", unit, student)
    if not path.is_file():
        return {"notes": ["not graded yet"], "repairs": []}
    return _metadata(path.read_bytes()).get(METADATA, {"notes": [], "repairs": []})


def _metadata(text):
    """The metadata of a notebook's text; quickly, where we or nbformat wrote it.

    The outermost values are sorted and indented: the metadata come after the cells, and no line
    within a value looks like their first one.
    """
    start = text.rfind(b'\n "metadata": {')
    try:
        return json.loads(b"{" + text[start:])["metadata"]
    except ValueError:
        return json.loads(text)["metadata"]
