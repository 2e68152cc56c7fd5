"""Whatever happened to a notebook on its way, the answers in it get back to their places."""

import copy
import json
import tempfile
from functools import cache
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.utils import compute_checksum
from support.course import COURSE, UNITS
from support.units import grade_cells, grade_in_process, hidden_of

from autograder.engine.cells import is_exploration
from autograder.engine.reading.inert import inert_markdown
from autograder.engine.reading.intake import MAX_CELL, Submission, SubmittedCell, read_submission
from autograder.engine.reading.names import names_bound
from autograder.engine.reading.repair import ANSWERED_ELSEWHERE, repair
from autograder.submissions import answer_name, fill, released, solutions
from coursekit.checks.core import CheckFailed

UNIT = UNITS[0]
WRONG = "{name} = 'an older try'"


def details(cell):
    return cell.metadata.get("nbgrader", {})


def is_answer(cell):
    return bool(details(cell).get("solution"))


@cache
def release_of(unit):
    """The release as the engine has it: with the hidden tests in its grade cells."""
    nb = released(COURSE, unit)
    source = nbformat.read(unit.source, as_version=4)
    locked = {d["grade_id"]: c.source for c in source.cells if (d := details(c)).get("locked")}
    for cell in nb.cells:
        cell.source = locked.get(details(cell).get("grade_id"), cell.source)
    return nb


@cache
def students_version(unit):
    return released(COURSE, unit)


@cache
def solutions_of(unit):
    return solutions(unit)


def full(unit):
    """A copy of what a good student hands in."""
    return fill(students_version(unit), solutions_of(unit))


def answers_in(nb):
    return [cell for cell in nb.cells if is_answer(cell)]


def code_answers(nb):
    return [cell for cell in answers_in(nb) if cell.cell_type == "code"]


def functions(nb):
    """The answers that are functions of more than three lines."""
    cells = [cell for cell in code_answers(nb) if cell.source.startswith("def ")]
    return [cell for cell in cells if len(cell.source.splitlines()) > 3]


def find(nb, cell_id):
    return next(cell for cell in nb.cells if cell.id == cell_id)


def insert(nb, where, *cells, after=False):
    position = [cell.id for cell in nb.cells].index(where.id) + after
    nb.cells[position:position] = cells


def copy_of(cell, source, labelled=True):
    """A cell pasted by the editor: a new id; nbgrader's metadata goes along."""
    pasted = copy.deepcopy(cell)
    pasted.source, pasted.id = source, f"{cell.id}-pasted"
    if not labelled:
        pasted.metadata.pop("nbgrader", None)
    return pasted


def handed_in(nb):
    """The submission that a notebook makes as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.ipynb"
        path.write_text(json.dumps(nb), encoding="utf-8")
        return read_submission(path)


def repaired(nb, unit=UNIT):
    """(repaired notebook, repairs) of a notebook; checks what always holds."""
    made, repairs = repair(handed_in(nb), release_of(unit))
    nbformat.validate(made)
    assert_is_the_release(made, unit)
    assert_are_sentences(repairs)
    return made, repairs


def assert_is_the_release(made, unit):
    """Exactly the release's cells in order, with nothing but answers and own cells added."""
    release = release_of(unit)
    assert made.metadata == release.metadata
    ids = [cell.id for cell in release.cells]
    assert [cell.id for cell in made.cells if cell.id in ids] == ids
    own = [cell for cell in made.cells if cell.id not in ids]
    assert [cell.id for cell in own] == [f"own-{number}" for number in range(1, len(own) + 1)]
    assert all(cell.metadata == {} and cell.cell_type in ("code", "markdown") for cell in own)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in made.cells)
    for cell in release.cells:
        restored = find(made, cell.id)
        assert (restored.cell_type, restored.metadata) == (cell.cell_type, cell.metadata)
        assert is_answer(cell) or restored.source == cell.source


def assert_are_sentences(repairs):
    assert len(set(repairs)) == len(repairs)
    for text in repairs:
        assert 0 < len(text) < 300
        assert "\n" not in text


def sources(nb):
    return {cell.id: cell.source for cell in nb.cells if is_answer(cell)}


def own_cells(nb):
    return [cell for cell in nb.cells if cell.id.startswith("own-")]


def lost_points(nb, unit=UNIT):
    """{question: points} that the code cells lose, run and judged from top to bottom."""
    return _lost_points(tuple(cell.source for cell in nb.cells if is_run(cell)), unit)


def is_run(cell):
    """What doesn't only show, check or install something."""
    shown = is_exploration(cell) or cell.source.startswith("checks.")
    return cell.cell_type == "code" and cell.id != "coursekit" and not shown


@cache
def _lost_points(code, unit):
    names, lost = {}, {}
    tests = {cell.source: details(cell) for cell in grade_cells(unit)}
    for source in code:
        try:
            if source not in tests:
                exec(compile(source, "cell", "exec"), names)
                continue
            call = next(line for line in source.splitlines() if line.startswith("hidden."))
            exec(call, {**names, "hidden": hidden_of(unit)})
        except (CheckFailed, NameError):
            if source in tests:
                lost[tests[source]["grade_id"]] = tests[source]["points"]
    at_the_end, _ = grade_in_process(unit, names) if not lost else ({}, [])
    return lost | at_the_end


# --- what needs no repair ------------------------------------------------------------------


def test_right_notebook_keeps_its_answers_and_gets_all_points(unit):
    made, repairs = repaired(full(unit), unit)
    assert repairs == []
    assert sources(made) == sources(full(unit))
    assert own_cells(made) == []
    assert lost_points(made, unit) == {}


def test_untouched_notebook_stays_the_stub(unit):
    made, repairs = repaired(released(COURSE, unit), unit)
    assert repairs == []
    assert made == release_of(unit)
    assert lost_points(made, unit)


def test_what_front_ends_save_along_is_no_repair():
    nb = full(UNIT)
    nb.metadata = {"kernelspec": {"name": "conda-env", "display_name": "x"}, "widgets": {"a": {}}}
    nb.nbformat_minor = 4
    for cell in nb.cells:
        del cell["id"]
        cell.metadata |= {"collapsed": True, "ExecuteTime": {}, "tags": ["skip-execution"]}
        cell.source += "\n"
        if cell.cell_type == "code":
            cell.execution_count = 7
            cell.outputs = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    made, repairs = repaired(nb)
    assert repairs == []
    assert {key: text.strip() for key, text in sources(made).items()} == sources(full(UNIT))


def test_own_cells_are_no_repair_and_stay_where_they_were():
    nb = full(UNIT)
    first, second = answers_in(nb)[1:3]
    insert(nb, first, new_code_cell("before = 1"))
    insert(nb, first, new_markdown_cell("a <b>note</b>"), new_raw_cell("raw text"), after=True)
    insert(nb, second, new_code_cell("between = 2", metadata={"tags": ["x"]}))
    nb.cells.insert(0, new_code_cell("at_the_top = 3"))
    nb.cells += [new_code_cell("at_the_end = 4"), new_code_cell(" ")]
    made, repairs = repaired(nb)
    assert repairs == []
    order = [cell.source if cell.id.startswith("own-") else cell.id for cell in made.cells]
    position = order.index(first.id)
    assert order[position - 1] == "before = 1"
    assert order[position + 1 : position + 3] == [inert_markdown("a <b>note</b>"), "raw text"]
    assert order[order.index(second.id) - 1] == "between = 2"
    assert order[0] == "at_the_top = 3"
    assert order[-1] == "at_the_end = 4"
    assert [cell.cell_type for cell in own_cells(made)].count("markdown") == 2


def test_pasted_copies_of_the_release_vanish_without_a_word():
    nb = full(UNIT)
    for cell_id in ("coursekit", "conv1d", "title"):
        cell = find(nb, cell_id)
        nb.cells.insert(0, copy_of(cell, cell.source, labelled=False))
    made, repairs = repaired(nb)
    assert repairs == []
    assert own_cells(made) == []


# --- what is put right ---------------------------------------------------------------------

DAMAGES = {}


def damage(function):
    DAMAGES[function.__name__] = function
    return function


@damage
def nbgrader_metadata_stripped(nb):
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)


@damage
def nbgrader_metadata_and_ids_stripped(nb):
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)
        del cell["id"]
    nb.nbformat_minor = 4


@damage
def all_metadata_stripped(nb):
    for cell in nb.cells:
        cell.metadata = {}


@damage
def some_metadata_stripped(nb):
    for cell in answers_in(nb)[::2]:
        cell.metadata = {}
        cell.id = f"new-{cell.id}"


@damage
def grade_and_check_cells_deleted(nb):
    nb.cells = [
        c for c in nb.cells if not details(c).get("locked") and not c.source.startswith("checks.")
    ]


@damage
def all_but_the_answers_deleted(nb):
    nb.cells = answers_in(nb)


@damage
def older_tries_left_as_copies(nb):
    for cell in code_answers(nb):
        wrong = WRONG.format(name=answer_name(details(cell)["grade_id"]))
        insert(nb, cell, copy_of(cell, wrong))


@damage
def stubs_left_as_copies(nb):
    for cell in code_answers(nb):
        stub = find(release_of(UNIT), cell.id)
        insert(nb, cell, copy_of(cell, stub.source), after=True)


@damage
def copies_without_metadata_were_filled_in(nb):
    for cell in code_answers(nb):
        stub = find(release_of(UNIT), cell.id)
        insert(nb, cell, copy_of(cell, cell.source, labelled=False))
        cell.source = stub.source


@damage
def answers_came_as_markdown(nb):
    for cell in code_answers(nb):
        cell.cell_type = "markdown"


@damage
def all_cells_came_as_raw_text(nb):
    for cell in nb.cells:
        cell.cell_type = "raw"


@damage
def all_cells_came_as_code(nb):
    for cell in nb.cells:
        cell.cell_type = "code"


@damage
def cells_reversed(nb):
    nb.cells.reverse()


@damage
def cells_in_any_order(nb):
    nb.cells = [nb.cells[n * 37 % len(nb.cells)] for n in range(len(nb.cells))]
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)


@damage
def cells_in_any_order_without_metadata(nb):
    cells_in_any_order(nb)
    for cell in nb.cells:
        cell.metadata = {}


@damage
def answers_moved_to_the_end_with_their_helpers(nb):
    cells = code_answers(nb)
    nb.cells = [cell for cell in nb.cells if cell not in cells]
    for number, cell in enumerate(cells):
        nb.cells += [new_code_cell(f"helper_{number} = {number}"), cell]
        cell.source += f"\nhelper_{number}"


def split(nb, cells, first_part, labelled):
    """Cut cells in two; `labelled` are the numbers of the pieces that keep the labels."""
    for cell in cells:
        first, second = first_part(cell.source), cell.source[len(first_part(cell.source)) :]
        piece = copy_of(cell, first.rstrip("\n"), labelled=0 in labelled)
        insert(nb, cell, piece)
        cell.source = second
        if 1 not in labelled:
            cell.metadata.pop("nbgrader")
            cell.id, piece.id = f"{cell.id}-piece", cell.id


def upper_half(source):
    lines = source.splitlines(keepends=True)
    return "".join(lines[: len(lines) // 2])


@damage
def functions_cut_in_the_middle(nb):
    split(nb, functions(nb), upper_half, labelled=[0, 1])


@damage
def functions_cut_with_the_upper_half_labelled(nb):
    split(nb, functions(nb), upper_half, labelled=[0])


@damage
def functions_cut_with_the_lower_half_labelled(nb):
    split(nb, functions(nb), upper_half, labelled=[1])


@damage
def functions_cut_without_any_metadata(nb):
    split(nb, functions(nb), upper_half, labelled=[0])
    for cell in nb.cells:
        cell.metadata = {}
        cell.pop("id")


def helper_first(labelled):
    def cut(nb):
        for number, cell in enumerate(code_answers(nb)):
            helper = copy_of(cell, f"def helper_{number}():\n    pass", labelled=0 in labelled)
            insert(nb, cell, helper)
            if 1 not in labelled:
                cell.metadata.pop("nbgrader")
                cell.id, helper.id = f"{cell.id}-rest", cell.id

    return cut


DAMAGES["helper_split_off_with_the_grade_id_on_both"] = helper_first([0, 1])
DAMAGES["helper_split_off_with_the_grade_id_on_the_helper"] = helper_first([0])


@damage
def grade_ids_renamed(nb):
    for number, cell in enumerate(nb.cells):
        if details(cell):
            cell.metadata.nbgrader.grade_id = f"cell-{number}"
            cell.id = f"cell-{number}"


@damage
def labels_swapped_between_answers(nb):
    cells = answers_in(nb)
    labels = [(cell.metadata, cell.id) for cell in cells]
    for cell, (metadata, cell_id) in zip(cells, labels[1:] + labels[:1], strict=True):
        cell.metadata, cell.id = metadata, cell_id


@damage
def labels_swapped_between_answers_and_their_tests(nb):
    for cell in code_answers(nb):
        test = next(c for c in nb.cells if c.id == answer_name(cell.id) or c.id == "conv2d_values")
        cell.metadata, test.metadata = test.metadata, cell.metadata
        cell.id, test.id = test.id, cell.id


def without_repairs(function):
    """A damage that nothing has to be said about."""
    function.silent = True
    return damage(function)


@without_repairs
def flags_altered(nb):
    for cell in nb.cells:
        if details(cell):
            cell.metadata.nbgrader |= {"grade": True, "solution": True, "points": 99}
            cell.metadata.nbgrader |= {"locked": False, "schema_version": 99, "task": True}


DAMAGES["helper_split_off_with_the_grade_id_on_the_rest"] = without_repairs(helper_first([1]))


@without_repairs
def format_3(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.input = cell.pop("source")
        cell.pop("id")
    nb.worksheets = [{"cells": nb.pop("cells")}]
    nb.nbformat, nb.nbformat_minor = 3, 0


@pytest.mark.parametrize("name", DAMAGES)
def test_right_answers_survive_damage(name):
    nb = full(UNIT)
    DAMAGES[name](nb)
    made, repairs = repaired(nb)
    expected = sources(full(UNIT))
    if "helpers" in name:
        made_answers = {key: text.partition("\nhelper_")[0] for key, text in sources(made).items()}
    else:
        made_answers = sources(made)
    assert made_answers == expected
    assert lost_points(made) == {}
    assert bool(repairs) != hasattr(DAMAGES[name], "silent")


SENTENCES = {
    "all_metadata_stripped": "nbgrader metadata was missing from all cells; recognised by",
    "some_metadata_stripped": "nbgrader metadata was missing from solution_",
    "grade_and_check_cells_deleted": "deleted cells: coursekit, check_",
    "older_tries_left_as_copies": "several cells carried the grade id of solution_",
    "stubs_left_as_copies": "left out untouched copies of solution_",
    "answers_came_as_markdown": "cells solution_",
    "cells_reversed": "cells stood in another order",
    "functions_cut_in_the_middle": "put the pieces of solution_",
    "grade_ids_renamed": "other grade ids stood in coursekit, solution_",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_repairs_are_told(name):
    nb = full(UNIT)
    DAMAGES[name](nb)
    assert SENTENCES[name] in "\n".join(repaired(nb)[1])


def test_few_repairs_name_their_cells():
    nb = full(UNIT)
    nb.cells = [c for c in nb.cells if c.id not in ("check_conv1d", "conv1d")]
    find(nb, "solution_conv2d").cell_type = "markdown"
    assert repaired(nb)[1] == [
        "cell solution_conv2d came as markdown",
        "put back 2 deleted cells: check_conv1d, conv1d",
    ]


# --- merged, missing and misplaced answers -------------------------------------------------


@pytest.mark.parametrize("kept", ["solution_hand_convolved", "solution_hand_pooled"])
@pytest.mark.parametrize("labelled", [True, False])
def test_two_answers_in_one_cell_both_count(kept, labelled):
    nb = full(UNIT)
    first, second = "solution_hand_convolved", "solution_hand_pooled"
    merged = f"{find(nb, first).source}\n\n{find(nb, second).source}"
    find(nb, kept).source = merged
    nb.cells.remove(find(nb, second if kept == first else first))
    if not labelled:
        find(nb, kept).metadata = {}
        find(nb, kept).id = "merged"
    made, repairs = repaired(nb)
    assert find(made, first).source == merged
    assert find(made, second).source == ANSWERED_ELSEWHERE
    assert lost_points(made) == {}
    assert f"{second} is answered in another answer's cell" in repairs


def test_untouched_stub_does_not_overwrite_an_answer_above_it():
    nb = full(UNIT)
    first, second = (find(nb, f"solution_hand_{name}") for name in ("convolved", "pooled"))
    first.source += f"\n\n{second.source}"
    second.source = find(release_of(UNIT), second.id).source
    made, _ = repaired(nb)
    assert find(made, second.id).source == ANSWERED_ELSEWHERE
    assert lost_points(made) == {}


def test_code_quoted_in_a_written_answer_is_no_answer():
    nb = full(UNIT)
    find(nb, "line_kernels").source = "def conv2d(a):\n    return a"
    nb.cells.remove(find(nb, "solution_conv2d"))
    made, _ = repaired(nb)
    assert find(made, "solution_conv2d").source == find(release_of(UNIT), "solution_conv2d").source
    assert find(made, "line_kernels").source == find(nb, "line_kernels").source


def test_deleted_answer_comes_back_as_the_stub_and_costs_its_points_only():
    nb = full(UNIT)
    nb.cells.remove(find(nb, "solution_conv1d"))
    made, repairs = repaired(nb)
    assert find(made, "solution_conv1d").source == find(release_of(UNIT), "solution_conv1d").source
    assert list(lost_points(made)) == ["conv1d"]
    assert repairs == ["put back 1 deleted cell: solution_conv1d"]


def test_emptied_answer_stays_empty():
    nb = full(UNIT)
    find(nb, "solution_conv1d").source = ""
    made, repairs = repaired(nb)
    assert find(made, "solution_conv1d").source == ""
    assert repairs == []


def test_answer_that_binds_another_name_stays_in_its_cell():
    nb = full(UNIT)
    find(nb, "solution_conv1d").source = "def my_conv(signal, mask):\n    return signal"
    made, repairs = repaired(nb)
    assert sources(made) == sources(nb)
    assert repairs == []


def test_nameless_answer_without_labels_is_found_by_its_position():
    nb = full(UNIT)
    cell = find(nb, "solution_conv1d")
    cell.source, cell.id, cell.metadata = "my_conv = print", "x", {}
    insert(nb, cell, new_code_cell("scratch = 1"))
    made, repairs = repaired(nb)
    assert find(made, "solution_conv1d").source == "my_conv = print"
    assert [cell.source for cell in own_cells(made)] == ["scratch = 1"]
    assert "what counts as solution_conv1d was chosen by its position only" in repairs


def test_of_several_cells_with_the_name_the_one_between_the_neighbours_counts():
    nb = full(UNIT)
    cell = find(nb, "solution_conv1d")
    cell.id, cell.metadata = "x", {}
    nb.cells.append(new_code_cell("conv1d = 'played with'"))
    made, _ = repaired(nb)
    assert find(made, "solution_conv1d").source == cell.source
    assert own_cells(made)[0].source == "conv1d = 'played with'"


def test_written_answer_in_several_cells_is_joined():
    nb = full(UNIT)
    cell = find(nb, "line_kernels")
    insert(nb, cell, new_markdown_cell("First."), new_raw_cell("Second."))
    cell.id, cell.metadata, cell.source = "x", {}, "Third."
    made, _ = repaired(nb)
    assert find(made, "line_kernels").source == "First.\n\nSecond.\n\nThird."
    assert own_cells(made) == []


def test_written_answer_is_made_inert():
    nb = full(UNIT)
    find(nb, "line_kernels").source = "<script>alert(1)</script> **bold**"
    made, repairs = repaired(nb)
    assert find(made, "line_kernels").source == inert_markdown("<script>alert(1)</script> **bold**")
    assert "<script" not in find(made, "line_kernels").source
    assert repairs == []


def test_code_that_came_as_markdown_is_not_made_inert():
    nb = full(UNIT)
    cell = find(nb, "solution_conv1d")
    cell.cell_type, cell.source = "raw", "def conv1d(a, b):\n    return a<b"
    made, _ = repaired(nb)
    assert find(made, "solution_conv1d").source == cell.source


def test_long_cells_are_cut_and_told():
    nb = full(UNIT)
    nb.cells.append(new_code_cell("x" * (MAX_CELL + 5)))
    nb.cells[0].source += "y" * (MAX_CELL + 5)
    made, repairs = repaired(nb)
    assert own_cells(made)[0].source == "x" * MAX_CELL
    assert "1 cell cut after 200,000 characters" in repairs


def test_large_figures_of_the_release_are_no_change():
    nb, release = full(UNIT), copy.deepcopy(release_of(UNIT))
    for one in (nb, release):
        one.cells[0].source += "y" * (MAX_CELL + 5)
    made, repairs = repair(handed_in(nb), release)
    assert repairs == []
    assert made.cells[0] == release.cells[0]


# --- edited cells that are not the student's -----------------------------------------------


def test_edited_lesson_code_is_restored_and_kept_before_it():
    nb = full(UNIT)
    find(nb, "sobel-kernels").source += "\ndef helper():\n    return 3"
    find(nb, "setup").source = "from scipy import signal"
    made, repairs = repaired(nb)
    order = [cell.id for cell in made.cells]
    assert [cell.source for cell in own_cells(made)] == [
        "from scipy import signal",
        find(nb, "sobel-kernels").source,
    ]
    assert order[order.index("setup") - 1] == "own-1"
    assert order[order.index("sobel-kernels") - 1] == "own-2"
    assert len(repairs) == 1
    assert "restored setup, sobel-kernels; the student's version stands before it" in repairs[0]


@pytest.mark.parametrize(
    ("cell_id", "said"),
    [
        ("image-colour", "differed from the release"),
        ("check_conv1d", "differed from the release"),
        ("title", "differed from the release"),
        ("conv1d", "had been changed"),
        ("coursekit", "had been changed"),
    ],
)
def test_other_edited_cells_are_just_restored(cell_id, said):
    nb = full(UNIT)
    find(nb, cell_id).source += "\nprint('edited')"
    made, repairs = repaired(nb)
    assert own_cells(made) == []
    assert repairs == [f"restored {cell_id}, which {said}"]


def test_cell_of_another_release_is_no_change_of_the_students():
    nb = full(UNIT)
    for cell_id in ("conv1d", "exercise_line_kernels"):
        cell = find(nb, cell_id)
        cell.source = f"{cell.source}\nas_it_was = 1"
        cell.metadata.nbgrader.checksum = compute_checksum(cell)
    made, repairs = repaired(nb)
    assert own_cells(made) == []
    assert repairs == ["conv1d, exercise_line_kernels came from another release; this one's counts"]
    assert find(made, "line_kernels").source == find(nb, "line_kernels").source


def test_answer_written_into_a_grade_cell_is_not_lost():
    nb = full(UNIT)
    answer, test = find(nb, "solution_conv1d"), find(nb, "conv1d")
    typed = answer.source
    test.source = f"{typed}\n\n{test.source}"
    answer.source = find(release_of(UNIT), answer.id).source
    made, repairs = repaired(nb)
    assert find(made, answer.id).source == typed
    assert "solution_conv1d was answered in conv1d, which was restored" in repairs


# --- where own cells go --------------------------------------------------------------------


def test_own_cells_before_all_others_stand_before_the_first_answer_and_after_the_setup():
    nb = full(UNIT)
    answers = answers_in(nb)
    setup, kit = find(nb, "setup"), find(nb, "coursekit")
    own = new_code_cell("half = np.array([0.5])")
    nb.cells = [setup, kit, own, answers[2], *answers[3:]]
    made, _ = repaired(nb)
    order = [cell.id for cell in made.cells]
    assert order.index("setup") < order.index("own-1") < order.index(answers[2].id)

    nb.cells = [own, *answers[2:]]
    made, _ = repaired(nb)
    order = [cell.id for cell in made.cells]
    assert order.index("own-1") == order.index(answers[2].id) - 1


def test_helper_goes_along_with_a_moved_answer():
    nb = full(UNIT)
    answer = find(nb, "solution_conv1d")
    nb.cells.remove(answer)
    nb.cells += [new_code_cell("helper = 1"), answer, new_code_cell("tried = conv1d")]
    order = [cell.id for cell in repaired(nb)[0].cells]
    position = order.index("solution_conv1d")
    assert order[position - 1 : position + 2] == ["own-1", "solution_conv1d", "own-2"]


def test_notebook_of_own_cells_only_keeps_them():
    nb = full(UNIT)
    nb.cells = [new_code_cell("a = 1"), new_markdown_cell("b")]
    made, repairs = repaired(nb)
    assert [cell.source for cell in own_cells(made)] == ["a = 1", "b"]
    assert f"put back {len(release_of(UNIT).cells)} deleted cells: title, " in repairs[0]


# --- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def a(x):\n    y = 1", {"a"}),
        ("async def a(): pass\nclass B:\n    c = 1", {"a", "B"}),
        ("a = b = 1\n(c, [d, *e]) = f, g = x", {"a", "b", "c", "d", "e", "f", "g"}),
        ("a: int = 1\nb: int\nc += 1", {"a", "c"}),
        ("import a.b, c as d\nfrom e import f as g, h", {"a", "d", "g", "h"}),
        ("if x:\n    a = 1\nfor b in x:\n    with x as c: pass", {"a", "b", "c"}),
        ("a = [b for b in c]\n(d := 1)\ne.f = 1\ng[0] = 2\nlambda h: (i := 1)", {"a", "d"}),
        # Broken Python:
        ("def a(x):\n    y = 1\n  z = 2", {"a"}),
        ("    def a(x):\n        y = (", {"a"}),
        ("a = 1\n(b, *c) = 2\nd: list[int] = 3\ne += 1\n%magic\n!", {"a", "b", "c", "d", "e"}),
        ("async def a(\nclass B\nfrom c import d as e\nimport f as g", {"a", "B", "e", "g"}),
        ("f(x=1)\na == 1\na <= 1\nprint(a = 1)\n?", set()),
        ("", set()),
    ],
)
def test_names_bound_at_the_top_level_are_found(source, names):
    assert names_bound(source) == names


@pytest.mark.parametrize(
    "source",
    ["a" + ".a" * 9000, "a" + "+a" * 200_000, "(" * 19_000, "a = " + "[" * 199_990, "a" * 200_000]
    + [
        "a" + " " * 199_000 + "!",
        "a," * 99_000 + "!",
        "a\n" * 100_000,
        "\0a = 1",
        "a = '\ud800'",
        "-" * 15_000 + "1",
    ],
)
def test_no_text_is_too_much_for_the_search_for_names(source):
    assert names_bound(source) <= {"a"}


# --- any damage ----------------------------------------------------------------------------

OWN = ["x = 1", "def helper():\n    return 1", "a note", "    indented", "(", "", "conv1d"]


def plain(text):
    """A text without what inert markdown adds."""
    return "".join(text.replace("\u2060", "").split())


def assert_no_work_is_lost(nb, made, unit):
    """Every line of every submitted cell that isn't the release's stands somewhere."""
    theirs = {plain(cell.source) for cell in students_version(unit).cells}
    kept = "\n".join(plain(cell.source) for cell in made.cells)
    for cell in nb.cells:
        if plain(cell.source) not in theirs:
            for line in cell.source.splitlines():
                assert plain(line) in kept


@st.composite
def damaged(draw):
    """A right notebook with random structural damage."""
    nb = full(UNIT)
    steps = ["delete", "duplicate", "retype", "swap", "strip", "rename", "relabel", "split"]
    for step in draw(st.lists(st.sampled_from([*steps, "insert"]), max_size=12)):
        cells = nb.cells
        pool = cells if draw(st.booleans()) else [c for c in cells if is_answer(c)] or cells
        if not pool:
            break
        one, other = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        position = next(n for n, cell in enumerate(cells) if cell is one)
        if step == "delete":
            del cells[position : position + draw(st.integers(1, 30))]
        elif step == "duplicate":
            cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(one))
        elif step == "retype":
            one.cell_type = draw(st.sampled_from(["code", "markdown", "raw"]))
        elif step == "swap":
            there = next(n for n, cell in enumerate(cells) if cell is other)
            cells[position], cells[there] = other, one
        elif step == "strip":
            one.metadata = {}
            one.id = draw(st.sampled_from([one.id, "stripped"]))
        elif step == "rename" and details(one):
            one.metadata.nbgrader.grade_id = draw(st.sampled_from(["renamed", "x\ny", 5]))
        elif step == "relabel" and is_answer(one) and is_answer(other):
            one.metadata, other.metadata = other.metadata, one.metadata
            one.id, other.id = other.id, one.id
        elif step == "split" and is_answer(one):
            cut = draw(st.integers(0, len(one.source.splitlines())))
            lines = one.source.splitlines()
            rest = copy.deepcopy(one)
            one.source, rest.source = "\n".join(lines[:cut]), "\n".join(lines[cut:])
            cells.insert(position + 1, rest)
        elif step == "insert":
            kind = draw(st.sampled_from([new_code_cell, new_markdown_cell, new_raw_cell]))
            cells.insert(position, kind(draw(st.sampled_from(OWN))))
    return nb


@settings(derandomize=True, max_examples=40, deadline=None)
@given(damaged())
def test_any_structural_damage_gives_the_release_and_loses_no_work(nb):
    submission = Submission([]) if not nb.cells else handed_in(nb)
    made, repairs = repair(submission, release_of(UNIT))
    assert_is_the_release(made, UNIT)
    assert_are_sentences(repairs)
    assert_no_work_is_lost(nb, made, UNIT)


IDS = [cell.id for cell in release_of(UNIT).cells if details(cell)] + ["setup", "title"]
TEXTS = [cell.source for cell in full(UNIT).cells if len(cell.source) < 2000]
CELLS = st.builds(
    SubmittedCell,
    st.sampled_from(["code", "markdown", "raw"]),
    st.sampled_from(TEXTS) | st.text(max_size=20),
    st.none() | st.sampled_from(IDS) | st.text(max_size=3),
    st.none() | st.sampled_from(IDS) | st.text(max_size=3),
)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(CELLS, max_size=15))
def test_any_submission_gives_the_release(cells):
    made, repairs = repair(Submission(cells), release_of(UNIT))
    assert_is_the_release(made, UNIT)
    assert_are_sentences(repairs)


def test_texts_that_a_page_would_take_minutes_for_are_cut_and_the_answer_never_left_out():
    nb = full(UNIT)
    answer = next(cell for cell in answers_in(nb) if cell.cell_type == "markdown")
    answer.source = "an answer " * 5000
    nb.cells[:0] = [new_markdown_cell("note " * 5000, id=f"note-{n}") for n in range(12)]
    made, repairs = repaired(nb)
    lengths = [len(cell.source) for cell in made.cells if cell.id.startswith("own-")]
    assert lengths == [20_000] * 10 + [0, 0]
    assert find(made, answer.id).source == answer.source[:20_000]
    assert repairs == [
        "11 texts cut after 20,000 characters",
        "2 texts left out: more than 200,000 characters together",
    ]
