"""A class to try the grading on: right, wrong, damaged and broken submissions."""

import inspect
import shutil

import nbformat

from autograder.release.recorded import ensure_released
from autograder.submissions import bank_of, fill, released, solutions, without_metadata

PREFIX = "sample_"

NEVER_ENDS = "def {name}(*arguments):\n    while True:\n        pass\n"


def make_sample_class(course, unit):
    """Write the class to submitted/ and return the students' names, sorted."""
    ensure_released(course, unit)
    for old in course.folder("submitted").glob(f"{PREFIX}*/{unit.assignment}"):
        shutil.rmtree(old)
    texts = sample_submissions(course, unit)
    for name, text in texts.items():
        folder = course.folder("submitted") / f"{PREFIX}{name}" / unit.assignment
        folder.mkdir(parents=True)
        (folder / unit.file).write_text(text, encoding="utf-8")
    return sorted(PREFIX + name for name in texts)


def sample_submissions(course, unit):
    """{name: text of the notebook file}."""
    stub = released(course, unit)
    answers = solutions(unit)
    bank = bank_of(unit)
    texts = {
        "full_solution": fill(stub, answers),
        "untouched_stub": stub,
        "metadata_lost": without_metadata(fill(stub, answers)),
    }
    if function := last_function(bank, answers):
        never_ends = answers | {function: NEVER_ENDS.format(name=function)}
        texts["never_ends"] = fill(stub, never_ends)
    for mistake in bank:
        if mistake.name in bank.typical:
            texts[mistake.name] = fill(stub, answers | {mistake.answer: mistake.cell()})
    texts = {name: nbformat.writes(nb) for name, nb in texts.items()}
    return texts | {"unreadable_file": texts["full_solution"][:5000]}


def last_function(bank, answers):
    """The last answer of a notebook that is a function: no other answer is built on it.

    None where all answers are values or classes.
    """
    functions = {mistake.answer for mistake in bank if inspect.isfunction(mistake.function)}
    functions -= {mistake.answer for mistake in bank if mistake.is_value}
    return next((answer for answer in reversed(answers) if answer in functions), None)
