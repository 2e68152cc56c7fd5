"""A unit as it was released: from `release/` and from nbgrader's gradebook."""

from nbgrader.api import MissingEntry
from nbgrader.utils import is_solution

from autograder.engine.released import ReleasedUnit
from autograder.release.build import release
from autograder.student_version import read_own, with_rules


def released_unit(course, unit) -> ReleasedUnit:
    """The unit as it was released, with the hidden tests that the gradebook keeps."""
    ensure_released(course, unit)
    notebook = read_own(course.notebook("release", unit))
    with course.gradebook() as gradebook:
        stored = gradebook.find_notebook(unit.topic, unit.assignment).source_cells
        sources = {cell.name: cell.source for cell in stored}
    for cell in notebook.cells:
        question = cell.metadata.get("nbgrader", {}).get("grade_id")
        if question in sources and not is_solution(cell):
            cell.source = sources[question]
    return with_rules(course, unit, notebook)


def ensure_released(course, unit):
    """Release the unit if the gradebook doesn't know it yet, as in a fresh clone."""
    with course.gradebook() as gradebook:
        try:
            gradebook.find_notebook(unit.topic, unit.assignment)
            return
        except MissingEntry:
            pass
    release(course, unit)
