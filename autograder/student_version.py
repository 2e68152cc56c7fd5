"""The student version of a unit as the engine takes it, made without nbgrader."""

from importlib.util import find_spec
from pathlib import Path

import nbformat.reader

from autograder.course import Course, Unit
from autograder.engine.released import ReleasedUnit
from autograder.engine.rules import Rules
from autograder.hidden.rules import RULES

# What tests make of their own beside an answer, the defaults under which they call it, and what
# counts as numbers in what it gives.
MAKERS = tuple(f"coursekit.checks.{name}" for name in ("fixtures", "defaults", "results"))
RELEASE = "release"  # the folder, as `config.py` sets it


def with_rules(course: Course, unit: Unit, notebook: nbformat.NotebookNode) -> ReleasedUnit:
    """The unit whose student version, hidden tests included, is `notebook`."""
    rules = RULES.get(unit.topic, Rules())
    paths = [Path(find_spec(name).origin) for name in MAKERS]
    makers = "\n\n".join(path.read_text(encoding="utf-8") for path in paths)
    return ReleasedUnit(unit.assignment, unit.topic, notebook, course.hidden, rules, makers)


def read_own(path: Path) -> nbformat.NotebookNode:
    """A notebook that we wrote ourselves: without a comparison with nbformat's schema."""
    return nbformat.reader.reads(path.read_text(encoding="utf-8"))


def without_tests(course: Course, unit: Unit) -> ReleasedUnit | None:
    """The unit as it lies in release/, enough to know its kernels by; None where it isn't there."""
    path = course.root / RELEASE / unit.assignment / unit.file
    try:
        released = with_rules(course, unit, read_own(path))
        return released if released.imports else None
    except Exception:  # whatever is wrong with it: whoever needs it will say so
        return None
