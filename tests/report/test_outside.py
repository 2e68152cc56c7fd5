"""What comes from outside, names of folders and texts of students, only shows something."""

import csv
from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console
from support.course import COURSE

from autograder import cli
from autograder.course import CourseError
from autograder.engine.reading.inert import plain
from autograder.engine.reading.intake import one_line
from autograder.report import csv_export, summary, table
from autograder.report.rows import Row, questions

UNIT = COURSE.unit("convolution")
ACTS = {  # what stands in a text, and what of it is shown
    "colours": ("\x1b[31mred\x1b[0m", "[31mred[0m"),
    "clears the screen": ("a\x1b[2Jb\x9b1m", "a[2Jb1m"),
    "turns letters round": ("a\u202edcb\u2066", "adcb"),
    "rings, goes back": ("a\x07\x08\x08b", "ab"),
    "half of a character": ("a\udc80b", "a\ufffdb"),
    "unseen": ("a\u200bb\u00adc\ufeff", "abc"),
}


@pytest.fixture(params=ACTS.values(), ids=ACTS)
def text(request):
    """(a text that acts, what of it is shown)."""
    return request.param


def test_plain_text_stays_and_the_rest_loses_what_acts(text):
    acts, shows = text
    assert plain(acts) == shows
    assert plain("größer als 5\n\tпример 数 🙂") == "größer als 5\n\tпример 数 🙂"


def test_notes_hold_nothing_that_acts(text):
    acts, shows = text
    assert one_line(f"left out: {acts}\nand more") == f"left out: {shows} and more"


def test_table_shows_names_and_notes_without_what_acts(text):
    acts, shows = text
    scores = dict.fromkeys(questions(COURSE, UNIT), 0.0)
    console = Console(file=StringIO(), width=400)
    table.print_table(console, COURSE, UNIT, [Row(acts, scores, 0.0, [f"note {acts}"], [])])
    told = console.file.getvalue()
    assert f"{shows}: note {shows}" in told
    assert plain(told) == told


def test_summary_shows_names_and_notes_without_what_acts(text):
    acts, shows = text
    console = Console(file=StringIO(), width=400)
    gradings = {acts: {"notes": [f"note {acts}"], "repairs": []}}
    summary.print_what_to_look_at(console, gradings)
    assert f"{shows}: note {shows}" in console.file.getvalue()


def test_error_of_the_command_shows_nothing_that_acts(text, monkeypatch, capsys):
    acts, shows = text

    def refuse(*_):
        raise CourseError(f"no unit {acts}\n  the units are: one")

    monkeypatch.setattr(cli, "_run", refuse)
    assert cli.main(["export"]) == 2
    assert capsys.readouterr().err == f"autograder: no unit {shows}\n  the units are: one\n"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1+2", "'-1+2"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\x00=1", "'=1"),
        ("ada", "ada"),
        ("o'neil = x", "o'neil = x"),
    ],
)
def test_no_cell_of_the_csv_is_a_formula(tmp_path, name, field):
    student = SimpleNamespace(id=name, last_name=name, first_name=name, email=name)
    export = csv_export.QuestionCsv()
    export.to = str(tmp_path / "grades.csv")
    known = dict.fromkeys(csv_export.TOTALS, -1.5)
    export._records = lambda _: [{"assignment": "1", "student_id": student.id, **known}]
    export.export(None)
    with open(export.to, newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["student_id"] == field
    assert row["score"] == "-1.5"
