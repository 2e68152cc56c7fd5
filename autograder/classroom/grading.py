"""Grade a class and record it: what is new or changed, as many at once as the pool takes."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field, replace

from nbgrader.api import Assignment, MissingEntry, SubmittedAssignment
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from autograder import host_faults
from autograder.classroom.collection import Collection
from autograder.classroom.keys import (
    project_digest,
    result_key,
    settings_text,
    sources_digest,
    unit_digest,
)
from autograder.classroom.pools import HerePool
from autograder.classroom.record import Entry, Writer
from autograder.classroom.runner import Runner
from autograder.classroom.tasks import Task, grade_task
from autograder.course import CourseError
from autograder.engine.grade import grade
from autograder.engine.reading.intake import handed_in, read_timestamp
from autograder.engine.seeds import fresh_seed
from autograder.engine.walls.sandbox import SandboxError
from autograder.engine.walls.tiers import ensure_walls
from autograder.release.in_memory import unit_from_source
from autograder.release.recorded import released_unit
from autograder.settings import Grading

UNWRITABLE = (OSError, OperationalError, InterfaceError, sqlite3.Error)  # nothing can be recorded
UNFIT = (SQLAlchemyError, MissingEntry, ValueError)  # this result can't


@dataclass(frozen=True)
class Outcome:
    """What became of one submission in a run.

    `result` is None where it was recorded before and nothing has changed. `problem` says why
    it could not be recorded.
    """

    student: str
    result: object = None
    problem: str | None = None

    @property
    def unchanged(self):
        """Whether it was left as it is."""
        return self.result is None and self.problem is None

    @property
    def to_look_at(self):
        """Whether a person should look at it: it was graded just now, and there are notes."""
        return bool(self.problem or (self.result and self.result.notes))


@dataclass(frozen=True)
class Choice:
    """How a run grades: one seed for all; `fresh`, any other would do as well.

    Without `force` submissions whose recorded result would only be repeated are left alone.
    """

    seed: int = field(default_factory=fresh_seed)
    fresh: bool = True
    force: bool = False


def grade_students(course, unit, students, choice=None, pool=None, grade=grade_task):
    """Grade and record the submissions of `students`; yield an `Outcome` each, as they come.

    pool: where they are graded; one after the other in this process by default. Whatever a
    submission does costs that one only. Raises `CourseError` where no kernels can be run or
    nothing can be written; no student loses by that.
    """
    pool, choice = pool or HerePool(), choice or Choice()
    with Writer(course) as writer:
        plan = Plan(course, unit, writer, choice)
        changed = []
        for student in students:
            if choice.force or plan.changed(student):
                changed.append(student)
            else:
                yield Outcome(student)
        if changed:
            pool.expect(plan.settings)
        runner = Runner(pool, {plan.digest: plan.released}, grade)
        for group in runner.groups(map(plan.task, changed)):
            yield from _recorded(writer, unit, group)


def _recorded(writer, unit, group):
    """Yield the `Outcome` of each (task, `Result`) that came together, once it is recorded.

    All at once; where that fails one after the other, so that it costs only whose fault it is.
    """
    entries = [Entry(task.student, result, task.timestamp, task.key) for task, result in group]
    at_once = False
    if len(entries) > 1:
        with suppress(*UNWRITABLE, *UNFIT):
            writer.record(unit, *entries)
            at_once = True
    for one in entries:
        problem = None if at_once else _problem(writer, unit, one)
        yield Outcome(one.student, one.result, problem)


def _problem(writer, unit, entry):
    """Record one result; the reason in words where that isn't possible for this one."""
    try:
        writer.record(unit, entry)
    except UNWRITABLE as error:
        told = host_faults.told(error, writer.course) or f"{error}\n  {host_faults.NOTHING_LOST}"
        raise CourseError(f"{entry.student}'s result can't be written: {told}") from None
    except UNFIT as error:
        return f"graded, but not recorded: {type(error).__name__}: {error}"
    return None


class Plan:
    """What is the same for all submissions of a unit in one run, and the tasks it makes."""

    def __init__(self, course, unit, writer, choice):
        self.course, self.unit, self.done = course, unit, writer.done
        self.collection = Collection(course)
        self.released = released_unit(course, unit)
        self.settings = Grading(config=course.config).settings(self.released)
        self.seed, self.digest = choice.seed, unit_digest(self.released)
        sources, settings = sources_digest(self.released), settings_text(self.settings)
        seeds = "fresh" if choice.fresh else choice.seed
        late = course.config.AssignLatePenalties
        due, self.recorded = _recorded_before(writer.gradebook, unit)
        self.fixed = [self.digest, sources, settings, seeds, late, due]

    def task(self, student):
        """The `Task` for one student, with what lies in submitted/ at this moment."""
        handed, folder = self.collection.find(student, self.unit)
        timestamp, notes = read_timestamp(folder)
        handed = replace(handed, notes=(*handed.notes, *notes))
        key = result_key(handed, timestamp, [*self.fixed, self.recorded.get(student)])
        how = (project_digest(), self.seed, self.settings)
        return Task(student, self.digest, handed, *how, key, timestamp)

    def changed(self, student):
        """Whether grading would give anything but what is recorded."""
        key = self.done.key(self.unit.assignment, student)
        graded = self.course.notebook("autograded", self.unit, student)
        if not (key and student in self.recorded and graded.exists()):
            return True
        return self.task(student).key != key


def _recorded_before(gradebook, unit):
    """When a unit is due, and {student: extension} of all whose submissions are recorded.

    nbgrader works out penalties when it records, so a result depends on these times.
    """
    with gradebook.transaction():
        query = gradebook.db.query(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        query = query.join(SubmittedAssignment.assignment)
        recorded = dict(query.filter(Assignment.name == unit.assignment).all())
        return gradebook.find_assignment(unit.assignment).duedate, recorded


def grade_file(course, unit, path, seed=None):
    """The `Result` of one notebook file, recorded nowhere, against the unit's source as it is."""
    return grade_one(course, unit_from_source(course, unit), handed_in(path), seed)


def grade_one(course, released, handed, seed=None):
    """The `Result` of what was `HandedIn`, as the course is set to grade; recorded nowhere."""
    try:
        settings = Grading(config=course.config).settings(released)
        ensure_walls(settings)
        return grade(handed, released, seed, settings)
    except SandboxError as problem:
        raise CourseError(str(problem)) from None
