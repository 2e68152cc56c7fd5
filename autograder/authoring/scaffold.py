"""`autograder new-unit` and `autograder new-question`: what they make, and what they refuse."""

import ast
import os
from importlib.resources import files
from pathlib import Path
from string import Template

import nbformat
from nbformat.v4 import new_notebook

from autograder.authoring.cells import POINTS, cells_of
from autograder.authoring.names import refuse_bad_name
from autograder.course import Course, CourseError, Unit, notebook_file
from autograder.engine.cells import question_points
from autograder.engine.reading.names import names_bound, names_in
from autograder.imports import PROJECT

EXAMPLE = "double"  # the question that a new unit begins with
MINUTES = 15
MODULES = {  # template: the folder of its modules
    "checks": "coursekit/checks",
    "hidden": "autograder/hidden",
    "mistakes": "autograder/mistakes",
}
CORE = "from coursekit.checks.core import "
FROM_CORE = {name: CORE + name for name in ("call", "expect_array")}
NEEDED = {  # template: {what a question's part of the module uses: the line that gives it}
    "checks": FROM_CORE | {"visible": f"{CORE}visible", "MESSAGES": "MESSAGES = Messages()"},
    "hidden": FROM_CORE
    | {
        "BANK": "from autograder.mistakes.{topic} import BANK",
        "generator": "from autograder.engine.seeds import generator",
    },
    "mistakes": {
        "BANK": "BANK = Bank(typical=[])",
        "MESSAGES": "from coursekit.checks.{topic} import MESSAGES",
    },
}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
EXERCISE = "### Exercise"


def new_unit(course: Course, topic: str) -> Unit:
    """Make the next unit: a notebook with one exercise, its check, hidden test and mistake.

    Raises `CourseError`, before anything is written, for a name that can't be or is taken.
    """
    refuse_bad_name(topic, "a unit")
    modules = _modules(course, topic)
    _refuse_taken_topic(course, topic, modules)
    folder = course.notebooks / f"{_next_number(course):02}_{topic}"
    unit = Unit(folder.name, topic, folder / notebook_file(topic))
    words = _words(unit) | {"points": POINTS, "name": EXAMPLE, "exercise": 1}
    texts = {path: _both(kind, words) for kind, path in modules.items()}
    cells = cells_of(_both("unit", words))
    _write(texts | {unit.source: _written(new_notebook(metadata=METADATA, cells=cells))})
    return unit


def new_question(course: Course, unit: Unit, name: str) -> None:
    """Put a question at the end of a unit's notebook and of its three modules.

    Raises `CourseError`, before anything is written, for a name that can't be or is taken, and
    where a module lacks what the question's part of it uses.
    """
    refuse_bad_name(name, "a question")
    notebook = _read(unit.source)
    _refuse_taken_name(course, notebook, name, unit.source)
    number = sum(cell.source.startswith(EXERCISE) for cell in notebook.cells) + 1
    words, texts = {"topic": unit.topic, "name": name, "exercise": number}, {}
    for kind, path in _modules(course, unit.topic).items():
        text = _text(path)
        _refuse_to_extend(course, path, text, name, NEEDED[kind], unit.topic)
        texts[path] = text.rstrip("\n") + "\n" + _filled(f"{kind}_question", words)
    notebook.cells += cells_of(_filled("unit_question", words))
    _write(texts | {unit.source: _written(notebook)})


def told(course: Course, unit: Unit, template: str) -> str:
    """What was written and what comes next, in words; `template`: 'unit_next', 'question_next'."""
    paths = [unit.source, *_modules(course, unit.topic).values()]
    points = sum(question_points(_read(unit.source)).values())
    words = _words(unit) | {"points": f"{points:g}"}
    lines = [f"wrote {path.relative_to(course.root)}" for path in paths]
    return "\n".join([*lines, _filled(template, words)]).rstrip()


# --- what is refused -----------------------------------------------------------------------


def refuse_another_clone(course: Course) -> None:
    """Raise `CourseError` where the command is that of another folder than the course's."""
    if course.root != PROJECT.resolve():
        raise CourseError(
            f"this command belongs to {PROJECT}, the course is in {course.root}\n"
            "  units are written in a clone of the project, with the command of its own .venv/bin"
        )


def _refuse_taken_topic(course, topic, modules):
    for folder in sorted(course.notebooks.glob(f"[0-9][0-9]_{topic}")):
        raise CourseError(
            f"there is a unit {topic!r} already, in {folder.relative_to(course.root)}\n"
            f"  choose another name, or add to it: `autograder new-question {topic} NAME`"
        )
    for path in filter(Path.exists, modules.values()):
        raise CourseError(
            f"{path.relative_to(course.root)} is there already, so nothing was written\n"
            "  choose another name for the unit, or move that file away"
        )


def _refuse_taken_name(course, notebook, name, source):
    """A name that the notebook has for something else would hide it, or be hidden."""
    ids = {name, f"solution_{name}", f"check_{name}", f"exercise_{name}"}
    for cell in notebook.cells:
        ours = {cell.get("id"), cell.metadata.get("nbgrader", {}).get("grade_id")} & ids
        bound = cell.cell_type == "code" and name in names_bound(cell.source)
        if ours or bound:
            raise CourseError(
                f"{name!r} is taken: cell {cell.get('id')!r} of "
                f"{source.relative_to(course.root)} has this name\n  choose another"
            )


def _refuse_to_extend(course, path, text, name, needed, topic):
    """A module that has the name already, or lacks a name that the new part of it uses."""
    shown, bound = path.relative_to(course.root), set(names_in(_parsed(path, text)))
    for taken in (name, f"{name}_squared"):
        if taken in bound:
            raise CourseError(f"{taken!r} is taken: {shown} has it already\n  choose another name")
    for lacking in sorted(needed.keys() - bound):
        line = needed[lacking].format(topic=topic)
        raise CourseError(
            f"{shown} has no {lacking!r}, which the new question uses\n"
            f"  put `{line}` at its top and say this again; nothing was written"
        )


def _next_number(course):
    numbers = [int(path.name[:2]) for path in course.notebooks.glob("[0-9][0-9]_*")]
    number = max(numbers, default=0) + 1
    if number > 99:
        raise CourseError("unit 99 is the last: a unit's folder begins with two digits")
    return number


# --- texts and files -----------------------------------------------------------------------


def _modules(course, topic):
    """{template: path} of a unit's modules; the course has to be a clone of the project."""
    for folder in MODULES.values():
        if not (course.root / folder).is_dir():
            raise CourseError(
                f"{course.root} has no folder {folder}\n"
                "  units are written in a clone of the project, where `make setup` was run"
            )
    return {kind: course.root / folder / f"{topic}.py" for kind, folder in MODULES.items()}


def _words(unit):
    """What templates may say of a unit."""
    spoken, number = unit.topic.replace("_", " "), unit.assignment[:2]
    names = {"topic": unit.topic, "assignment": unit.assignment, "spoken": spoken}
    names |= {"title": spoken.capitalize(), "minutes": MINUTES}
    return names | {"number": number, "first": number.lstrip("0")}


def _both(kind, words):
    """The text of a new file with its first question."""
    return _filled(f"{kind}_begin", words) + _filled(f"{kind}_question", words)


def _filled(template, words):
    text = files(__package__).joinpath(f"templates/{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _text(path):
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}") from error


def _parsed(path, text):
    try:
        return ast.parse(text)
    except SyntaxError as error:
        where = f"{path}, line {error.lineno}"
        raise CourseError(f"{where}: {error.msg}; put that right first") from error


def _read(path):
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} can't be read as a notebook: {error}") from error


def _written(notebook):
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook) + "\n"


def _write(texts):
    """Write {path: text}, each file in one step; the notebook comes last, for it makes the unit."""
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.write_text(text, encoding="utf-8", newline="\n")
        os.replace(draft, path)
