"""Grade and record the submissions of a unit, one after the other."""

from autograder.course import CourseError
from autograder.engine.grade import grade_submission
from autograder.engine.nbgrader_steps import Grading
from autograder.engine.record import record
from autograder.engine.released import released_unit
from autograder.engine.sandbox import SandboxError


def grade_students(course, unit, students, seed=None):
    """Grade and record each student's submission, yielding each `Result` when it is recorded.

    Whatever a submission does costs that one only. Raises `CourseError` where this host can't
    run kernels: that is nobody's zero.
    """
    grading = Grading(config=course.config)
    try:
        released = released_unit(course, unit)
        settings = grading.settings(released)
        for student in students:
            path = submission_path(course, unit, student)
            result = grade_submission(
                path, released, seed, settings, below=course.folder("submitted")
            )
            record(course, unit, student, result)
            yield result
    except SandboxError as problem:
        raise CourseError(str(problem)) from None


def grade_file(course, unit, path, seed=None):
    """The `Result` of one notebook file, recorded nowhere."""
    released = released_unit(course, unit)
    try:
        settings = Grading(config=course.config).settings(released)
        return grade_submission(path, released, seed, settings)
    except SandboxError as problem:
        raise CourseError(str(problem)) from None


def submission_path(course, unit, student):
    """Where a student's notebook has to be."""
    return course.folder("submitted") / student / unit.assignment / f"{unit.topic}.ipynb"


def chosen_students(course, units, only=None):
    """{unit: the students to grade}; `only` one of them, in the units that this one handed in.

    Raises `CourseError` where `only` handed in nothing.
    """
    if not only:
        return {unit: course.students(unit) for unit in units}
    chosen = {unit: [only] for unit in units if only in course.students(unit)}
    if not chosen:
        names = ", ".join(unit.assignment for unit in units)
        raise CourseError(
            f"no submission of {names} by {only!r}\n"
            f"  expected the folder {submission_path(course, units[0], only).parent}"
        )
    return chosen
