"""What the tests of all units share: a unit's answers as a namespace, its grade cells."""

import importlib
import re

import nbformat

from autograder.engine.cells import is_exploration
from autograder.report.rows import questions
from autograder.submissions import answer_name, solutions
from coursekit.checks.core import CheckFailed
from support.course import COURSE


def hidden_of(unit):
    return importlib.import_module(f"autograder.hidden.{unit.topic}")


def visible_of(unit):
    return importlib.import_module(f"coursekit.checks.{unit.topic}")


def grade_cells(unit):
    """The automatically graded cells of the source notebook."""
    nb = nbformat.read(unit.source, as_version=4)
    found = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]
    return [cell for cell in found if cell.cell_type == "code"]


def names_taken(cell):
    """The student's names that a grade cell takes, those its hidden test is called with."""
    return re.search(r"^hidden\.\w+\((.*)\)$", cell.source, re.MULTILINE)[1].split(", ")


def namespace(unit, **replaced):
    """Run the notebook's setup and solution cells, some replaced, and return their names."""
    nb = nbformat.read(unit.source, as_version=4)
    answers, names = solutions(unit) | replaced, {}
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        lesson = not details and not is_exploration(cell)
        if cell.cell_type != "code" or not (lesson or details.get("solution")):
            continue
        source = answers[answer_name(details["grade_id"])] if details else cell.source
        if not (lesson and source.startswith("checks.")):
            exec(compile(source, cell.id, "exec"), names)
    return names


def grade_in_process(unit, names, cells=None):
    """Run the hidden tests of grade cells, all unless told, on the names.

    Returns ({question: points lost}, [messages]).
    """
    lost, messages = {}, []
    for cell in cells or grade_cells(unit):
        details = cell.metadata["nbgrader"]
        call = next(line for line in cell.source.splitlines() if line.startswith("hidden."))
        try:
            exec(call, {**names, "hidden": hidden_of(unit)})
        except CheckFailed as failure:
            lost[details["grade_id"]] = details["points"]
            messages.append(str(failure))
    return lost, messages


def cost(unit, mistake):
    """{question: points} that a mistake loses."""
    points = questions(COURSE, unit)
    return {question: points[question] for question in mistake.loses}
