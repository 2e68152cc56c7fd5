"""Pages of a class: the same as nbgrader's, beside each other, each one's trouble its own."""

import copy
import os
import re
import shutil
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import nbformat
import pytest
from nbgrader.preprocessors import GetGrades
from nbgrader.utils import is_solution
from support.course import COURSE, copy_course, graded, page_of
from support.gradebooks import ASSIGNMENT

from autograder import verbs
from autograder.classroom.pools import (
    PAGES_PER_WORKER,
    PRELOADED_FOR_PAGES,
    HerePool,
    LocalPool,
    pool_for_pages,
)
from autograder.classroom.record import Entry, Writer
from autograder.cli import main
from autograder.course import Course
from autograder.engine.grade import ungraded
from autograder.engine.reading.inert import plain
from autograder.release.recorded import ensure_released, released_unit
from autograder.report.feedback import PAGE_STEPS
from autograder.report.pages import drafts, write_feedback, write_pages
from autograder.submissions import fill, released, solutions

STUDENTS = ["ada", "bob", "cy"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with three students who got nothing; one has a mark, one a comment, one is late."""
    course = copy_course(tmp_path_factory.mktemp("pages"))
    unit = course.unit(ASSIGNMENT)
    ensure_released(course, unit)
    result = ungraded(released_unit(course, unit), "a <note>", 5)
    for cell in result.notebook.cells:
        if is_solution(cell):  # or nobody would have to read it
            cell.source += "\n# mine"
    with Writer(course) as writer:
        for student in STUDENTS:
            writer.record(unit, Entry(student, copy.deepcopy(result)))
            (course.folder("submitted") / student / ASSIGNMENT).mkdir(parents=True)
    with course.gradebook() as gradebook:
        ada, bob, cy = (
            gradebook.find_submission_notebook(unit.topic, ASSIGNMENT, one) for one in STUDENTS
        )
        waiting = [grade for grade in ada.grades if grade.needs_manual_grade]
        waiting[0].manual_score, waiting[0].needs_manual_grade = 1.5, False
        bob.comments[0].manual_comment = "**see** `this`"
        cy.late_submission_penalty = 2.25
        gradebook.db.commit()
    return course


@pytest.fixture
def unit(course):
    return course.unit(ASSIGNMENT)


def made(course, unit, pool, students=STUDENTS):
    """{student: path or None}."""
    wanted = [(unit, student) for student in students]
    found = {student: page for _, student, page in write_pages(course, wanted, pool)}
    assert not drafts(course).exists()
    return found


def pages(course, unit):
    return {student: page_of(course, unit, student) for student in STUDENTS}


def by_nbgrader(course, unit, steps):
    """The pages that nbgrader's own command writes with these steps."""
    other = Course(course.root)
    other.config.GenerateFeedback.preprocessors = steps
    assert other.api.generate_feedback(unit.assignment)["success"]
    return pages(course, unit)


def pools():
    several = pytest.param(
        lambda: LocalPool(2, modules=PRELOADED_FOR_PAGES),
        id="two workers",
        marks=pytest.mark.thorough,
    )
    one = pytest.param(lambda: LocalPool(1, modules=PRELOADED_FOR_PAGES), id="one worker")
    return pytest.mark.parametrize("pool", [pytest.param(HerePool, id="here"), one, several])


@pools()
def test_pages_are_those_of_nbgraders_command(course, unit, pool):
    theirs = by_nbgrader(course, unit, course.config.GenerateFeedback.preprocessors)
    beside = [page.parent / "more.txt" for page in made(course, unit, HerePool()).values()]
    for student, text in zip(STUDENTS, beside, strict=True):
        graded = course.notebook("autograded", unit, student).with_name(text.name)
        graded.write_text(student)
    for page in course.folder("feedback").rglob("*.html"):
        page.unlink()
    found = made(course, unit, pool())
    assert pages(course, unit) == theirs
    assert [text.read_text() for text in beside] == STUDENTS
    assert {page.stat().st_mode & 0o777 for page in found.values()} == {0o644}


def test_scores_and_comments_are_those_of_nbgraders_own_step(course, unit):
    theirs = by_nbgrader(course, unit, [GetGrades, *PAGE_STEPS])
    ours = by_nbgrader(course, unit, course.config.GenerateFeedback.preprocessors)
    assert "<strong>see</strong>" in ours["bob"]
    assert "handed in late" in ours["cy"]
    waits = "not graded yet"
    assert [ours[one].count(waits) for one in STUDENTS] == [
        ours["cy"].count(waits) - 2, ours["cy"].count(waits), ours["cy"].count(waits)
    ]  # fmt: skip
    start = '<div class="panel-body">'
    for student in STUDENTS:  # which knows nothing of answers that wait
        own = ours[student].replace(f"{waits}: ?", "Score: 0.0").partition(start)[2]
        assert own == theirs[student].partition(start)[2]


@pools()
def test_broken_notebook_costs_its_own_page_only(course, unit, pool, request):
    for student in STUDENTS:
        assert write_feedback(course, unit, student)
    old = pages(course, unit)
    graded = course.notebook("autograded", unit, "bob")
    text = graded.read_text()
    graded.chmod(0o644)
    request.addfinalizer(lambda: graded.write_text(text))
    for broken in ('{"cells": [', '{"hello": 1}', ""):
        graded.write_text(broken)
        found = made(course, unit, pool())
        assert [student for student in STUDENTS if not found[student]] == ["bob"]
        assert pages(course, unit) == old


ODD_NAMES = ["Smith [TA]", "[x]y", "a*b", "a?b", " outer spaces ", "[!a]", "[ada]", "x" * 255]


@pytest.fixture
def odd_class(course, unit):
    """A course's submissions of students whose folders have odd names."""
    result = ungraded(released_unit(course, unit), "nothing", 5)
    with Writer(course) as writer:
        for student in ODD_NAMES:
            writer.record(unit, Entry(student, copy.deepcopy(result)))
            (course.folder("submitted") / student / ASSIGNMENT).mkdir(parents=True)
    yield course
    for student in ODD_NAMES:
        for step in ("submitted", "autograded", "feedback"):
            shutil.rmtree(course.folder(step) / student, ignore_errors=True)


def test_folder_whose_name_reads_like_a_pattern_gets_its_page_and_nothing_else(odd_class, unit):
    assert all(made(odd_class, unit, HerePool(), ODD_NAMES).values())
    for student in ODD_NAMES:
        folder = odd_class.folder("feedback") / student / ASSIGNMENT
        assert os.listdir(folder) == [f"{unit.topic}.html"], student


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "a\udcff", "*", ".draft", "\x9b1m"])
@pytest.mark.parametrize("verb", ["grade", "feedback"])
def test_folder_that_can_have_no_page_is_refused_by_name_and_costs_nobody_else(
    course, unit, monkeypatch, capsys, verb, name
):
    monkeypatch.chdir(course.root)
    graded = []
    monkeypatch.setattr(verbs, "_grade_units", lambda _, chosen, *__: graded.append(chosen) or 0)
    folder = course.folder("submitted") / name
    (folder / ASSIGNMENT).mkdir(parents=True)
    try:
        assert main([verb, "--assignment", "1"]) == 3
        told = capsys.readouterr().out
        assert f"{plain(name)}: left out, " in told
        assert plain(told) == told
        assert verb != "grade" or graded == [{unit: STUDENTS}]
        assert main([verb, "--student", name]) == 2
        assert "give the folder another name" in capsys.readouterr().err
    finally:
        shutil.rmtree(folder)
    assert not (course.folder("feedback") / name).exists()


def test_command_names_the_pages_that_it_could_not_make(course, unit, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    assert main(["feedback", "--workers", "2"]) == 0
    (course.folder("submitted") / "dan" / ASSIGNMENT).mkdir(parents=True)
    assert main(["feedback"]) == 3
    out = capsys.readouterr().out
    assert "dan: no feedback page; grade the submission again" in out
    assert not (course.folder("feedback") / "dan").exists()
    (course.folder("submitted") / "dan" / ASSIGNMENT).rmdir()


def test_interrupted_writing_leaves_the_old_page(course, unit, monkeypatch):
    page = write_feedback(course, unit, "ada")
    page.write_text("old")

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.report.pages.os.replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_feedback(course, unit, "ada")
    wanted = [(unit, student) for student in STUDENTS]
    with pytest.raises(KeyboardInterrupt):
        list(write_pages(course, wanted, HerePool()))
    assert page.read_text() == "old"
    assert not drafts(course).exists()


def test_next_page_shows_what_was_recorded_meanwhile(course, unit):
    run = write_pages(course, [(unit, "ada")] * 3, HerePool())
    _, _, page = next(run)
    assert "recorded meanwhile" not in page.read_text()
    with course.gradebook() as gradebook:
        ada = gradebook.find_submission_notebook(unit.topic, ASSIGNMENT, "ada")
        ada.comments[0].manual_comment = "recorded meanwhile"
        gradebook.db.commit()
    list(run)
    assert "recorded meanwhile" in page.read_text()


class DyingPool(HerePool):
    """Breaks with all that is under way when it gets a deadly page, and by and by without."""

    broken, in_flight = (BrokenProcessPool,), 3

    def __init__(self, deadly):
        self.deadly, self.dead, self.renewed = deadly, False, 0

    def submit(self, function, /, *arguments):
        if self.dead:
            raise BrokenProcessPool
        self.dead = arguments[-1] == self.deadly
        future = Future()
        future.set_exception(BrokenProcessPool()) if self.dead else future.set_result("a page")
        return future

    def renew(self):
        self.dead = False
        self.renewed += 1


def test_page_that_ends_its_worker_is_the_only_one_lost(course, unit):
    pool, students = DyingPool("s5"), [f"s{number}" for number in range(20)]
    found = made(course, unit, pool, students)
    assert [student for student in students if not found[student]] == ["s5"]
    assert pool.renewed < len(students) / 2


def test_few_pages_start_no_workers():
    assert isinstance(pool_for_pages(2 * PAGES_PER_WORKER - 1, 8), HerePool)
    assert isinstance(pool_for_pages(1000, 1), HerePool)
    if hasattr(os, "fork"):
        assert pool_for_pages(2 * PAGES_PER_WORKER, 8).workers == 2
        assert pool_for_pages(1000, 8).workers == 8


def test_graded_notebook_is_left_as_it_was(course, unit):
    graded = course.notebook("autograded", unit, "ada")
    before = graded.read_bytes()
    nbformat.validate(nbformat.read(graded, as_version=4))
    write_feedback(course, unit, "ada")
    assert graded.read_bytes() == before


MARKED = {  # what a student may have typed: nbgrader's own marks, which don't pair
    "code": "### BEGIN HIDDEN TESTS\nmine = 1\n### BEGIN HIDDEN TESTS\n",
    "end": "mine = 3\n### END HIDDEN TESTS",
    "markdown": "### BEGIN MARK SCHEME\nmine\n### BEGIN MARK SCHEME",
}


@pytest.mark.parametrize("case", MARKED)
def test_nbgraders_marks_in_a_students_cell_cost_neither_the_page_nor_the_cell(empty_course, case):
    unit = empty_course.unit("convolution")
    new_cell = nbformat.v4.new_markdown_cell if case == "markdown" else nbformat.v4.new_code_cell
    nb = fill(released(COURSE, unit), solutions(unit))
    nb.cells.insert(8, new_cell(MARKED[case]))
    graded(empty_course, unit, "ada", nb)
    page = page_of(empty_course, unit, "ada")
    assert re.search(r"\bmine\b", page)
