"""One's own file, without a class and a gradebook: recognised, graded, shown."""

import os
import shlex

from autograder.classroom.grading import grade_one
from autograder.course import CourseError
from autograder.engine.reading.intake import Unreadable, read_file
from autograder.engine.reading.recognise import best, likeness
from autograder.release.in_memory import unit_from_source
from autograder.report.one_file import page_place, print_result, shown, write_page


def try_file(course, console, path, unit=None, to=None, seed=None):
    """Grade the notebook file `path`, print what came out, write its page; return the `Result`.

    unit: the `Unit` it is of; recognised by default. Nothing in the course is read but its
    sources, and nothing is written but the page.
    """
    handed, cells = _opened(path)
    page = page_place(path, to)
    released, found = _released(course, path, cells, unit)
    console.print(f"{shown(path)}: {released.assignment}, {found} recognised", soft_wrap=True)
    result = grade_one(course, released, handed, seed)
    print_result(console, result)
    write_page(course, result, page)
    seed = result.seed
    console.print(f"seed of the hidden tests' inputs: {seed} (repeat with --seed {seed})")
    console.print(f"feedback page: {shown(page)}", soft_wrap=True)
    return result


def _opened(path):
    """(what lies at `path`, its cells); raises `CourseError` where it can't be graded at all."""
    try:
        handed = read_file(path)
        return handed, handed.submission().cells
    except FileNotFoundError:
        message = f"there is no file {shown(path)}"
    except Unreadable as problem:
        message = shown(problem.reason)
        if os.path.islink(path):
            message += f"\n  name the file that it points to: {shown(os.path.realpath(path))}"
    raise CourseError(message)


def _released(course, path, cells, unit):
    """(`ReleasedUnit`, `Likeness`) of the unit that the cells are of."""
    asked = [unit] if unit else course.units
    units = {one.assignment: unit_from_source(course, one) for one in asked}
    found = {name: likeness(cells, one.notebook) for name, one in units.items()}
    name = unit.assignment if unit else best(found)
    if name is None:
        raise CourseError(_not_recognised(path, found))
    return units[name], found[name]


def _not_recognised(path, found):
    """What was looked for, what is there of the likeliest two units, and what to do."""
    likely = sorted(found, key=lambda name: found[name].share, reverse=True)[:2]
    command = f"autograder try {shown(shlex.quote(str(path)))} --assignment {likely[0]}"
    counts = ", ".join(f"{found[name]} of {name}" for name in likely if found[name].cells)
    return (
        f"{shown(path)} isn't recognised as the notebook of a unit\n"
        "  looked for: the ids and texts of a unit's cells, the names of its answers\n"
        f"  found: {counts or 'nothing of any unit'}\n"
        f"  if you know the unit: {command}"
    )
