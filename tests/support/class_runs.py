"""What the tests of the class runner start in other processes: importable, quick, no kernels."""

import os
import signal
import time
from pathlib import Path

from sqlalchemy.orm import Session

from autograder.classroom.grading import Choice, grade_students
from autograder.classroom.lock import only_run
from autograder.classroom.pools import HerePool, LocalPool
from autograder.classroom.runner import Runner
from autograder.classroom.survey import surveyed
from autograder.classroom.tasks import Task, _known
from autograder.course import Course
from autograder.engine.grade import ungraded
from autograder.engine.reading.intake import HandedIn
from autograder.engine.walls.sandbox import Settings

CHOICE = Choice(seed=5)


def task(student, data=b""):
    """A task that needs no course."""
    return Task(student, "unit", HandedIn("x.ipynb", data), "", 1, Settings(), "", None)


def name_of(task, unit=None):
    """Grades nothing: the result is the student's name. What was handed in says what to do.

    b"die": its worker dies. b"die once FILE": the first time. b"raise": an error of ours.
    """
    what, _, file = task.handed.data.decode().rpartition(" ")
    if what == "die once" and not Path(file).exists():
        Path(file).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if task.handed.data == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.handed.data == b"raise":
        raise ZeroDivisionError("of ours")
    return task.student


def note(task, unit=None):
    """Grades without a kernel, as a worker does that needs the unit first, in a moment."""
    unit = _known(task.unit, unit)
    if unit is None:
        return None
    time.sleep(0.1)
    return ungraded(unit, f"of {task.student}", task.seed).packed()


def results(pool, tasks, grade=name_of, units=None):
    """{student: result} of a runner in `pool`."""
    runner = Runner(pool, units or {}, grade)
    return {task.student: result for task, result in runner.results(tasks)}


def sleep(task, unit=None):
    """Never ready."""
    time.sleep(600)


def grade_noisily(course, unit, released):
    """A grading function for one process: each result differs, each call leaves a line."""

    def grade(task, _):
        with open(course.work / "graded.log", "a") as log:
            log.write(f"{task.student}\n")
        result = ungraded(released, f"{task.student} {task.seed}", task.seed)
        for cell in result.notebook.cells[:: 1 + len(task.student) % 5]:
            cell.outputs = [] if cell.cell_type == "code" else cell.get("outputs")
        for cell in result.notebook.cells:
            if cell.cell_type != "code":
                cell.pop("outputs", None)
        return result

    return grade


def grade_class(root, released, together=1):
    """Grade the class in `root` as a run does; a line in recorded.log for what is reported.

    together: so many results come at once.
    """
    course, pool = Course(root), HerePool()
    unit, pool.in_flight = course.unit(released.assignment), together
    grade, students = grade_noisily(course, unit, released), surveyed(course, [unit]).students[unit]
    with only_run(course), open(course.work / "recorded.log", "a", buffering=1) as log:
        for outcome in grade_students(course, unit, students, CHOICE, pool, grade):
            log.write("" if outcome.unchanged else f"{outcome.student}\n")


def grade_class_until(root, released, together, owner, name):
    """As `grade_class`, but killed when a method is called after the first group's report."""
    method = getattr(owner, name)

    def deadly(self, *arguments):
        if (Path(root) / "work" / "recorded.log").stat().st_size:
            if isinstance(self, Session):
                self.flush()  # it is in the database's files, though not for good
            os.kill(os.getpid(), signal.SIGKILL)
        return method(self, *arguments)

    setattr(owner, name, deadly)
    grade_class(root, released, together)


def hold(root):
    """Hold the course's lock until this process is killed."""
    course = Course(root)
    with only_run(course):
        (course.work / "held").touch()
        time.sleep(600)


def wait_in_workers():
    """Have two workers sleep until this process ends."""
    with LocalPool(2) as pool:
        list(Runner(pool, {}, sleep).results([task("ada"), task("bob")]))
