"""Grade a unit's submissions with nbgrader's autograde, one at a time.

Each submission is run for itself, so whatever one of them does costs that one only.
"""

import json
from dataclasses import dataclass, field

import nbformat
from nbgrader.api import MissingEntry

from autograder.course import CourseError
from autograder.engine.intake import Unreadable, missing_questions, read_submission
from autograder.release.build import release

TIMEOUTS = {"CellTimeoutError", "TimedOut", "NotebookTimeout"}


@dataclass
class Row:
    """What the class table shows of one student."""

    student: str
    scores: dict[str, float | None]  # None: waits for a person
    total: float
    notes: list[str] = field(default_factory=list)


def grade(course, unit, student, seed=None):
    """Grade one submission, record it in the gradebook, and return its notes.

    Never raises on account of what was handed in: a submission that can't be graded gets
    zero points and a note that says why.
    """
    path = course.folder("submitted") / student / unit.assignment / f"{unit.topic}.ipynb"
    notes = []
    try:
        nb = read_submission(path)
        missing = missing_questions(nb, questions(course, unit))
        if missing:
            notes.append(f"no points for cells that lost their nbgrader metadata: {_list(missing)}")
        course.config.BoundedExecute.seed = seed
        result = course.api.autograde(unit.assignment, student, force=True, create=True)
        if not result["success"]:
            _go_on_unless_interrupted(result)
            raise Unreadable("nbgrader could not grade it: " + reason(result))
        if missing:
            record_zero(course, unit, student, missing)
        notes += timeouts(course, unit, student)
    except Unreadable as problem:
        record_zero(course, unit, student)
        notes.append(str(problem))
    save_notes(course, unit, student, notes)
    return notes


def ensure_released(course, unit):
    """Release the unit if the gradebook doesn't know it yet, as in a fresh clone."""
    with course.gradebook() as gradebook:
        try:
            gradebook.find_notebook(unit.topic, unit.assignment)
            return
        except MissingEntry:
            pass
    release(course, unit)


def questions(course, unit):
    """{question: points} of a unit, in the order of the notebook."""
    source = nbformat.read(unit.source, as_version=4)
    details = [cell.metadata.get("nbgrader", {}) for cell in source.cells]
    return {d["grade_id"]: float(d["points"]) for d in details if d.get("grade")}


def rows(course, unit, students):
    """The class table: one `Row` for each of `students`, from the gradebook."""
    notes, asked = load_notes(course, unit), questions(course, unit)
    with course.gradebook() as gradebook:
        return [_row(gradebook, unit, asked, name, notes.get(name, [])) for name in students]


def _row(gradebook, unit, asked, student, notes):
    scores = dict.fromkeys(asked, 0.0)
    try:
        submission = gradebook.find_submission_notebook(unit.topic, unit.assignment, student)
    except MissingEntry:
        return Row(student, scores, 0.0, notes or ["not graded yet"])
    for one in submission.grades:
        scores[one.name] = None if one.needs_manual_grade else one.score
    return Row(student, scores, submission.score, notes)


def record_zero(course, unit, student, only=None):
    """Record zero points, with nothing left to grade by hand, for all or `only` some questions."""
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(unit.assignment, student)
        notebook = gradebook.find_submission_notebook(unit.topic, unit.assignment, student)
        for one in notebook.grades:
            if only is None or one.name in only:
                one.auto_score, one.needs_manual_grade = 0, False
        gradebook.db.commit()


def timeouts(course, unit, student):
    """A note for every grade cell that ran out of time."""
    path = course.folder("autograded") / student / unit.assignment / f"{unit.topic}.ipynb"
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        question = cell.metadata.get("nbgrader", {}).get("grade_id")
        errors = {o.ename for o in cell.get("outputs", []) if o.output_type == "error"}
        if question and errors & TIMEOUTS:
            found.append(question)
    return [f"out of time in {_list(found)}"] if found else []


def reason(result):
    """The most telling line of what nbgrader logged about a failure."""
    lines = [line.strip() for line in result.get("log", "").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line and not line.startswith(("[", "File"))]
    return f"{(errors or lines or ['no reason was logged'])[-1]:.160}"


def _go_on_unless_interrupted(result):
    """Pass Ctrl-C on: nbgrader's API reports it like any failure of the submission."""
    if result.get("error", "").rstrip().endswith("KeyboardInterrupt"):
        raise KeyboardInterrupt


def save_notes(course, unit, student, notes):
    """Keep a student's notes for later tables and feedback pages."""
    kept = load_notes(course, unit) | {student: notes}
    path = _notes_path(course, unit)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, sort_keys=True))


def load_notes(course, unit):
    """{student: notes} of the unit's last gradings."""
    path = _notes_path(course, unit)
    return json.loads(path.read_text()) if path.is_file() else {}


def chosen_students(course, unit, only=None):
    """The students to grade; raises `CourseError` where there is nothing to grade."""
    students = course.students(unit)
    if only and only not in students:
        raise CourseError(
            f"no submission of {unit.assignment} by {only!r}\n"
            f"  expected the folder {course.folder('submitted') / only / unit.assignment}"
        )
    return [only] if only else students


def _notes_path(course, unit):
    return course.folder("autograded").parent / "notes" / f"{unit.assignment}.json"


def _list(names):
    shown = ", ".join(names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")
