"""One file alone: recognised by its content, graded without a gradebook, shown on one page."""

import contextlib
import copy
import io
import os
import re
from functools import cache
from types import SimpleNamespace

import nbformat
import pytest
from hostile.submissions import damaged_all_metadata_and_ids_stripped as stripped
from hostile.submissions import damaged_nbformat_3, damaged_saved_by_colab
from support.course import COURSE, UNITS, automatic, copy_course, page_of
from support.pages import unescaped
from support.units import cost

from autograder.classroom.grading import grade_file
from autograder.classroom.record import record
from autograder.cli import main
from autograder.course import CourseError
from autograder.engine.reading.intake import HandedIn
from autograder.engine.reading.recognise import best, likeness
from autograder.release.in_memory import unit_from_source
from autograder.release.recorded import released_unit
from autograder.report.one_file import MARK, page_place, shown
from autograder.report.pages import write_feedback
from autograder.report.rows import questions
from autograder.submissions import bank_of, fill, released, solutions

NAME = "Kopie von Übung (3).ipynb"


def files_of(folder):
    """{path: (size, time of change)} of all that lies below a folder."""
    status = {str(path): path.lstat() for path in folder.rglob("*")}
    return {path: (one.st_size, one.st_mtime_ns) for path, one in status.items()}


def filled(unit, **answers):
    return fill(released(COURSE, unit), solutions(unit) | answers)


def mistaken(unit):
    """A notebook with a typical mistake of the unit, and the mistake."""
    bank = bank_of(unit)
    mistake = next(one for one in bank if one.name == bank.typical[0])
    return filled(unit, **{mistake.answer: mistake.cell()}), mistake


@contextlib.contextmanager
def within(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture(scope="session")
def course_alone(tmp_path_factory):
    """A course in which nothing was released or graded: its sources, and no gradebook."""
    course = copy_course(tmp_path_factory.mktemp("alone"))
    (course.work / "gradebook.db").unlink()
    return course


@pytest.fixture(scope="session")
def run(course_alone):
    """Runs `autograder try` on a file: what it returned, printed, wrote and changed."""

    def run_it(*arguments):
        out, err = io.StringIO(), io.StringIO()
        before = files_of(course_alone.root)
        told = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with told[0], told[1], within(course_alone.root):
            code = main(["try", *map(str, arguments)])
        changed = files_of(course_alone.root) != before
        return SimpleNamespace(
            code=code, out=out.getvalue(), err=err.getvalue(), course_changed=changed
        )

    return run_it


@pytest.fixture(scope="session")
def full(run, tmp_path_factory, unit):
    """All answers right, saved as Colab does, under a name that says nothing."""
    path = tmp_path_factory.mktemp("full") / NAME
    path.write_text(damaged_saved_by_colab.change(filled(unit)))
    done = run(path)
    done.page = path.with_suffix(".html").read_text()
    done.beside = sorted(os.listdir(path.parent))
    return done


@pytest.fixture(scope="session")
def wrong(run, tmp_path_factory):
    """One typical mistake of unit 01; the page goes to a place of its own."""
    unit = COURSE.unit("convolution")
    folder = tmp_path_factory.mktemp("wrong")
    nb, mistake = mistaken(unit)
    nbformat.write(nb, folder / "mine.ipynb")
    page = folder / "seen.html"
    done = run(folder / "mine.ipynb", "--to", page, "--seed", "7")
    done.page, done.mistake, done.beside = page.read_text(), mistake, sorted(os.listdir(folder))
    done.path = page
    return done


# --- which unit it is ----------------------------------------------------------------------


def as_text(nb):
    return nb if isinstance(nb, str) else nbformat.writes(nb)


def half(nb):
    nb.cells = nb.cells[::2]
    return nb


def answers_only(nb):
    nb.cells = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return nb


SAVES = {
    "as released": lambda nb: nb,
    "by Colab": damaged_saved_by_colab.change,
    "by an editor that keeps texts only": stripped.change,
    "in format 3": damaged_nbformat_3.change,
    "half deleted": half,
    "half deleted, texts only": lambda nb: stripped.change(half(nb)),
    "its answers only, texts only": lambda nb: stripped.change(answers_only(nb)),
}


@cache
def notebooks():
    return {unit.assignment: unit_from_source(COURSE, unit).notebook for unit in UNITS}


def recognised(text):
    cells = HandedIn(NAME, as_text(text).encode()).submission().cells
    return best({name: likeness(cells, nb) for name, nb in notebooks().items()})


@pytest.mark.parametrize("how", SAVES)
def test_unit_is_recognised_however_its_file_was_saved(unit, how):
    assert recognised(SAVES[how](filled(unit))) == unit.assignment


def test_unit_is_recognised_untouched_and_in_its_source(unit):
    assert recognised(released(COURSE, unit)) == unit.assignment
    assert recognised(unit.source.read_text(encoding="utf-8")) == unit.assignment


def test_foreign_notebook_is_of_no_unit_though_it_uses_common_names_and_ids():
    code = "class LeNet:\n    pass", "def evaluate():\n    pass", "def accuracy():\n    pass"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in code])
    nb.cells += [nbformat.v4.new_markdown_cell("text", id=one) for one in ("title", "setup")]
    assert recognised(nb) is None


def test_not_recognised_file_is_told_what_was_looked_for_and_how_to_name_it(run, tmp_path):
    path = tmp_path / "shopping.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("milk")]), path)
    done = run(path)
    assert done.code == 2
    assert "shopping.ipynb isn't recognised as the notebook of a unit" in done.err
    assert "found: nothing of any unit" in done.err
    assert "--assignment 01_convolution" in done.err
    assert os.listdir(tmp_path) == ["shopping.ipynb"]


def test_halves_of_two_units_are_recognised_as_neither_and_both_are_told(run, tmp_path):
    first, second = (half(filled(unit)) for unit in UNITS[:2])
    known = {cell.id for cell in first.cells}
    first.cells += [cell for cell in second.cells if cell.id not in known]
    nbformat.write(first, tmp_path / NAME)
    done = run(tmp_path / NAME)
    assert done.code == 2
    assert all(f"cells of {unit.assignment}" in done.err for unit in UNITS[:2])
    assert os.listdir(tmp_path) == [NAME]


def test_unit_made_of_its_source_is_the_released_one(unit, released_course):
    """But for nbgrader's checksums of cells that hold no answer, which grading doesn't read."""
    gradebooks = released_unit(released_course, released_course.unit(unit.topic))
    made = unit_from_source(COURSE, unit)
    for cell in [*gradebooks.notebook.cells, *(cells := copy.deepcopy(made.notebook)).cells]:
        if "nbgrader" in cell.metadata and not cell.metadata.nbgrader.solution:
            cell.metadata.nbgrader.pop("checksum", None)
    assert gradebooks.notebook == cells
    assert (gradebooks.points, gradebooks.imports) == (made.points, made.imports)


# --- what it gets --------------------------------------------------------------------------


def test_full_solution_gets_all_automatic_points(full, unit):
    points = automatic(COURSE, unit)
    most = f"{sum(points.values()):g}"
    assert full.code == 0
    assert f"{NAME}: {unit.assignment}, " in full.out
    assert re.search(rf"^score: {most} of {most}(?: \(|$)", full.out, re.MULTILINE)
    rows = [line.split() for line in full.out.splitlines()]
    assert all([question, f"{p:g}", f"{p:g}"] in rows for question, p in points.items())


def test_written_answers_are_neither_points_nor_missing_ones(full, unit):
    written = {q: p for q, p in questions(COURSE, unit).items() if q not in automatic(COURSE, unit)}
    told = f"({sum(written.values()):g} points of written answers are graded by a person)"
    assert (told in full.out) == bool(written)
    assert ("graded by a person" in full.out) == bool(written)
    assert full.page.count("not graded automatically (") == len(written)
    assert full.page.count("not graded automatically: ? /") == len(written)
    assert "not graded yet" not in full.page


def test_nothing_is_written_but_the_page(full, wrong, course_alone):
    assert full.beside == sorted([NAME, NAME.replace(".ipynb", ".html")])
    assert wrong.beside == ["mine.ipynb", "seen.html"]
    assert not full.course_changed
    assert not wrong.course_changed
    assert not list(course_alone.root.rglob("*.db"))
    assert not (course_alone.root / "release").exists()


def test_page_shows_no_hidden_test_and_no_mark_scheme(full, unit):
    page = unescaped(full.page)
    hidden = (COURSE.root / "autograder/hidden" / f"{unit.topic}.py").read_text()
    known = (COURSE.root / "coursekit/checks" / f"{unit.topic}.py").read_text()
    known += "".join([cell.source for cell in filled(unit).cells])
    lines = {line.strip() for line in hidden.splitlines() if len(line.strip()) > 30}
    lines = {line for line in lines if line not in known}
    assert lines
    assert not [line for line in lines if line in page]
    assert "autograder" not in page
    assert "For the grader" not in page


def test_known_mistake_is_named_on_the_screen_and_on_the_page(wrong):
    assert wrong.code == 0
    unit = COURSE.unit("convolution")
    lost = sum(cost(unit, wrong.mistake).values())
    most = sum(automatic(COURSE, unit).values())
    assert f"score: {most - lost:g} of {most:g}" in wrong.out
    assert wrong.mistake.message in " ".join(wrong.out.split())
    assert wrong.mistake.message in unescaped(wrong.page)
    assert "repeat with --seed 7" in wrong.out
    assert f"feedback page: {wrong.path}" in wrong.out


def test_page_is_the_one_that_the_class_gets(wrong, released_course, tmp_path):
    unit = released_course.unit("convolution")
    nbformat.write(mistaken(unit)[0], tmp_path / "mine.ipynb")
    result = grade_file(released_course, unit, tmp_path / "mine.ipynb", seed=7)
    record(released_course, unit, "alone", result)
    write_feedback(released_course, unit, "alone")
    theirs = page_of(released_course, unit, "alone")
    assert "not graded yet: a person reads this one" in theirs
    assert MARK not in theirs, "an instructor's page is never written over"
    start = '<div class="panel-body">'
    theirs = theirs.replace("not graded yet: ?", "not graded automatically: ?")
    assert wrong.page.partition(start)[2] == theirs.partition(start)[2]


def test_damaged_cells_and_notes_are_told_with_exit_code_3(run, tmp_path):
    nb = released(COURSE, UNITS[0])
    nb.cells.insert(0, nbformat.v4.new_code_cell("import os\nos._exit(1)"))
    nbformat.write(stripped.change(nb), tmp_path / NAME)
    done = run(tmp_path / NAME, "--assignment", "1")
    assert done.code == 3
    assert "note: own-1: ended the kernel (exit code 1)" in done.out
    assert "repaired: nbgrader metadata was missing" in done.out
    assert "score: 0 of" in done.out


# --- files that can't be graded, pages that aren't ours ------------------------------------


def another_kind_of_json(path):
    path.write_text('{"hello": 1}')


def link(path):
    nbformat.write(released(COURSE, UNITS[0]), path.with_name("real"))
    path.symlink_to("real")


REFUSED = {
    "it has no cells": another_kind_of_json,
    "the file is empty": lambda path: path.touch(),
    "broken JSON at line 1": lambda path: path.write_text("no notebook"),
    "it isn't UTF-8": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "it is a folder": lambda path: path.mkdir(),
    "it is a pipe": os.mkfifo,
    "it is a link": link,
    "there is no file": lambda path: None,
}


@pytest.mark.parametrize("told", REFUSED)
def test_unreadable_file_is_refused_in_words_and_nothing_is_written(run, tmp_path, told):
    REFUSED[told](tmp_path / NAME)
    before = sorted(os.listdir(tmp_path))
    done = run(tmp_path / NAME)
    assert done.code == 2
    assert told in done.err
    assert NAME in done.err
    assert not any(word in done.err for word in ("hand it in", "hand in", "ask for", "Traceback"))
    assert done.out == ""
    assert sorted(os.listdir(tmp_path)) == before
    assert not done.course_changed


def test_link_is_told_what_it_points_to(run, tmp_path):
    link(tmp_path / NAME)
    assert str(tmp_path / "real") in run(tmp_path / NAME).err


@pytest.mark.parametrize("named", [False, True])
def test_persons_own_page_is_not_written_over(run, tmp_path, named):
    nbformat.write(released(COURSE, UNITS[0]), tmp_path / "mine.ipynb")
    page = tmp_path / ("notes.txt" if named else "mine.html")
    page.write_text("my own")
    done = run(tmp_path / "mine.ipynb", *(["--to", page] if named else []))
    assert done.code == 2
    assert f"{page} is there already" in done.err
    assert "--to PAGE.html" in done.err
    assert page.read_text() == "my own"
    assert done.out == "", "it is refused before anything is graded"


def test_page_of_before_is_replaced_but_not_through_a_link(wrong, tmp_path):
    assert page_place("mine.ipynb", wrong.path) == wrong.path
    (tmp_path / "link.html").symlink_to(wrong.path)
    for other in (tmp_path, tmp_path / "link.html"):
        with pytest.raises(CourseError, match="is there already"):
            page_place("mine.ipynb", other)


def test_page_needs_a_folder_that_exists(run, tmp_path):
    nbformat.write(released(COURSE, UNITS[0]), tmp_path / "mine.ipynb")
    done = run(tmp_path / "mine.ipynb", "--to", tmp_path / "nowhere/page.html")
    assert done.code == 2
    assert "there is no folder" in done.err


def test_host_without_walls_refuses_and_none_warns(run, tmp_path, no_walls):
    nbformat.write(released(COURSE, UNITS[0]), tmp_path / "mine.ipynb")
    done = run(tmp_path / "mine.ipynb")
    assert done.code == 2
    assert "--sandbox none" in done.err
    assert os.listdir(tmp_path) == ["mine.ipynb"]
    done = run(tmp_path / "mine.ipynb", "--sandbox", "none")
    assert done.code == 0
    assert "WARNING: grading without a sandbox" in done.err
    assert "score: 0 of" in done.out


def test_texts_on_the_screen_can_not_act_on_the_terminal():
    assert shown("a\x1b[2J\x9b1mb\ud800\tc") == "a[2J1mb\ufffd\tc"
