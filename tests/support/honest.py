"""Notebooks as honest people hand them in: right answers and one habit, graded warm and cold."""

import json
from functools import cache

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.engine.grade import grade
from autograder.engine.reading.intake import HandedIn
from autograder.engine.walls.warm import preloaded
from autograder.release.in_memory import unit_from_source
from autograder.submissions import fill, released, solutions
from support.course import COURSE, automatic
from support.patience import PATIENT

KINDS = ("warm", "cold")  # of kernels


@cache
def unit_of(topic):
    """The `ReleasedUnit` of a topic."""
    return unit_from_source(COURSE, COURSE.unit(topic))


@cache
def _right_text(topic):
    unit = COURSE.unit(topic)
    return nbformat.writes(fill(released(COURSE, unit), solutions(unit)))


def right(topic):
    """A student's notebook of its own with right answers, written ones included."""
    return nbformat.reads(_right_text(topic), as_version=4)


def place(nb, name):
    """Index of a cell by its grade id (`solution_conv2d`) or its cell id."""
    for index, cell in enumerate(nb.cells):
        if name in (cell.metadata.get("nbgrader", {}).get("grade_id"), cell.get("id")):
            return index
    raise KeyError(name)


def put_before(nb, name, source, kind="code"):
    """Put an own cell before the cell `name`."""
    nb.cells.insert(place(nb, name), _new(source, kind))


def put_after(nb, name, source, kind="code"):
    """Put an own cell behind the cell `name`."""
    nb.cells.insert(place(nb, name) + 1, _new(source, kind))


def begin(nb, name, source):
    """Put lines in front of the source of the cell `name`."""
    cell = nb.cells[place(nb, name)]
    cell.source = f"{source}\n{cell.source}"


def _new(source, kind):
    return (new_code_cell if kind == "code" else new_markdown_cell)(source)


def graded(nb, topic, kind="warm", limits=PATIENT):
    """The `Result` of a notebook (or of a text in its place) in a `kind` of kernel."""
    unit = unit_of(topic)
    preload = preloaded(unit.imports, unit.rules) if kind == "warm" else ()
    text = nb if isinstance(nb, str) else json.dumps(nb)
    handed = HandedIn(COURSE.unit(topic).file, text.encode())
    return grade(handed, unit, 1, unit.settings(limits, preload))


def lost(result, topic):
    """{question: (points, of how many)} of the automatic questions that lack any."""
    points = automatic(COURSE, COURSE.unit(topic))
    scores = {question: result.scores[question] for question in points}
    return {one: (scores[one], of) for one, of in points.items() if scores[one] != of}
