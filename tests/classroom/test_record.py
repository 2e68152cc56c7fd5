"""The one writer: nbgrader's rows in one transaction, files replaced in one step, kept marks."""

import copy
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from support.course import COURSE, copy_course, students_of
from support.gradebooks import ASSIGNMENT, hand_in, tables

from autograder.classroom.grading import Choice, grade_students
from autograder.classroom.pools import HerePool
from autograder.classroom.record import Entry, Writer, done_path
from autograder.course import Course, CourseError
from autograder.engine.grade import ungraded
from autograder.release.recorded import ensure_released, released_unit
from autograder.report.pages import write_feedback
from autograder.submissions import fill, released, solutions

WHEN = datetime(2026, 1, 2, 3, 4, 5)
OF_STUDENTS = {"student", "submitted_assignment", "submitted_notebook", "grade", "comment"}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A course with unit 01 released and due before `WHEN`; nothing graded."""
    course = copy_course(tmp_path_factory.mktemp("template"))
    ensure_released(course, course.unit(ASSIGNMENT))
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=WHEN - timedelta(hours=1))
    return course


@pytest.fixture
def course(template, tmp_path):
    """A copy of the template: the same ids in the gradebook."""
    shutil.copytree(template.root, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="module")
def results(template):
    """{student: `Result`} without a kernel: all right but one question, an empty one, a note."""
    unit = released_unit(template, template.unit(ASSIGNMENT))
    filled = fill(released(COURSE, COURSE.unit(ASSIGNMENT)), solutions(COURSE.unit(ASSIGNMENT)))
    right = ungraded(unit, "a note", 5)
    sources = {cell.id: cell.source for cell in filled.cells}
    for cell in right.notebook.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("solution"):
            cell.source = sources[cell.id]
        elif details.get("grade") and details["grade_id"] != "conv1d":
            cell.outputs = []
    return {"ada": right, "bob": ungraded(unit, "broken", 5)}


def by_nbgrader(course, unit, student, result, timestamp):
    """Record a result by nbgrader's own steps, each with its own connection and commits."""
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        gradebook.update_or_create_submission(unit.assignment, student, **known)
    where = {"assignment": unit.assignment, "notebook": unit.topic, "student": student}
    resources = {"nbgrader": {**where, "db_url": course.coursedir.db_url}}
    for step in (SaveAutoGrades, AssignLatePenalties):
        step(config=course.config).preprocess(result.notebook, resources)


def together(count):
    """A pool whose results come so many at a time."""
    pool = HerePool()
    pool.in_flight = count
    return pool


@pytest.mark.parametrize("penalty", ["none", "zero"])
@pytest.mark.parametrize("group", [1, 2, 3])
def test_every_table_holds_what_nbgraders_own_steps_write(
    course, results, tmp_path, penalty, group
):
    shutil.copytree(course.root, tmp_path / "plain")
    plain, unit = Course(tmp_path / "plain"), course.unit(ASSIGNMENT)
    for one in (plain, course):
        one.config.LateSubmissionPlugin.penalty_method = penalty
    # A first time, again, late, and with another result.
    early = WHEN - timedelta(days=1)
    hand_ins = [("ada", None, "ada"), ("bob", None, "bob"), ("cleo", early, "ada")]
    hand_ins += [("ada", WHEN, "ada"), ("bob", WHEN, "ada"), ("dan", None, "bob")]
    hand_ins += [("eve", WHEN, "ada")]
    entries = [Entry(who, copy.deepcopy(results[which]), when) for who, when, which in hand_ins]
    with Writer(course) as writer:
        for student, when, which in hand_ins:
            by_nbgrader(plain, unit, student, results[which], when)
        for first in range(0, len(entries), group):
            writer.record(unit, *entries[first : first + group])
    expected = tables(plain)
    assert tables(course) == expected
    assert len(expected["submitted_notebook"]) == 5
    assert any("'auto_score': 3.0" in row for row in expected["grade"])
    assert any("No response." in row for row in expected["comment"])
    late = [row for row in expected["submitted_notebook"] if "penalty': None" not in row]
    assert len(late) == (3 if penalty == "zero" else 0)


@pytest.mark.parametrize("group", [1, 3])
def test_recording_reads_no_other_students_rows(course, results, group):
    """Each query finds its rows by an index: the time of one doesn't grow with the class."""
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    unit, statements = course.unit(ASSIGNMENT), []
    entries = [
        Entry(student, copy.deepcopy(results["ada"]), WHEN)
        for student in ("ada", "bob", "cleo")[:group]
    ]
    with Writer(course) as writer:

        @event.listens_for(writer.gradebook.engine, "before_cursor_execute")
        def see(_, cursor, statement, parameters, *__):
            if statement.startswith(("SELECT", "UPDATE")):
                several = isinstance(parameters, list)
                statements.append((statement, parameters[0] if several else parameters))

        writer.record(unit, *entries)
        writer.record(unit, *entries)
    with closing(sqlite3.connect(course.work / "gradebook.db")) as base:
        for statement, parameters in statements:
            plan = [row[-1] for row in base.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [step.split()[1] for step in plan if step.startswith("SCAN")]
            assert OF_STUDENTS.isdisjoint(scans), statement
    assert any("sum(" in statement for statement, _ in statements), "none was late"


@pytest.mark.parametrize("group", [1, 3])
def test_manual_marks_and_comments_survive_grading_again(course, results, group):
    unit, students = course.unit(ASSIGNMENT), ["ada", "bob", "cleo"]
    for student in students:
        hand_in(course, unit, student)
    graded = lambda *_: copy.deepcopy(results["ada"])  # noqa: E731
    list(grade_students(course, unit, students, pool=together(group), grade=graded))
    with course.gradebook() as gradebook:  # as formgrader does
        gradebook.find_grade("line_kernels", unit.topic, ASSIGNMENT, "ada").manual_score = 1.5
        gradebook.find_grade("conv1d", unit.topic, ASSIGNMENT, "ada").extra_credit = 0.5
        comment = gradebook.find_comment("solution_conv1d", unit.topic, ASSIGNMENT, "ada")
        comment.manual_comment = "nearly"
        gradebook.db.commit()
    again = Choice(force=True)
    list(grade_students(course, unit, students, again, together(group), graded))
    with course.gradebook() as gradebook:
        assert gradebook.find_grade("line_kernels", unit.topic, ASSIGNMENT, "ada").score == 1.5
        assert gradebook.find_grade("conv1d", unit.topic, ASSIGNMENT, "ada").extra_credit == 0.5
        comment = gradebook.find_comment("solution_conv1d", unit.topic, ASSIGNMENT, "ada")
        assert comment.comment == "nearly"


def test_submission_that_fails_half_way_leaves_the_gradebook_as_it_was(course, results):
    unit = course.unit(ASSIGNMENT)
    with Writer(course) as writer:
        writer.record(unit, Entry("ada", results["ada"], None, "key"))
        before = tables(course)
        broken = copy.deepcopy(results["bob"])
        broken.notebook.cells[-1].metadata["nbgrader"] = {
            "grade": True, "points": 1, "grade_id": "unknown", "solution": False,
        }  # fmt: skip
        for student in ("ada", "bob"):
            with pytest.raises(Exception, match="No such grade"):
                writer.record(unit, Entry(student, broken, None, "key"))
        assert writer.done.key(ASSIGNMENT, "ada") is None
    assert tables(course) == before


@pytest.mark.parametrize("group", [1, 3])
def test_what_cannot_be_recorded_costs_that_one_only(course, results, group):
    unit = course.unit(ASSIGNMENT)

    def graded(task, _):
        result = copy.deepcopy(results["ada"])
        if task.student == "bob":
            result.notebook.cells[-1].metadata["nbgrader"] = {
                "grade": True, "points": 1, "grade_id": "unknown", "solution": False,
            }  # fmt: skip
        return result

    students = ["ada", "bob", "cleo"]
    for student in students:
        hand_in(course, unit, student)
    found = list(grade_students(course, unit, students, pool=together(group), grade=graded))
    assert [one.student for one in found] == students
    assert "No such grade" in found[1].problem
    assert [found[number].problem for number in (0, 2)] == [None, None]
    with Writer(course) as writer:
        known = [writer.done.key(ASSIGNMENT, student) is not None for student in students]
    assert known == [True, False, True]


def test_folder_that_cannot_be_made_stops_a_group_after_those_before_it(course, results):
    unit, students = course.unit(ASSIGNMENT), ["ada", "bob", "cleo"]
    for student in students:
        hand_in(course, unit, student)
    course.folder("autograded").mkdir()
    (course.folder("autograded") / "bob").write_text("a file")
    graded = lambda *_: copy.deepcopy(results["ada"])  # noqa: E731
    run = grade_students(course, unit, students, pool=together(3), grade=graded)
    assert next(run).student == "ada"
    with pytest.raises(CourseError, match="bob's result can't be written"):
        next(run)
    with Writer(course) as writer:
        assert [one for one in students if writer.done.key(ASSIGNMENT, one)] == ["ada"]


def test_gradebook_that_cannot_be_written_stops_the_run(course, results, monkeypatch):
    unit = course.unit(ASSIGNMENT)
    hand_in(course, unit, "ada")

    def locked(*_, **__):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(Writer, "_write_rows", locked)
    graded = lambda *_: copy.deepcopy(results["ada"])  # noqa: E731
    with pytest.raises(CourseError, match="database is locked"):
        list(grade_students(course, unit, ["ada"], grade=graded))


def test_reader_of_a_file_that_is_replaced_keeps_the_whole_old_text(course, results):
    unit = course.unit(ASSIGNMENT)
    path = course.folder("autograded") / "ada" / ASSIGNMENT / unit.file
    with Writer(course) as writer:
        writer.record(unit, Entry("ada", copy.deepcopy(results["ada"]), WHEN))
        old = path.read_text()
        with open(path) as reader:
            writer.record(unit, Entry("ada", copy.deepcopy(results["bob"]), WHEN))
            assert reader.read() == old
    assert path.read_text() != old
    assert sorted(os.listdir(path.parent)) == [path.name, "timestamp.txt"]
    assert students_of(course, unit) == []  # a draft is no student


def test_feedback_page_is_there_while_the_next_one_is_made(course, results, monkeypatch):
    unit = course.unit(ASSIGNMENT)
    with Writer(course) as writer:
        writer.record(unit, Entry("ada", copy.deepcopy(results["ada"]), WHEN))
    page = write_feedback(course, unit, "ada")
    old, seen = page.read_text(), []
    replace = os.replace

    def watched(source, target):
        seen.append(page.read_text() == old)
        replace(source, target)

    monkeypatch.setattr("autograder.report.pages.os.replace", watched)
    assert write_feedback(course, unit, "ada") == page
    assert seen
    assert all(seen)
    assert sorted(os.listdir(page.parent)) == [page.name, "timestamp.txt"]


def test_damaged_file_of_keys_is_made_anew(course, results):
    unit = course.unit(ASSIGNMENT)
    with Writer(course) as writer:
        writer.record(unit, Entry("ada", results["ada"], None, "key"))
    done_path(course).write_bytes(b"no database" * 1000)
    with Writer(course) as writer:
        assert writer.done.key(ASSIGNMENT, "ada") is None
        writer.record(unit, Entry("ada", results["ada"], None, "key"))
        assert writer.done.key(ASSIGNMENT, "ada") == "key"
