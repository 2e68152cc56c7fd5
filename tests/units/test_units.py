"""What every unit promises: style, structure, and hidden tests proved by the bank."""

import re
import subprocess
import sys

import nbformat
import pytest
from support.course import COURSE
from support.units import (
    grade_cells,
    grade_in_process,
    hidden_of,
    names_taken,
    namespace,
    visible_of,
)

from autograder.engine.seeds import generator, seeded
from autograder.report.rows import questions
from autograder.submissions import answer_name, bank_of, released, solutions

SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)


def source_cells(unit):
    return nbformat.read(unit.source, as_version=4).cells


def words(text):
    text = re.sub(r"### BEGIN MARK SCHEME.*?### END MARK SCHEME", "", text, flags=re.DOTALL)
    return re.sub(r"!\[.*?\]\([^)]*\)|<[^>]*>|\$[^$]*\$", " ", text).split()


def code_lines(cell):
    lines = SOLUTION.sub("", cell.source).splitlines()
    return [line for line in lines if line.strip()]


# --- structure -----------------------------------------------------------------------------


def test_source_is_stored_without_outputs(unit):
    for cell in source_cells(unit):
        assert not cell.get("outputs"), cell.id
        assert not cell.get("execution_count"), cell.id


def test_unit_folder_holds_only_the_notebook(unit):
    # nbgrader would copy every other file into the release and each feedback folder.
    files = [path for path in unit.source.parent.iterdir() if path.name != ".ipynb_checkpoints"]
    assert files == [unit.source]


def test_cells_have_the_size_of_one_idea(unit):
    code = [len(code_lines(c)) for c in source_cells(unit) if c.cell_type == "code"]
    assert max(code) <= 30
    assert sorted(code)[len(code) // 2] <= 8
    assert sum(length <= 15 for length in code) >= 0.9 * len(code)
    for cell in source_cells(unit):
        if cell.cell_type == "markdown":
            assert len(words(cell.source)) <= 150, cell.id


def test_every_picture_has_an_alt_text_and_exists(unit):
    for cell in source_cells(unit):
        if cell.cell_type == "markdown":
            for alt, path in re.findall(r"!\[(.*?)\]\(([^)]*)\)", cell.source):
                assert len(alt.split()) >= 5, (cell.id, path)
                assert (unit.source.parent / path).is_file(), path


def test_every_exercise_is_a_quartet(unit):
    """Statement, solution cell, visible check, grade cell, in this order."""
    cells = source_cells(unit)
    for position, cell in enumerate(cells):
        details = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and details.get("solution"):
            name = answer_name(details["grade_id"])
            check = rf"checks\.{name}\({name}(, \w+)*\)"
            assert re.fullmatch(check, cells[position + 1].source), name
            assert cells[position + 2].metadata["nbgrader"]["grade"]
            before = [c.source for c in cells[:position] if c.cell_type == "markdown"]
            assert "### Exercise" in before[-1], name
            assert "Worked case" in before[-1], name
            assert "<details>" in before[-1], name


def test_grade_cells_call_the_visible_and_the_hidden_test_of_their_name(unit):
    for cell in grade_cells(unit):
        question = cell.metadata["nbgrader"]["grade_id"]
        for module in ("checks", "hidden"):
            pattern = rf"^{module}\.{question}\(\w+(, \w+)*\)$"
            assert re.search(pattern, cell.source, re.MULTILINE), (module, question)
        assert callable(getattr(hidden_of(unit), question))
        assert callable(getattr(visible_of(unit), question))


def test_written_answers_come_after_a_locked_statement_with_a_mark_scheme(unit):
    cells = source_cells(unit)
    for position, cell in enumerate(cells):
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade"):
            statement = cells[position - 1]
            assert "### BEGIN MARK SCHEME" in statement.source
            assert statement.metadata["nbgrader"]["locked"]


def test_points_of_the_title_are_the_points_of_the_grade_cells(unit):
    total = sum(questions(COURSE, unit).values())
    opening = " ".join(cell.source for cell in source_cells(unit)[:2])
    assert f"{total:g} points" in opening


def test_setup_of_a_notebook_does_not_wait_for_matplotlib(unit):
    # Grading runs the setup cell of every submission and draws nothing.
    setup = next(cell.source for cell in source_cells(unit) if cell.id == "setup")
    code = f"{setup}\nimport sys\nassert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the hidden tests, proved --------------------------------------------------------------


SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 5))]


@pytest.mark.parametrize("seed", SEEDS)
def test_solution_gets_full_marks_on_any_seed(unit, seed):
    with seeded(seed):
        lost, messages = grade_in_process(unit, namespace(unit))
    assert not lost, messages


def test_untouched_stub_gets_zero_and_is_told_so(unit):
    stub = {
        answer_name(cell.metadata["nbgrader"]["grade_id"]): cell.source
        for cell in released(COURSE, unit).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    lost, messages = grade_in_process(unit, namespace(unit, **stub))
    assert set(lost) == {cell.metadata["nbgrader"]["grade_id"] for cell in grade_cells(unit)}
    assert all(message.endswith("not attempted yet") for message in messages)


def test_every_mistake_loses_its_questions_and_is_named(unit):
    """In process; `test_mistakes.py` hands them to a sandboxed kernel."""
    names, answers = namespace(unit), solutions(unit)
    for mistake in bank_of(unit):
        exec(compile(mistake.cell(), mistake.name, "exec"), names)
        with seeded(1):
            lost, messages = grade_in_process(unit, names, concerned(unit, mistake))
        assert set(lost) == set(mistake.loses), mistake.name
        assert any(f"Looks like: {mistake.message}" in told for told in messages), mistake.name
        exec(compile(answers[mistake.answer], mistake.answer, "exec"), names)


def concerned(unit, mistake):
    """The grade cells that take the mistaken answer, or are to be lost by it."""
    return [
        cell
        for cell in grade_cells(unit)
        if mistake.answer in names_taken(cell)
        or cell.metadata["nbgrader"]["grade_id"] in mistake.loses
    ]


def test_mistakes_have_messages_of_their_own(unit):
    bank = bank_of(unit)
    for answer in {mistake.answer for mistake in bank}:
        told = [mistake.message for mistake in bank if mistake.answer == answer]
        assert len(set(told)) == len(told), answer


def test_every_graded_answer_has_a_mistake(unit):
    lost = {question for mistake in bank_of(unit) for question in mistake.loses}
    assert lost == {cell.metadata["nbgrader"]["grade_id"] for cell in grade_cells(unit)}


def test_inputs_of_hidden_tests_change_with_the_seed():
    def draw(seed, question):
        with seeded(seed):
            return generator(question).random()

    assert draw(1, "a") == draw(1, "a")
    assert len({draw(seed, question) for seed in (0, 1, 2) for question in "ab"}) == 6
    assert generator("a").random() != generator("a").random()
