"""The project's own course, copies of it to grade in, and how submissions get into one."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbgrader.api import Gradebook

from autograder.classroom.grading import Choice, grade_students
from autograder.classroom.survey import surveyed
from autograder.course import Course
from autograder.report.pages import write_feedback
from autograder.report.rows import questions, rows

ROOT = Path(__file__).resolve().parents[2]
COURSE = Course(ROOT)
UNITS = COURSE.units
THOROUGH = [COURSE.unit("convolution"), COURSE.unit("cnn_layers")]  # without torch, and with it
# Where the real MNIST and a pretrained net may lie; tests that need them skip without.
SHARED_DATA = Path(os.environ.get("SHARED_DATA") or ROOT.parent / "shared" / "data")


def copy_course(folder):
    """A course of its own in `folder`: its gradebook is empty, and there is no other work."""
    for name in ("notebooks", "assets", "nbgrader_config.py"):
        source, target = ROOT / name, Path(folder) / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    course = Course(folder)
    course.work.mkdir(exist_ok=True)  # its configuration may have made it
    (course.work / "gradebook.db").write_bytes(empty_gradebook())
    return course


@cache
def empty_gradebook():
    """A gradebook's file before anything is in it; nbgrader takes seconds to make one."""
    with TemporaryDirectory() as folder:
        Gradebook(f"sqlite:///{folder}/gradebook.db").close()
        return Path(folder, "gradebook.db").read_bytes()


def page_of(course, unit, student):
    """The text of a student's feedback page."""
    folder = course.folder("feedback") / student / unit.assignment
    return (folder / f"{unit.topic}.html").read_text()


def tracked():
    """Names of all files of the project, those that are new among them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def write_submission(course, unit, student, nb):
    folder = course.folder("submitted") / student / unit.assignment
    folder.mkdir(parents=True)
    text = nb if isinstance(nb, str) else nbformat.writes(nb)
    (folder / unit.file).write_text(text)


def students_of(course, unit):
    """Names of all who handed the unit in."""
    return surveyed(course, [unit]).students[unit]


def graded(course, unit, student, nb):
    """Hand a notebook in, grade it, write its feedback; return its row."""
    write_submission(course, unit, student, nb)
    return graded_again(course, unit, student)


def graded_again(course, unit, student):
    list(grade_students(course, unit, [student], Choice(force=True)))
    write_feedback(course, unit, student)
    return rows(course, unit, [student])[0]


def automatic(course, unit):
    """{question: points} without the ones a person grades."""
    nb = nbformat.read(unit.source, as_version=4)
    by_hand = {
        cell.metadata["nbgrader"]["grade_id"]
        for cell in nb.cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
    }
    return {q: p for q, p in questions(course, unit).items() if q not in by_hand}
