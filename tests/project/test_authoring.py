"""`autograder new-unit` and `new-question`, used in a copy of the project."""

import ast
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from support.course import ROOT

from autograder import cli
from autograder.authoring import scaffold
from autograder.course import Course, CourseError
from autograder.engine.cells import question_points

COPIED = [
    "notebooks", "assets", "coursekit", "autograder", "tests", "release", "pyproject.toml",
    "nbgrader_config.py",
]  # fmt: skip
MODULES = ["coursekit/checks", "autograder/hidden", "autograder/mistakes"]
SUITE = [  # what promises something of every unit
    "tests/units/test_units.py",
    "tests/units/test_mistakes.py",
    "tests/release/test_release.py",
    "tests/classroom/test_grading.py",
    "tests/project/test_try.py",
]


@pytest.fixture
def project(tmp_path):
    """A copy of the project without its git folder."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, ignore=leave) if source.is_dir() else shutil.copy(
            source, target
        )
    return Course(tmp_path)


@pytest.fixture
def run(project):
    """Run a Python module in the copy, with the copy's packages."""

    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": str(project.root)}
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command, cwd=project.root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    return run


def contents(project):
    files = [path for path in project.root.rglob("*") if path.is_file()]
    return {path.relative_to(project.root): path.read_bytes() for path in files}


def test_new_unit_is_four_files_and_nothing_else_changes(project, run):
    before = contents(project)
    told = run("autograder.cli", "new-unit", "pooling")
    after = contents(project)
    number = len(project.units)
    added = [f"notebooks/{number:02}_pooling/pooling.ipynb"]
    added += [f"{folder}/pooling.py" for folder in MODULES]
    new = {str(path) for path in after.keys() - before.keys() if "__pycache__" not in path.parts}
    assert new == set(added)
    assert {path: after[path] for path in before} == before
    assert all(f"wrote {name}\n" in told for name in added)
    assert "autograder release --assignment pooling" in told
    assert f"| [{number:02}]({added[0]}) | pooling | 15 | 2 |" in told


def test_new_question_only_adds_to_the_end_of_a_units_files(project, run):
    unit = project.unit("convolution")
    paths = [unit.source, *(project.root / folder / "convolution.py" for folder in MODULES)]
    before, old = [path.read_text() for path in paths], nbformat.read(unit.source, as_version=4)
    points = sum(question_points(old).values())
    told = run("autograder.cli", "new-question", "1", "third_root")
    for path, text in zip(paths[1:], before[1:], strict=True):
        assert path.read_text().startswith(text)
        assert "third_root" in path.read_text()
    new = nbformat.read(unit.source, as_version=4)
    assert new.cells[: len(old.cells)] == old.cells
    ids = ["exercise_third_root", "solution_third_root", "check_third_root", "third_root"]
    assert [cell.id for cell in new.cells[len(old.cells) :]] == ids
    assert before[0].endswith("\n")
    assert unit.source.read_text().endswith("}\n")
    assert f"have {points + 2:g} points now" in told


def test_what_is_made_is_in_the_projects_style(project, run):
    longest = "a_name_of_no_less_than_thirty_"
    assert len(longest) == 30
    unit = scaffold.new_unit(project, longest)
    scaffold.new_question(project, unit, longest)
    files = [str(unit.source), *(f"{folder}/{longest}.py" for folder in MODULES)]
    run("ruff", "check", *files)
    run("ruff", "format", "--check", *files)
    nbformat.validate(nbformat.read(unit.source, as_version=4))


WRONG = {
    "2d": "begin with a letter",
    "_pooling": "begin with a letter",
    "pool-ing": "letters, digits and underscores",
    "pool/ing": "letters, digits and underscores",
    "größe": "letters, digits and underscores",
    "": "letters, digits and underscores",
    "lambda": "a word of Python",
    "sum": "Python has a function or class of this name",
    "a" * 31: "longer than 30 characters",
}


@pytest.mark.parametrize("name", WRONG)
def test_name_that_cannot_be_is_refused_in_words(project, name):
    before = contents(project)
    for refused in (
        lambda: scaffold.new_unit(project, name),
        lambda: scaffold.new_question(project, project.units[0], name),
    ):
        with pytest.raises(CourseError, match=WRONG[name]) as told:
            refused()
        assert str(told.value).startswith(f"{name!r} can't be the name of a ")
    assert contents(project) == before


TAKEN = {  # a name for a question of unit 01: who has it
    "conv2d": "cell 'exercise_conv2d' of notebooks/01_convolution/convolution.ipynb",
    "tiny": "cell 'image-tiny' of notebooks/01_convolution/convolution.ipynb",
    "checks": "cell 'setup' of notebooks/01_convolution/convolution.ipynb",
    "setup": "cell 'setup' of notebooks/01_convolution/convolution.ipynb",
    "visible": "coursekit/checks/convolution.py has it",
    "generator": "autograder/hidden/convolution.py has it",
    "Bank": "autograder/mistakes/convolution.py has it",
}


@pytest.mark.parametrize("name", TAKEN)
def test_name_of_something_else_is_refused_and_says_whose_it_is(project, name):
    before = contents(project)
    with pytest.raises(CourseError) as told:
        scaffold.new_question(project, project.unit("convolution"), name)
    assert str(told.value).startswith(f"{name!r} is taken: {TAKEN[name]}")
    assert contents(project) == before


def test_taken_topic_and_files_in_the_way_are_refused(project):
    before = contents(project)
    with pytest.raises(CourseError, match="`autograder new-question convolution NAME`"):
        scaffold.new_unit(project, "convolution")
    for topic, path in [("core", "coursekit/checks/core.py"), ("rules", "autograder/hidden/rules")]:
        with pytest.raises(CourseError, match=f"{path}.*there already, so nothing was written"):
            scaffold.new_unit(project, topic)
    with pytest.raises(CourseError, match="names files: write it in small letters"):
        scaffold.new_unit(project, "Pooling")
    assert contents(project) == before


def test_module_that_lacks_a_name_is_left_alone_and_says_what_to_import(project):
    unit = project.unit("convolution")
    path = project.root / "autograder/hidden/convolution.py"
    path.write_text(path.read_text().replace("    expect_array,\n", "", 1))
    before = contents(project)
    with pytest.raises(CourseError) as told:
        scaffold.new_question(project, unit, "third_root")
    assert "autograder/hidden/convolution.py has no 'expect_array'" in str(told.value)
    assert "`from coursekit.checks.core import expect_array`" in str(told.value)
    assert contents(project) == before


def test_file_that_cannot_be_read_is_told(project):
    unit = project.unit("convolution")
    path = project.root / "coursekit/checks/convolution.py"
    path.write_text("def broken(:\n")
    with pytest.raises(CourseError, match=r"convolution\.py, line 1: .*put that right first"):
        scaffold.new_question(project, unit, "third_root")
    path.unlink()
    with pytest.raises(CourseError, match="can't be read: No such file"):
        scaffold.new_question(project, unit, "third_root")
    unit.source.write_text("[")
    with pytest.raises(CourseError, match="can't be read as a notebook"):
        scaffold.new_question(project, unit, "third_root")


def test_write_that_breaks_off_leaves_the_old_file_whole(project, monkeypatch):
    unit = project.unit("convolution")
    before = contents(project)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        scaffold.new_question(project, unit, "third_root")
    after = contents(project)
    assert {path: after[path] for path in before} == before


def test_unit_is_written_only_with_the_command_of_its_own_clone(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    for verb in (["new-unit", "pooling"], ["new-question", "1", "third_root"]):
        assert cli.main(verb) == 2
        assert f"the course is in {project.root}" in capsys.readouterr().err
    assert "pooling" not in [unit.topic for unit in project.units]


def test_course_without_the_packages_is_told_where_units_are_written(tmp_path):
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(CourseError, match="written in a clone of the project"):
        scaffold.new_unit(Course(tmp_path), "pooling")


def test_question_of_a_new_unit_is_released_graded_and_named(project, run):
    """Right answers get all points, the stub none, the example's mistake its own message."""
    run("autograder.cli", "new-unit", "sixth")
    run("autograder.cli", "new-question", "6", "triple")
    unit = project.unit("sixth")
    text = unit.source.read_text()
    unit.source.write_text(text.replace("15 minutes, 2 points", "15 minutes, 4 points"))
    run("autograder.cli", "release", "--assignment", "sixth")
    run("pytest", "-n", "0", "-p", "no:cacheprovider", SUITE[0], "-k", "sixth")
    assert "return [2 *" not in project.notebook("release", unit).read_text()


@pytest.mark.thorough
def test_new_unit_passes_all_that_is_asked_of_every_unit(project, run):
    run("autograder.cli", "new-unit", "sixth")
    run("autograder.cli", "release", "--assignment", "sixth")
    told = run("pytest", "-n", "0", "-p", "no:cacheprovider", *SUITE, "-k", "sixth")
    passed = int(told.rpartition(" passed")[0].split()[-1])
    assert passed >= 30
    assert "failed" not in told


def test_modules_say_of_which_unit_they_are(project):
    unit = scaffold.new_unit(project, "pooling")
    assert unit == project.unit("pooling")
    for folder in MODULES:
        tree = ast.parse((project.root / folder / "pooling.py").read_text())
        assert f"of unit {len(project.units):02}" in ast.get_docstring(tree)
    title = nbformat.read(unit.source, as_version=4).cells[0].source
    assert title.startswith(f"# {len(project.units)} Pooling\n")
