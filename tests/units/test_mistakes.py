"""Every known mistake through the engine: a real sandboxed kernel, stand-ins, the judge.

The first tier tries one for each question; `test_units.py` judges all of them in process.

Judged are the questions that take the mistaken answer, or another answer that uses its name;
nothing else can lose by it. That messages reach the feedback page is shown on the sample class in
`test_grading.py`.
"""

import ast
import copy
import functools

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.utils import determine_grade, is_grade
from support.course import UNITS
from support.patience import PATIENT
from support.samples import chosen, one_for_each_question
from support.units import cost, names_taken

from autograder.engine.run import NotebookRun
from autograder.engine.walls.warm import preloaded
from autograder.mistakes import Bank, edited
from autograder.release.recorded import released_unit
from autograder.submissions import bank_of, fill, solutions

SAMPLE = {unit: one_for_each_question(unit) for unit in UNITS}
MISTAKES = [
    pytest.param(
        unit,
        mistake,
        marks=() if mistake.name in SAMPLE[unit] else pytest.mark.thorough,
        id=f"{unit.topic}-{mistake.name}",
    )
    for unit in UNITS
    for mistake in bank_of(unit)
]


def affected(answers, name):
    """The answers that a change of one can change: itself, and those that use an affected one."""
    uses = {
        answer: {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        for answer, source in answers.items()
    }
    found = {name}
    while more := {answer for answer in uses if uses[answer] & found} - found:
        found |= more
    return found


def judged_again(cells, mistake, answers):
    """Copies of the grade cells that one mistake can change."""
    copies, names = [], affected(answers, mistake.answer)
    for cell in cells:
        question = cell.metadata.nbgrader.grade_id
        if names & set(names_taken(cell)) or question in mistake.loses:
            copies.append(copy.deepcopy(cell))
            copies[-1].id = f"{mistake.name}-{question}"
    return copies


def one_after_the_other(unit, released, mistakes):
    """A right notebook, then for each mistake: it, its grade cells, the right answer again.

    Returns the notebook and {mistake: its grade cells}.
    """
    answers, judged = solutions(unit), {}
    nb = fill(released.notebook, answers)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    grades = [cell for cell in code if is_grade(cell)]
    nb.cells = [cell for cell in code if not is_grade(cell)]
    sources = {name: answers[name] for cell in grades for name in names_taken(cell)}
    for mistake in mistakes:
        judged[mistake.name] = judged_again(grades, mistake, sources)
        nb.cells += [new_code_cell(mistake.cell()), *judged[mistake.name]]
        nb.cells += [new_code_cell(answers[mistake.answer])]
    return nb, judged


def lost_and_told(cells):
    """({question: points lost}, all that the outputs of these cells say)."""
    lost, told = {}, ""
    for cell in cells:
        score, points = determine_grade(cell)
        if score != points:
            lost[cell.metadata.nbgrader.grade_id] = points - score
        told += "".join("\n".join(one.get("traceback", [])) for one in cell.outputs)
    return lost, told


@pytest.fixture(scope="session")
def graded_mistakes(released_course, request):
    """For a unit: {mistake: (points lost, what the student is told)}, all from one kernel."""

    @functools.cache
    def of(unit):
        released = released_unit(released_course, unit)
        mistakes = chosen(request.session, "mistake", unit=unit)
        nb, judged = one_after_the_other(unit, released, mistakes)
        preload = preloaded(released.imports)
        settings = released.settings(PATIENT, preload)
        run = NotebookRun(nb, released, settings, seed=1)
        run.run()
        assert run.notes == []
        return {name: lost_and_told(cells) for name, cells in judged.items()}

    return of


def doubled(numbers):
    """Twice each number."""
    found = []
    for number in numbers:
        found.append(2 * number)
    return found


def test_edited_copy_does_what_its_text_says_and_leaves_the_right_one():
    @edited(doubled, delete="2 * ", replace={"    return": "        return"})
    def first_alone(): ...

    bank = Bank(typical=[])
    bank.mistake("doubled", "wrong.")(first_alone)
    (mistake,) = bank
    names = {}
    exec(mistake.cell(), names)
    assert names["doubled"]([3, 4]) == mistake.function([3, 4]) == [3]
    assert mistake.name == names["doubled"].__name__ == "first_alone"
    assert mistake.loses == ("doubled",)
    assert doubled([3, 4]) == [6, 8]


@pytest.mark.parametrize(
    "edit",
    [{"delete": "3 * "}, {"delete": "number"}, {"replace": {"2 * ": "3 * ", "2 * n": "n"}}],
    ids=["not there", "several times", "gone by then"],
)
def test_edit_whose_text_is_not_there_once_is_refused(edit):
    with pytest.raises(ValueError, match="never_made: not exactly once"):

        @edited(doubled, **edit)
        def never_made(): ...


@pytest.mark.parametrize(("unit", "mistake"), MISTAKES)
def test_mistake_in_the_sandbox_loses_its_points_and_is_named(graded_mistakes, unit, mistake):
    lost, told = graded_mistakes(unit)[mistake.name]
    assert lost == cost(unit, mistake)
    assert f"Looks like: {mistake.message}" in told
