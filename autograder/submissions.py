"""Makes submissions: a unit's student version with answers put in, the right ones or others."""

import copy
import importlib

import nbformat

from autograder.release.leaks import without_markers


def released(course, unit):
    """The student version of a unit."""
    return nbformat.read(course.notebook("release", unit), as_version=4)


def bank_of(unit):
    """The unit's bank of known mistakes."""
    return importlib.import_module(f"autograder.mistakes.{unit.topic}").BANK


def solutions(unit):
    """{answer: source} of the source notebook's solution cells, written answers included."""
    nb = nbformat.read(unit.source, as_version=4)
    found = {}
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("solution"):
            found[answer_name(details["grade_id"])] = without_markers(cell.source)
    return found


def answer_name(grade_id):
    """The student's name that a solution cell binds: 'solution_conv2d' -> 'conv2d'."""
    return grade_id.removeprefix("solution_")


def fill(stub, answers):
    """A copy of the student version with `answers` in its solution cells."""
    nb = copy.deepcopy(stub)
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("solution") and answer_name(details["grade_id"]) in answers:
            cell.source = answers[answer_name(details["grade_id"])]
    return nb


def without_metadata(nb):
    """A copy as some editors save it: no cell has its nbgrader metadata any more."""
    nb = copy.deepcopy(nb)
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)
    return nb
