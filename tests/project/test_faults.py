"""Faults of the host end a command with one message that says what helps; nothing is lost."""

import errno
import sqlite3

import pytest
import sqlalchemy.exc
from nbgrader.api import InvalidEntry
from support.course import COURSE, copy_course, graded

from autograder import cli
from autograder.classroom.done import Done
from autograder.classroom.lock import FEEDBACK, only_run
from autograder.report.pages import Pages
from autograder.submissions import released


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course, in which the command is called."""
    course = copy_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    return course


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_disk_that_takes_nothing_is_told_by_its_file(course, monkeypatch, capsys, number):
    def fail(*_):
        raise OSError(number, "reason", "work/some file")

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main(["export"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("autograder: work/some file: reason\n  ")
    assert "what was recorded before stays" in told


def wrapped(error):
    """An error as nbgrader raises it: for SQLAlchemy's, which is raised for SQLite's."""
    try:
        try:
            raise sqlalchemy.exc.OperationalError("COMMIT", {}, error)
        except sqlalchemy.exc.OperationalError as cause:
            raise InvalidEntry(*cause.args)  # noqa: B904
    except InvalidEntry as made:
        return made


FULL, READ_ONLY = "database or disk is full", "attempt to write a readonly database"
NAMELESS = {  # that don't say which file it is: (the error, where, the remedy)
    "file": (OSError(errno.ENOSPC, "No space left"), "work: No space", "make room"),
    "done": (sqlite3.OperationalError(FULL), "work: its database", "make room"),
    "gradebook": (wrapped(sqlite3.OperationalError(FULL)), "gradebook.db: ", "make room"),
    "faulty": (sqlite3.OperationalError("disk I/O error"), "work: its", "full or faulty"),
    "read-only": (sqlite3.OperationalError(READ_ONLY), "work: its", "only be read"),
}


@pytest.mark.parametrize(("error", "where", "remedy"), NAMELESS.values(), ids=NAMELESS)
def test_fault_without_a_file_is_told_by_its_folder(
    course, monkeypatch, capsys, error, where, remedy
):
    def fail(*_):
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main(["export"]) == 2
    told = capsys.readouterr().err
    assert where in told
    assert remedy in told


def test_full_disk_is_no_fault_of_a_feedback_page(course, monkeypatch, capsys):
    unit = course.unit("convolution")
    graded(course, unit, "ada", released(COURSE, unit))

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left")

    monkeypatch.setattr(Pages, "_replace", fail)
    assert cli.main(["feedback", "--workers", "1"]) == 2
    assert "make room" in capsys.readouterr().err


def test_second_run_of_feedback_waits_for_the_first(course, capsys):
    with only_run(course, FEEDBACK):
        unit = course.unit("convolution")
        graded(course, unit, "ada", released(COURSE, unit))
        assert cli.main(["feedback"]) == 2
    assert "another run writes feedback pages in this course" in capsys.readouterr().err


def test_other_errors_are_no_faults_of_the_host(course, monkeypatch):
    def fail(*_):
        raise OSError(errno.EPIPE, "reason")

    monkeypatch.setattr(cli, "_run", fail)
    with pytest.raises(OSError, match="reason"):
        cli.main(["export"])


def test_damaged_gradebook_is_told_and_stays_as_it_is(course, capsys):
    path = course.work / "gradebook.db"
    damaged = b"x" * 200 + path.read_bytes()[200:]
    path.write_bytes(damaged)
    assert cli.main(["export"]) == 2
    told = capsys.readouterr().err
    assert "gradebook.db: " in told
    assert "put a copy of it back" in told
    assert path.read_bytes() == damaged


def test_gradebook_that_another_program_holds_is_told(course, capsys):
    holder = sqlite3.connect(course.work / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    assert cli.main(["export"]) == 2
    told = capsys.readouterr().err
    assert "database is locked" in told
    assert "let that finish" in told
    holder.close()
    assert cli.main(["export"]) == 0


# --- the file of what is done ------------------------------------------------------------------


def kept(path):
    """The file with the keys of a hundred results in it."""
    done = Done(path)
    done.add("1", [(f"s{number}", "k" * 40, {"q": 1.0}) for number in range(100)])
    done.close()


def make_folder(path):
    path.unlink()
    path.mkdir()
    (path / "file").write_text("kept")


DAMAGES = {
    "a folder": make_folder,
    "no database": lambda path: path.write_text("hello"),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "damaged pages": lambda path: path.write_bytes(
        path.read_bytes()[:4096] + b"x" * 3000 + path.read_bytes()[7096:]
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_file_of_what_is_done_is_taken_aside(tmp_path, capsys, damage):
    path = tmp_path / "done.sqlite"
    for _ in range(2):  # the second time there is one aside already
        kept(path)
        damage(path)
        done = Done(path)
        assert done.key("1", "s1") is None
        done.add("1", [("ada", "key", {})])
        assert done.key("1", "ada") == "key"
        done.close()
        assert "is damaged; what is graded is in the gradebook" in capsys.readouterr().err
        assert (tmp_path / "damaged-done.sqlite").exists()


def test_file_in_order_stays(tmp_path, capsys):
    path = tmp_path / "done.sqlite"
    kept(path)
    done = Done(path)
    assert done.key("1", "s99") == "k" * 40
    done.close()
    assert capsys.readouterr().err == ""
