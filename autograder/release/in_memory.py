"""A unit as it would be released now, as data: nothing is written, no gradebook is asked."""

import nbformat
from nbgrader.preprocessors import SaveCells

from autograder.course import CourseError
from autograder.engine.released import ReleasedUnit
from autograder.release import RELEASE_STEPS
from autograder.student_version import with_rules

# What comes before nbgrader keeps the cells: the student version with its hidden tests.
WITH_TESTS = RELEASE_STEPS[: RELEASE_STEPS.index(SaveCells)]


def unit_from_source(course, unit) -> ReleasedUnit:
    """The `ReleasedUnit` that the source notebook gives at this moment."""
    notebook = nbformat.read(unit.source, as_version=4)
    where = {"assignment": unit.assignment, "notebook": unit.topic}
    resources = {"metadata": {"path": str(unit.source.parent)}, "nbgrader": where}
    try:
        for step in WITH_TESTS:
            notebook, resources = step(config=course.config).preprocess(notebook, resources)
    except Exception as error:  # the steps raise what they like; `autograder release` shows it all
        problem = f"{type(error).__name__}: {error}"
        raise CourseError(f"{unit.assignment} can't be made of its source\n  {problem}") from error
    return with_rules(course, unit, notebook)
