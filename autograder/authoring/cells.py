"""Cells of a notebook from the text of a template."""

import re

import nbformat
from nbformat import NotebookNode

# "--- KIND ID [ROLE]", then the cell's text; a role is what nbgrader does with the cell.
HEAD = re.compile(r"^--- (markdown|code) (\w+)(?: (solution|grade))?\n", re.MULTILINE)
NEITHER = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
POINTS = 2  # of the example question; its statement says so


def cells_of(text: str) -> list[NotebookNode]:
    """The cells that a filled template describes."""
    _, *parts = HEAD.split(text)
    described = zip(*[iter(parts)] * (HEAD.groups + 1), strict=True)
    return [_cell(kind, name, role, source.strip("\n")) for kind, name, role, source in described]


def _cell(kind, name, role, source):
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    details = NEITHER | {"grade_id": name}
    if role == "solution":
        details |= {"solution": True}
    elif role == "grade":
        details |= {"grade": True, "locked": True, "points": POINTS}
    return make(source, id=name, metadata={"nbgrader": details} if role else {})
