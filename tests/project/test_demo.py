"""The demo: a course of its own beside the real one, of which it leaves no trace there."""

import copy
import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pytest
from support.course import ROOT, automatic, copy_course

from autograder.classroom.grading import Choice, grade_students
from autograder.classroom.lock import only_run
from autograder.classroom.pools import HerePool
from autograder.cli import main
from autograder.course import Course, CourseError
from autograder.engine.grade import ungraded
from autograder.release.build import release
from autograder.release.recorded import released_unit
from autograder.report.rows import rows
from autograder.sample_class import make_sample_class

DEMO = ["demo", "--assignment", "1", "--quiet"]


def contents(course):
    """{path: bytes, or None of a folder} of all that lies in a course, but for its demo's."""
    demo = course.root / "work/demo"
    found = [path for path in course.root.rglob("*") if not path.is_relative_to(demo)]
    return {path: None if path.is_dir() else path.read_bytes() for path in found}


def grade_without_kernels(course, unit, students, choice=None, pool=None):
    """As `grade_students`, but everybody gets nothing, at once."""
    one = released_unit(course, unit)
    grade = lambda task, _: ungraded(one, "not graded in this test", task.seed)  # noqa: E731
    return grade_students(course, unit, students, choice or Choice(seed=1), HerePool(), grade)


@pytest.fixture
def no_kernels(monkeypatch):
    """Two of the sample class are graded, and they get nothing."""
    monkeypatch.setattr("autograder.verbs.make_sample_class", lambda *w: make_sample_class(*w)[:2])
    monkeypatch.setattr("autograder.verbs.grade_students", grade_without_kernels)
    monkeypatch.setattr("autograder.verbs.pool_for", lambda *_: nullcontext())


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with a submission that is graded; the working directory is its folder."""
    course = copy_course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    (unit,) = [one for one in course.units if one.topic == "convolution"]
    folder = course.notebook("submitted", unit, "ada").parent
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "release" / unit.assignment / unit.file, folder)
    list(grade_without_kernels(course, unit, ["ada"]))
    return course


@pytest.fixture
def demo(course):
    """The demo's course, once there is one."""
    return lambda: Course.find(course.root / "work/demo")


@pytest.mark.thorough
def test_demo_beside_a_real_run_leaves_the_real_course_as_it_is(course, demo, capsys):
    with only_run(course):
        before = contents(course)
        assert main(DEMO) == 0
        assert contents(course) == before
    out = capsys.readouterr().out
    unit = demo().unit("1")
    most = sum(automatic(course, unit).values())
    assert [row.total for row in rows(demo(), unit, ["sample_full_solution"])] == [most]
    shown = re.findall(r"^  (work/demo/\S+)$", out.partition("Open next:")[2], re.MULTILINE)
    assert len(shown) == 4
    assert all((course.root / path).exists() for path in shown)
    (folder, jupyter) = re.search(r"cd (\S+) && (\S+) lab .*/formgrader", out).groups()
    assert (course.root / folder, Path(jupyter).exists()) == (demo().root, True)
    # nbgrader's own commands work there as they do in the real course.
    again = ["autograde", unit.assignment, "--student=sample_unreadable_file", "--force"]
    nbgrader(again, demo().root)
    (row,) = rows(demo(), unit, ["sample_unreadable_file"])
    assert "broken JSON" in row.notes[0]
    assert contents(course) == before


@pytest.mark.usefixtures("no_kernels")
def test_commands_in_the_demos_folder_are_about_the_demo(course, demo, monkeypatch):
    assert main(DEMO) == 0
    before = contents(course)
    assert "sample_derivative_sign_flipped" in nbgrader(["db", "student", "list"], demo().root)
    nbgrader(["export", "--to", "plain.csv"], demo().root)
    monkeypatch.chdir(demo().folder("submitted"))
    assert main(["export", "--to", "../ours.csv"]) == 0
    assert main(["release", "--assignment", "1"]) == 0
    for name in ("plain.csv", "ours.csv", "grades.csv"):
        names = [record["student_id"] for record in read_csv(demo().root / name)]
        assert len(names) == 2
        assert all(student.startswith("sample_") for student in names), name
    assert main(DEMO) == 0, "made anew from within"
    assert not (demo().root / "demo").exists()
    assert contents(course) == before


def add_question(nb):
    cell = copy.deepcopy(question(nb, "conv1d"))
    cell.id, cell.metadata.nbgrader.grade_id = "another", "another"
    nb.cells.append(cell)


def remove_question(nb):
    nb.cells.remove(question(nb, "conv1d"))


def rename_question(nb):
    question(nb, "conv1d").metadata.nbgrader.grade_id = "conv1d_again"


def change_points(nb):
    question(nb, "conv1d").metadata.nbgrader.points = 7


@pytest.mark.usefixtures("no_kernels")
@pytest.mark.parametrize(
    "change",
    [
        add_question,
        pytest.param(remove_question, marks=pytest.mark.thorough),
        pytest.param(rename_question, marks=pytest.mark.thorough),
        change_points,
    ],
)
def test_demo_runs_again_after_any_change_to_a_unit(course, demo, change):
    assert main(DEMO) == 0
    unit = course.unit("1")
    nb = nbformat.read(unit.source, as_version=4)
    change(nb)
    nbformat.write(nb, unit.source)
    if change is not change_points:
        with pytest.raises(CourseError, match="Cannot add or remove cells"):
            release(demo(), unit)  # as in a course whose grades are somebody's
    assert main(DEMO) == 0
    (record, *_) = read_csv(demo().root / "grades.csv")
    asked = {name.partition(".")[2] for name in record if name.startswith("convolution.")}
    assert asked == {cell.metadata.nbgrader.grade_id for cell in grade_cells(nb)}
    assert float(record["max_score"]) == sum(c.metadata.nbgrader.points for c in grade_cells(nb))


@pytest.mark.usefixtures("no_kernels")
def test_real_course_goes_on_after_a_demo_as_if_there_had_been_none(tmp_path, monkeypatch):
    course = copy_course(tmp_path)
    monkeypatch.chdir(course.root)
    unit = course.unit("1")
    assert main(DEMO) == 0
    assert not course.folder("submitted").exists()
    assert not course.folder("release").exists()
    nb = nbformat.read(unit.source, as_version=4)
    remove_question(nb)
    nbformat.write(nb, unit.source)
    assert main(["release", "--assignment", "1"]) == 0
    assert main(["export", "--to", "grades.csv"]) == 0
    assert read_csv(course.root / "grades.csv") == []


@pytest.mark.usefixtures("no_kernels")
def test_second_demo_at_the_same_time_refuses_and_changes_nothing(course, demo, capsys):
    assert main(DEMO) == 0
    with only_run(demo()):
        before = contents(demo())
        assert main(DEMO) == 2
        assert contents(demo()) == before
    assert (
        f"another run is grading in this course: process {os.getpid()}" in capsys.readouterr().err
    )
    assert main(DEMO) == 0


@pytest.mark.usefixtures("no_kernels")
def test_only_what_the_demo_made_is_replaced(course, demo, capsys):
    folder = course.root / "work/demo"
    (folder / "submitted/ada").mkdir(parents=True)
    (folder / "submitted/ada/mine.txt").write_text("mine")
    assert main(DEMO) == 2
    assert "the demo didn't make them" in capsys.readouterr().err
    assert [str(path.relative_to(folder)) for path in folder.rglob("*.*")] == [
        "submitted/ada/mine.txt"
    ]
    (folder / "submitted").rename(course.root / "aside")
    assert main(DEMO) == 0
    (course.root / "aside/ada").rename(folder / "submitted/ada")
    (folder / "notes.txt").write_text("mine")
    assert main(DEMO) == 0
    assert (folder / "submitted/ada/mine.txt").read_text() == "mine"
    assert (folder / "notes.txt").read_text() == "mine"


def test_demo_without_walls_says_so_before_it_touches_anything(course, demo, monkeypatch, capsys):
    def no_walls(*_):
        raise CourseError("no walls here")

    monkeypatch.setattr("autograder.verbs.pool_for", no_walls)
    before = contents(course)
    assert main(DEMO) == 2
    assert "no walls here" in capsys.readouterr().err
    assert contents(course) == before
    assert not (course.root / "work/demo").exists()


@pytest.mark.usefixtures("no_kernels")
def test_courses_own_settings_hold_in_the_demo_but_not_its_folders(course, demo):
    with open(course.root / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write(
            '\nc.Grading.cell_seconds = 7\nc.CourseDirectory.release_directory = "elsewhere"\n'
        )
    assert main(DEMO) == 0
    assert demo().config.Grading.cell_seconds == 7
    assert demo().folder("release") == demo().root / "release"
    assert demo().hidden == (str(course.root),), "what holds the solutions is out of view"


def test_documented_commands_take_an_old_sample_class_out_of_a_course(course):
    unit = course.unit("1")
    students = make_sample_class(course, unit)[:2]
    list(grade_without_kernels(course, unit, students))
    text = (ROOT / "docs/grading.md").read_text(encoding="utf-8")
    commands = re.search(r"```bash\n(for student in .*?)```", text, re.DOTALL)[1]
    commands = commands.replace(".venv/bin/nbgrader", f"{shlex.quote(sys.executable)} -m nbgrader")
    subprocess.run(["bash", "-ec", commands], cwd=course.root, check=True, capture_output=True)
    with course.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]
    left = {path.name for path in course.work.glob("*/*") if path.is_dir()}
    assert left == {"ada"}
    assert rows(course, unit, ["ada"])[0].notes == ["not graded in this test"]


def nbgrader(arguments, folder):
    """What the plain command prints."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def grade_cells(nb):
    return [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def question(nb, name):
    (cell,) = [cell for cell in grade_cells(nb) if cell.metadata.nbgrader.grade_id == name]
    return cell
