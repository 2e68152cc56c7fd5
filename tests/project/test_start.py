"""What has to be there before the first result, and what a process that grades does without."""

import gc
import json
import shutil
import subprocess
import sys

import nbformat
import nbgrader.utils
import pytest
from support.course import COURSE, ROOT

from autograder import cli
from autograder.classroom import pools
from autograder.classroom.grading import Choice, Plan
from autograder.classroom.record import Writer
from autograder.course import CONFIG_NAME, Course
from autograder.engine import cells
from autograder.engine.walls.sandbox import AUTO, NONE
from autograder.engine.walls.warm import _name
from autograder.release.build import release
from autograder.release.recorded import released_unit
from autograder.settings import Grading
from autograder.student_version import without_tests

UNITS = COURSE.units


def imported_with(*names):
    """The top modules in memory of a process that has imported these."""
    code = f"import sys, json, {', '.join(names)}\nprint(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return {name.partition(".")[0] for name in json.loads(told)}


def test_command_line_is_read_without_what_grading_needs():
    assert not imported_with("autograder.cli") & {"numpy", "nbformat", "nbgrader", "torch"}


def test_processes_that_grade_do_without_nbgrader():
    found = imported_with(*pools.PRELOADED, "autograder.hidden.convolution")
    assert "numpy" in found
    assert not found & {"nbgrader", "sqlalchemy", "jupyter_client", "tornado"}


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"grade": True},
        {"solution": True, "grade": False},
        {"task": True, "grade": True, "solution": True},
    ],
)
def test_kinds_of_cells_are_nbgraders(metadata):
    cell = nbformat.v4.new_code_cell(
        "1", metadata={} if metadata is None else {"nbgrader": metadata}
    )
    for name in ("is_grade", "is_solution", "is_task"):
        assert getattr(cells, name)(cell) == getattr(nbgrader.utils, name)(cell), name


# --- the template that starts with the command ---------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own with every unit released."""
    root = tmp_path_factory.mktemp("course")
    for name in ("notebooks", "assets"):
        (root / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / CONFIG_NAME, root)
    course = Course(root)
    for unit in course.units:
        release(course, unit)
    return course


@pytest.mark.parametrize("unit", UNITS, ids=[unit.topic for unit in UNITS])
def test_what_is_guessed_of_a_units_kernels_is_what_they_are_started_with(course, unit):
    guessed = Grading(sandbox=AUTO).settings(without_tests(course, unit))
    with Writer(course) as writer:
        plan = Plan(course, unit, writer, Choice())
    assert _name(guessed) == _name(plan.settings)


@pytest.mark.parametrize("change", ["no file", "no notebook", "not UTF-8"])
def test_nothing_is_guessed_where_the_student_version_cannot_be_read(tmp_path, change):
    course, unit = Course(tmp_path), UNITS[0]
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "release" / unit.assignment / unit.file
    path.parent.mkdir(parents=True)
    if change != "no file":
        path.write_bytes(b"{}" if change == "no notebook" else b"\xff\xfe\xff")
    assert without_tests(course, unit) is None


def test_pool_takes_over_the_template_that_was_started_for_it(course):
    settings = Grading(sandbox=AUTO).settings(without_tests(course, UNITS[0]))
    pools.expect_early(settings)
    with pools.LocalPool(1) as pool:
        early = pool.templates.template
        assert early is not None
        pool.expect(settings)
        assert pool.templates.template is early
    assert not early.alive()
    with pools.LocalPool(1) as pool:
        assert pool.templates.template is None


def test_no_template_is_started_where_kernels_are_not_forked():
    settings = Grading(sandbox=NONE).settings(released_unit(COURSE, UNITS[0]))
    pools.expect_early(settings)
    with pools.LocalPool(1) as pool:
        assert pool.templates.template is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["grade"], ["01_convolution", "03_cnn_layers"]),
        (["grade", "--assignment", "3"], ["03_cnn_layers"]),
        (["grade", "--assignment", "2"], []),
        (["grade", "--student", "ada"], ["01_convolution"]),
        (["grade", "--student", "eve"], []),
    ],
    ids=["all", "a unit", "nobody's unit", "a student", "nobody"],
)
def test_only_what_was_handed_in_is_imported_early(tmp_path, arguments, expected):
    for name in ("notebooks", "nbgrader_config.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    for student, unit in [("ada", "01_convolution"), ("bob", "03_cnn_layers")]:
        (tmp_path / "work" / "submitted" / student / unit).mkdir(parents=True)
    options = cli._parser().parse_args(arguments)
    found = cli._handed_in(Course(tmp_path), options)
    assert [unit.assignment for unit in found] == expected


def test_garbage_is_looked_for_again_when_all_is_imported():
    code = "import gc, sys\nfrom autograder import cli\nsys.argv = ['autograder', 'doctor']\n"
    code += "cli.main()\nsys.exit(0 if gc.isenabled() and gc.get_freeze_count() else 1)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT)


def test_command_called_from_a_program_leaves_its_collector_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gc.disable()
    try:
        cli.main(["export"])
        assert not gc.isenabled()
    finally:
        gc.enable()
