"""The package as it is installed: from a wheel, used outside the clone it was built in."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from support.course import ROOT, automatic, copy_course, tracked

from autograder.classroom.keys import PACKAGES, project_digest
from autograder.report.rows import questions
from autograder.submissions import fill, released, solutions

VERBS = ["release", "grade", "feedback", "export", "demo"]  # what needs a course


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of what is tracked; it is built without a network."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked():
        if name.startswith(("autograder/", "coursekit/")) or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    pip("wheel", "--no-build-isolation", "--wheel-dir", source / "dist", source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def run(wheel, tmp_path_factory):
    """Run a command with nothing but the installed package in reach, in a given folder."""
    target = tmp_path_factory.mktemp("installed")
    pip("install", "--target", target, wheel)
    environment = {**os.environ, "PYTHONPATH": str(target)}

    def run(folder, *command):
        command = [sys.executable, *command]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
        )

    run.autograder = lambda folder, *verb: run(folder, str(target / "bin/autograder"), *verb)
    run.target = target
    return run


def pip(verb, *arguments):
    options = ["--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", verb, *options, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_wheel_holds_every_tracked_file_of_the_packages_and_nothing_else(wheel):
    inside = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == {name for name in tracked() if name.split("/")[0] in PACKAGES}
    assert {name for name in inside if not name.endswith(".py")}, "templates, kernel files"


def test_installed_package_is_the_one_that_is_used_and_its_results_are_interchangeable(
    run, tmp_path
):
    script = (
        "import autograder.cli, coursekit\n"
        "from autograder.classroom.keys import project_digest\n"
        "print(autograder.__file__, coursekit.__file__, project_digest())"
    )
    done = run(tmp_path, "-c", script)
    ours, theirs, digest = done.stdout.split()
    assert {Path(ours).parents[1], Path(theirs).parents[1]} == {run.target}
    assert digest == project_digest(), "workers take tasks from a grader with the same sources"


def test_verbs_say_in_one_sentence_what_they_need_where_there_is_no_course(run, tmp_path):
    done = run.autograder(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for verb in VERBS:
        done = run.autograder(tmp_path, verb)
        assert (verb, done.returncode, done.stdout) == (verb, 2, "")
        assert done.stderr.startswith("autograder: no course here"), done.stderr
        assert "nbgrader_config.py and notebooks/" in done.stderr
        assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["release", "grade", "feedback", "demo"])
def test_course_without_units_is_told(verb, run, tmp_path):
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    done = run.autograder(tmp_path, verb)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("autograder: no unit"), done.stderr
    assert "Traceback" not in done.stderr


def test_course_beside_the_installed_package_is_released_graded_and_told(run, tmp_path):
    course = copy_course(tmp_path)
    unit = course.unit("convolution")
    succeed(run.autograder(course.root, "release", "--assignment", "1"))
    name = f"{unit.assignment}/{unit.topic}.ipynb"
    assert (course.folder("release") / name).read_bytes() == (ROOT / "release" / name).read_bytes()
    path = course.notebook("submitted", unit, "ada")
    path.parent.mkdir(parents=True)
    nbformat.write(fill(released(course, unit), solutions(unit)), path)
    succeed(run.autograder(course.root, "grade", "--workers", "1"))
    succeed(run.autograder(course.root, "feedback"))
    succeed(run.autograder(course.root, "export", "--to", "grades.csv"))
    succeed(run.autograder(course.root, "doctor"))
    with open(course.root / "grades.csv", newline="", encoding="utf-8") as file:
        (record,) = csv.DictReader(file)
    most = sum(automatic(course, unit).values())
    assert float(record["score"]) == most, "all but what a person grades"
    page = course.folder("feedback") / "ada" / unit.assignment / f"{unit.topic}.html"
    assert f"of {sum(questions(course, unit).values()):g}" in page.read_text(encoding="utf-8")


def test_release_from_the_installed_package_gives_away_no_path_of_the_course(run, tmp_path):
    course = copy_course(tmp_path)
    unit = course.unit("convolution")
    nb = nbformat.read(unit.source, as_version=4)
    nb.cells.append(nbformat.v4.new_markdown_cell(f"see {course.root}/notebooks", id="planted"))
    nbformat.write(nb, unit.source)
    done = run.autograder(course.root, "release", "--assignment", "1")
    assert done.returncode == 2
    assert f"'planted' holds a path of this machine, '{course.root}'" in done.stderr


def succeed(done):
    assert done.returncode == 0, done.stdout + done.stderr
