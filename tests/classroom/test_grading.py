"""Grading end to end: real kernels, real nbgrader, a real gradebook."""

import asyncio
import copy
import csv
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime

import nbformat
import pytest
from rich.console import Console
from support.course import (
    COURSE,
    ROOT,
    THOROUGH,
    UNITS,
    automatic,
    copy_course,
    graded,
    graded_again,
    page_of,
    students_of,
    write_submission,
)
from support.pages import unescaped
from support.right_answers import GUARD, RIGHT_CONV2D
from support.units import cost, grade_cells, names_taken

from autograder import verbs
from autograder.cli import main
from autograder.engine.grade import grade_submission
from autograder.engine.walls import tiers
from autograder.engine.walls.sandbox import FENCE
from autograder.release.build import release
from autograder.release.recorded import released_unit
from autograder.report.rows import Row, questions, rows
from autograder.report.table import print_table
from autograder.sample_class import last_function, make_sample_class
from autograder.submissions import bank_of, fill, released, solutions

# One after the other, so that each class is graded once. With torch it is the second tier's.
thorough_units = pytest.mark.parametrize(
    "unit",
    [THOROUGH[0], *(pytest.param(unit, marks=pytest.mark.thorough) for unit in THOROUGH[1:])],
    ids=lambda unit: unit.topic,
    indirect=True,
    scope="session",
)


# --- the sample class ----------------------------------------------------------------------


def test_full_solution_gets_full_marks_in_every_cell(graded_class):
    scores = graded_class.row("full_solution").scores
    points = automatic(graded_class.course, graded_class.unit)
    assert {question: scores[question] for question in points} == points
    assert all(scores[q] is None for q in scores if q not in points), "a person grades these"


def test_untouched_stub_gets_zero_everywhere_and_waits_for_nobody(graded_class):
    row = graded_class.row("untouched_stub")
    assert set(row.scores.values()) == {0}
    assert row.notes == []


@thorough_units
@pytest.mark.usefixtures("whole_class")
def test_submission_that_never_ends_costs_its_question_only(graded_class):
    row = graded_class.row("never_ends")
    points = automatic(graded_class.course, graded_class.unit)
    lost = [q for q, p in points.items() if row.scores[q] != p]
    function = last_function(bank_of(graded_class.unit), solutions(graded_class.unit))
    cells = [c for c in grade_cells(graded_class.unit) if function in names_taken(c)]
    assert lost == [cell.metadata["nbgrader"]["grade_id"] for cell in cells]
    assert row.notes == [f"{', '.join(lost)}: still running after 5 s of computing"]
    assert "a loop that never ends" in graded_class.page("never_ends")


def test_submission_without_metadata_is_repaired_and_loses_nothing(graded_class):
    row = graded_class.row("metadata_lost")
    assert row.scores == graded_class.row("full_solution").scores
    assert row.notes == []
    assert "metadata" in row.repairs[0]
    assert "metadata" in graded_class.page("metadata_lost")


def test_unreadable_file_gets_zero_and_a_reason_and_a_page(graded_class):
    row = graded_class.row("unreadable_file")
    assert set(row.scores.values()) == {0}
    assert "broken JSON at line" in row.notes[0]
    assert "broken JSON at line" in graded_class.page("unreadable_file")


def test_typical_mistakes_lose_their_points_in_the_gradebook(graded_class):
    bank = {mistake.name: mistake for mistake in bank_of(graded_class.unit)}
    points = automatic(graded_class.course, graded_class.unit)
    typical = bank_of(graded_class.unit).typical
    assert set(typical) <= set(bank)
    graded = [name for name in typical if f"sample_{name}" in graded_class.table]
    assert graded == (typical if graded_class.whole else typical[:2])
    assert graded
    for name in graded:
        scores = graded_class.row(name).scores
        lost = {q: p - scores[q] for q, p in points.items() if scores[q] != p}
        assert lost == cost(graded_class.unit, bank[name])
        assert bank[name].message in unescaped(graded_class.page(name))


def test_feedback_shows_no_hidden_test_and_no_mark_scheme(graded_class):
    hidden = (ROOT / "autograder/hidden" / f"{graded_class.unit.topic}.py").read_text()
    lines = {line.strip() for line in hidden.splitlines() if len(line.strip()) > 30}
    known = (ROOT / "coursekit/checks" / f"{graded_class.unit.topic}.py").read_text()
    known += "".join(mistake.cell() for mistake in bank_of(graded_class.unit))
    known += "".join(cell.source for cell in released(COURSE, graded_class.unit).cells)
    known += "".join(solutions(graded_class.unit).values())  # which some of these students wrote
    lines = {line for line in lines if line not in known}
    assert lines
    for student in graded_class.table:
        page = unescaped(page_of(graded_class.course, graded_class.unit, student))
        assert "autograder" not in page
        assert "For the grader" not in page
        assert not [line for line in lines if line in page]
        assert "Traceback (most recent call last)" not in page


def test_seed_is_recorded_in_the_graded_notebook(graded_class):
    folder = graded_class.course.folder("autograded") / "sample_full_solution"
    path = folder / graded_class.unit.assignment / graded_class.unit.file
    assert nbformat.read(path, as_version=4).metadata.autograder.seed >= 0


@thorough_units
@pytest.mark.usefixtures("whole_class")
def test_plain_nbgrader_gives_the_same_scores(graded_class, tmp_path):
    copied = copy_course(tmp_path)
    unit = copied.unit(graded_class.unit.assignment)
    kept = ["full_solution", bank_of(unit).typical[0]]
    if unit.topic == "convolution":  # what is decided before there is a kernel: once
        kept += ["untouched_stub", "metadata_lost", "unreadable_file"]
    kept = {f"sample_{name}" for name in kept}
    for student in set(make_sample_class(copied, unit)) - kept:
        shutil.rmtree(copied.folder("submitted") / student)

    def nbgrader(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=copied.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]

    nbgrader("autograde", unit.assignment)
    plain = {row.student: row for row in rows(copied, unit, students_of(copied, unit))}
    assert plain == {student: graded_class.table[student] for student in kept}

    nbgrader("generate_feedback", unit.assignment)
    page = page_of(copied, unit, "sample_full_solution")
    assert "autograder" not in page
    nbgrader("export", "--to", "plain.csv")
    assert len(read_csv(copied.root / "plain.csv")) == len(plain)


def test_plain_nbgrader_goes_on_past_pipes_links_and_false_timestamps(empty_course):
    unit = empty_course.unit("convolution")
    make = fill(released(COURSE, unit), solutions(unit))
    for student in ("ada", "bob", "cleo"):
        write_submission(empty_course, unit, student, make)
    beside = empty_course.notebook("submitted", unit, "ada").parent
    os.mkfifo(beside / "notes.txt")
    (beside / "data.csv").symlink_to("/dev/zero")
    (beside / "timestamp.txt").write_text("never")
    path = empty_course.notebook("submitted", unit, "bob")
    path.unlink()
    os.mkfifo(path)
    command = [sys.executable, "-m", "nbgrader"]
    for name in ("generate_assignment", "autograde"):
        options = [*command, name, unit.assignment]
        subprocess.run(options, cwd=empty_course.root, check=True, timeout=120)
    ada, bob, cleo = rows(empty_course, unit, ["ada", "bob", "cleo"])
    assert ada.scores == cleo.scores
    assert (bob.total, bob.notes) == (
        0,
        [f"{unit.topic}.ipynb can't be read: it is a pipe, not a file; hand in the file itself"],
    )
    aside = empty_course.root / "work/set_aside/ada" / unit.assignment
    assert sorted(os.listdir(aside)) == ["data.csv", "notes.txt", "timestamp.txt"]
    assert sorted(os.listdir(beside)) == [unit.file]


def test_formgraders_button_grades_within_its_running_event_loop(empty_course):
    unit = empty_course.unit("convolution")
    release(empty_course, unit)
    write_submission(empty_course, unit, "ada", fill(released(COURSE, unit), solutions(unit)))

    async def handler():
        return empty_course.api.autograde(unit.assignment, "ada")

    assert asyncio.run(handler())["success"]
    points = automatic(empty_course, unit)
    (row,) = rows(empty_course, unit, ["ada"])
    assert {question: row.scores[question] for question in points} == points


def test_time_of_submission_and_late_penalty_are_nbgraders(empty_course):
    unit = empty_course.unit("convolution")
    path = empty_course.notebook("submitted", unit, "ada")
    write_submission(empty_course, unit, "ada", released(COURSE, unit))
    (path.parent / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    graded_again(empty_course, unit, "ada")
    with empty_course.gradebook() as gradebook:
        submission = gradebook.find_submission(unit.assignment, "ada")
        assert submission.timestamp == datetime(2026, 1, 2, 3, 4, 5)
    (path.parent / "timestamp.txt").write_text("soon")
    row = graded_again(empty_course, unit, "ada")
    assert "timestamp.txt holds no date" in row.notes[0]


# --- right implementations ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["four_loops", "strides", "float32_result"])
def test_right_conv2d_gets_full_marks_end_to_end(released_course, name):
    unit = released_course.unit("convolution")
    answers = solutions(unit) | {"conv2d": GUARD + RIGHT_CONV2D[name]}
    nb = fill(released(released_course, unit), answers)
    row = graded(released_course, unit, f"right_{name}", nb)
    points = automatic(released_course, unit)
    assert {question: row.scores[question] for question in points} == points


# --- damage --------------------------------------------------------------------------------


DAMAGES = {
    "empty file": lambda s: "",
    "another kind of JSON": lambda s: '{"hello": 1}',
    "a list": lambda s: "[1, 2]",
    "nested too deep": lambda s: "[" * 100_000,
}


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_costs_itself_only(released_course, how):
    unit = released_course.units[0]
    full = fill(released(released_course, unit), solutions(unit))
    student = how.replace(" ", "_")
    row = graded(released_course, unit, student, DAMAGES[how](nbformat.writes(full)))
    assert row.total == 0
    assert row.notes
    assert all(len(note) < 300 and "\n" not in note for note in row.notes)


def test_missing_file_and_bytes_that_are_no_text_are_told(released_course):
    unit = released_course.units[0]
    folder = released_course.folder("submitted") / "no_file" / unit.assignment
    folder.mkdir(parents=True)
    assert "was handed in" in graded_again(released_course, unit, "no_file").notes[0]
    (folder / unit.file).write_bytes(b"\xff\xfe\x00")
    assert "can't be read" in graded_again(released_course, unit, "no_file").notes[0]


def test_unreadable_submission_leaves_the_released_unit_as_it_is(released_course):
    unit = released_unit(released_course, released_course.units[0])
    before = copy.deepcopy(unit.notebook)
    grade_submission(released_course.root / "missing.ipynb", unit)
    assert unit.notebook == before


def test_cell_that_ends_the_kernel_costs_its_question_only(released_course):
    unit = released_course.units[0]
    answer = next(iter(solutions(unit)))
    nb = fill(released(released_course, unit), solutions(unit) | {answer: "import os\nos._exit(1)"})
    row = graded(released_course, unit, "dies", nb)
    points = automatic(released_course, unit)
    assert {q for q, p in points.items() if row.scores[q] != p} == {answer}
    assert f"solution_{answer}: ended the kernel (exit code 1)" in row.notes
    assert "ended the kernel (exit code 1)" in page_of(released_course, unit, "dies")


def test_cell_that_ends_the_kernel_a_moment_later_is_the_one_to_blame(released_course):
    """Here when the next cell begins, which is one of the lesson."""
    unit = released_course.unit("convolution")
    later = (
        "import os\nstarted = []\ndef end(*_):\n    started.append(1)\n"
        "    if len(started) == 2:\n        os._exit(5)\n"
        "get_ipython().events.register('pre_run_cell', end)"
    )
    nb = fill(released(released_course, unit), solutions(unit))
    position = next(i for i, cell in enumerate(nb.cells) if cell.id == "setup") + 1
    nb.cells.insert(position, nbformat.v4.new_code_cell(later))
    row = graded(released_course, unit, "later", nb)
    points = automatic(released_course, unit)
    assert {question: row.scores[question] for question in points} == points
    assert row.notes == ["own-1: ended the kernel (exit code 5)"]


BOMB = """
import os, time
from pathlib import Path

armed = Path("armed")

def leave_a_bomb():
    if Path("left").exists():
        return
    Path("left").touch()
    for _ in range(3):
        if os.fork() == 0:
            while not Path("lit").exists():
                time.sleep(0.01)
            bomb = bytearray(b"x") * 400_000_000
            time.sleep(30)
            os._exit(0)

def light_it():
    if Path("left").exists():
        Path("lit").touch()
        time.sleep(10)
"""
THEN = """

right = {name}
def {name}(*arguments, **options):
    if armed.exists():
        {do}
    return right(*arguments, **options)
"""
LEFT_RUNNING = {  # {cell to put before, or answer to add to: what}, the one to blame
    "own cell, in a solution": (
        {"check_derivative_mask": f"{BOMB}\nleave_a_bomb()", "conv1d": "\nlight_it()"},
        "own-1",
    ),
    "solution, in the call of a hidden test": (
        {
            "image-tiny": BOMB,
            "conv1d": "\nleave_a_bomb()",
            "conv2d_values": "armed.touch()",
            "conv2d": THEN.format(name="conv2d", do="light_it()"),
        },
        "solution_conv1d",
    ),
    "visible check, in an own cell": (
        {
            "image-tiny": BOMB,
            "check_conv1d": "armed.touch()",
            "conv1d": THEN.format(name="conv1d", do="leave_a_bomb()"),
            "conv2d-numbers": "armed.unlink()\nlight_it()",
        },
        "check_conv1d",
    ),
}


@pytest.mark.parametrize("case", LEFT_RUNNING)
def test_memory_that_an_earlier_cell_left_somebody_to_use_up_is_its_own_fault(
    released_course, case
):
    unit = released_course.unit("convolution")
    put, culprit = LEFT_RUNNING[case]
    answers = solutions(unit)
    nb = fill(
        released(released_course, unit),
        {name: source + put.get(name, "") for name, source in answers.items()},
    )
    for cell in [one for one in nb.cells if one.id in put and one.id not in ("conv1d", "conv2d")]:
        nb.cells.insert(nb.cells.index(cell), nbformat.v4.new_code_cell(put[cell.id]))
    released_course.config.Grading.memory_gib = 0.7
    try:
        row = graded(released_course, unit, f"left_{len(case)}", nb)
    finally:
        del released_course.config.Grading.memory_gib
    points = automatic(released_course, unit)
    assert {question: row.scores[question] for question in points} == points
    assert row.notes == [f"{culprit}: ended the kernel (it used more than 0.7 GiB of memory)"]


def test_call_that_ends_the_kernel_costs_its_questions_only(released_course):
    unit = released_course.unit("convolution")
    lethal = "import os\ndef conv2d_fast(*_):\n    os._exit(1)"
    nb = fill(released(released_course, unit), solutions(unit) | {"conv2d_fast": lethal})
    row = graded(released_course, unit, "lethal", nb)
    points = automatic(released_course, unit)
    assert {q for q, p in points.items() if row.scores[q] != p} == {"conv2d_fast"}
    assert "your code ended its kernel: exit code 1" in page_of(released_course, unit, "lethal")


def test_tag_on_a_grade_cell_does_not_keep_it_from_running(released_course):
    unit = released_course.units[0]
    nb = released(released_course, unit)
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["tags"] = ["skip-execution", "exploration"]
    assert graded(released_course, unit, "tagged", nb).total == 0


def test_warnings_of_a_right_answer_cost_nothing(released_course):
    unit = released_course.unit("convolution")
    noisy = solutions(unit)["conv1d"] + (
        "\n\nimport sys, warnings\n"
        "quiet = conv1d\n"
        "def conv1d(signal, mask):\n"
        "    warnings.warn('careful')\n"
        "    print('noise', file=sys.stderr)\n"
        "    return quiet(signal, mask)"
    )
    nb = fill(released(released_course, unit), solutions(unit) | {"conv1d": noisy})
    row = graded(released_course, unit, "noisy", nb)
    assert row.scores["conv1d"] == 2
    assert "careful" in page_of(released_course, unit, "noisy")


def test_notebook_that_spends_its_time_is_cut_off_and_scores_nothing_after(released_course):
    unit = released_course.units[0]
    answers = solutions(unit)
    first = next(iter(answers))
    nb = fill(released(released_course, unit), answers | {first: "import time\ntime.sleep(60)"})
    config = released_course.config.Grading
    config.notebook_seconds = 3
    try:
        row = graded(released_course, unit, "sleeps", nb)
    finally:
        del config.notebook_seconds
    assert not any(row.scores[q] for q in automatic(released_course, unit))
    assert any("used up its 3 s" in note for note in row.notes)
    assert "used up its 3 s" in page_of(released_course, unit, "sleeps")


def test_manual_score_survives_grading_again(released_course):
    unit = released_course.units[0]
    nb = fill(released(released_course, unit), solutions(unit))
    by_hand = set(questions(released_course, unit)) - set(automatic(released_course, unit))
    graded(released_course, unit, "marked", nb)
    with released_course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(unit.topic, unit.assignment, "marked")
        for one in notebook.grades:
            if one.name in by_hand:
                one.manual_score, one.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    graded_again(released_course, unit, "marked")
    with released_course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(unit.topic, unit.assignment, "marked")
        assert {one.manual_score for one in notebook.grades if one.name in by_hand} == {1.5}


# --- the command line ----------------------------------------------------------------------


@pytest.fixture
def in_course(empty_course, monkeypatch):
    monkeypatch.chdir(empty_course.root)
    return empty_course


def test_grade_releases_a_fresh_clone_grades_and_prints_the_table(in_course, capsys):
    unit = in_course.units[0]
    stub = released(COURSE, unit)
    write_submission(in_course, unit, "ada", stub)
    write_submission(in_course, unit, "bob", "no notebook")
    assert main(["grade", "--assignment", unit.topic, "--seed", "5"]) == 3
    out = capsys.readouterr().out
    assert "ada" in out
    assert "bob: convolution.ipynb isn't a notebook" in out
    assert "--seed 5" in out
    path = in_course.folder("autograded") / "ada" / unit.assignment / unit.file
    assert nbformat.read(path, as_version=4).metadata.autograder.seed == 5
    assert main(["feedback", "--student", "bob"]) == 0
    assert "isn't a notebook" in unescaped(page_of(in_course, unit, "bob"))
    assert not (in_course.folder("feedback") / "ada").exists()
    assert main(["export", "--to", "out.csv", "--student", "ada"]) == 0
    assert [record["student_id"] for record in read_csv(in_course.root / "out.csv")] == ["ada"]


def test_student_who_handed_in_one_unit_is_graded_without_naming_it(in_course, capsys):
    assert len(in_course.units) > 1
    unit = in_course.units[1]
    write_submission(in_course, unit, "ada", released(COURSE, unit))
    assert main(["grade", "--student", "ada"]) == 0
    assert unit.assignment in capsys.readouterr().out
    assert main(["feedback", "--student", "ada"]) == 0
    assert page_of(in_course, unit, "ada")


@pytest.mark.parametrize(("width", "terminal"), [(60, True), (80, True), (200, True), (80, False)])
def test_table_keeps_every_number_on_any_screen(width, terminal):
    unit = UNITS[0]
    points = questions(COURSE, unit)
    scores = {name: number + 0.25 for number, name in enumerate(points)}
    row = Row("a_student_with_a_rather_long_name", scores, 99.5, ["a [note]"])
    file = io.StringIO()
    console = Console(width=width, force_terminal=terminal, color_system=None, file=file)
    print_table(console, COURSE, unit, [row])
    out = file.getvalue()
    for score in [*scores.values(), 99.5]:
        assert f" {score:g} " in out
    assert "a [note]" in out


def test_exported_csv_survives_commas_quotes_and_line_breaks(in_course):
    unit = in_course.units[0]
    with in_course.gradebook() as gradebook:
        gradebook.add_assignment(unit.assignment)
        gradebook.add_student("ada", last_name='Love, "lace"\nnée Byron', first_name="Ada")
    assert main(["export", "--to", "out.csv"]) == 0
    (record,) = read_csv(in_course.root / "out.csv")
    assert record["last_name"] == 'Love, "lace"\nnée Byron'
    assert record["score"] == "0.0"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["grade", "--assignment", "nope"], "no unit 'nope'"),
        (["grade", "--student", "nobody"], "no submission of 01_convolution, 02_"),
        (["grade", "--student", "nobody", "--assignment", "1"], "01_convolution by 'nobody'"),
    ],
)
def test_wrong_names_are_told_with_what_to_do(in_course, capsys, arguments, told):
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_outside_a_course_the_command_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["release"]) == 2
    assert "no course here" in capsys.readouterr().err


def test_release_check_has_an_exit_code_for_scripts(in_course):
    one = ["--assignment", in_course.units[0].topic]
    assert main(["release", "--check", *one]) == 1
    assert main(["release", *one]) == 0
    assert main(["release", "--check", *one]) == 0
    assert main(["release", "--check"]) == 1, "the other units are not there yet"


@pytest.mark.parametrize(
    "verb",
    ["release", "grade", "try", "feedback", "export", "new-unit", "new-question", "setup", "demo",
     "doctor"],
)  # fmt: skip
def test_every_verb_has_help_with_an_example(verb, capsys):
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert f"examples:\n  autograder {verb}" in out
    assert "exit codes:" in out


def test_result_of_one_file_is_printed_as_json_and_recorded_nowhere(in_course, capsys):
    unit = in_course.units[0]
    path = in_course.root / unit.file
    nbformat.write(fill(released(COURSE, unit), solutions(unit)), path)
    assert main(["grade", "--json", str(path), "--seed", "7"]) == 0
    result = json.loads(capsys.readouterr().out)
    points = automatic(in_course, unit)
    assert {q: result["scores"][q] for q in points} == points
    assert result["seed"] == 7
    assert set(result) == {
        "assignment", "notebook_name", "scores", "points", "messages", "repairs", "notes",
        "seed", "seconds", "versions", "failed",
    }  # fmt: skip
    assert not (in_course.folder("autograded")).exists()
    path.write_text("no notebook")
    assert main(["grade", "--json", str(path)]) == 3
    result = json.loads(capsys.readouterr().out)
    assert "isn't a notebook" in result["notes"][0]
    assert set(result["scores"].values()) == {0}


def test_host_without_walls_refuses_to_grade_and_none_warns(in_course, capsys, no_walls):
    unit = in_course.units[0]
    write_submission(in_course, unit, "ada", released(COURSE, unit))
    assert main(["grade"]) == 2
    told = capsys.readouterr().err
    assert "bubblewrap is not installed" in told
    assert "make setup" in told
    assert "--sandbox none" in told
    assert rows(in_course, unit, ["ada"])[0].notes == ["not graded yet"]
    assert main(["doctor"]) == 2
    assert "bubblewrap is not installed" in capsys.readouterr().out
    assert main(["grade", "--sandbox", "none"]) == 0
    assert "WARNING: grading without a sandbox" in capsys.readouterr().err
    assert rows(in_course, unit, ["ada"])[0].notes == []


def test_second_tier_of_walls_is_told_when_it_grades(in_course, capsys, monkeypatch):
    unit = in_course.units[0]
    write_submission(in_course, unit, "ada", released(COURSE, unit))
    monkeypatch.setattr(verbs, "backend_of", lambda walls: tiers.BACKENDS[FENCE])
    assert main(["grade"]) == 0
    told = capsys.readouterr().err
    assert "second tier of walls" in told
    assert "autograder doctor" in told


def test_doctor_needs_no_course(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "bubblewrap makes sandboxes" in out
    assert "BAD" not in out


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
