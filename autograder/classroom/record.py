"""The one writer: results go to nbgrader's gradebook and the `autograded/` tree.

Results that came together are one transaction of the gradebook, through nbgrader's own models and
rules.
"""

import os
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor, SaveAutoGrades
from sqlalchemy import func
from sqlalchemy.orm import Session, joinedload, scoped_session, sessionmaker
from sqlalchemy.orm.attributes import set_committed_value

from autograder.classroom.done import Done
from autograder.engine.grade import Result
from autograder.engine.reading.intake import TIMESTAMP_FILE, read_timestamp

DRAFT = ".draft"  # in autograded/: what is being written; no student's folder


class Unhurried(Session):
    """A session in which nbgrader's many commits wait for `conclude`."""

    def commit(self):
        """Nothing: queries see what waits, for it is flushed before each."""

    def conclude(self):
        super().commit()


class ClassGradebook(Gradebook):
    """nbgrader's gradebook, one transaction for all that is written of a group of submissions.

    What nbgrader would look up row by row is read with a few queries by `open_submissions`; its
    own ways to find a row are left for all else.
    """

    def __init__(self, db_url, course_id):
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db = scoped_session(
            sessionmaker(bind=self.engine, class_=Unhurried, expire_on_commit=False)
        )
        self.rows = {}  # (name of a `find_` method, its arguments) -> row; None: there is none
        self.cells = {}  # id of a cell -> its name; neither changes

    @contextmanager
    def transaction(self):
        """All that happens inside is committed at its end, or nothing of it."""
        try:
            yield
            self.db().conclude()
        finally:
            self.db.remove()  # rolls back what wasn't committed, and forgets all rows
            self.rows.clear()

    def open_submissions(self, assignment, students):
        """Read all rows of these students' submissions, for nbgrader's `find_` methods."""
        query = self.db.query(Assignment).options(joinedload(Assignment.notebooks))
        found = query.filter(Assignment.name == assignment).one_or_none()
        self.rows["find_assignment", assignment] = found
        if found is None:
            return
        for student in students:
            self.rows["find_student", student] = None
            self.rows["find_submission", assignment, student] = None
        for student in self.db.query(Student).filter(Student.id.in_(students)):
            self.rows["find_student", student.id] = student
        query = self.db.query(SubmittedAssignment).filter(
            SubmittedAssignment.assignment_id == found.id,
            SubmittedAssignment.student_id.in_(students),
        )
        if submissions := query.all():
            self._read_below(found, submissions)
        for submission in submissions:
            self._remember(submission, assignment, submission.student_id)

    def _read_below(self, assignment, submissions):
        """Read what belongs to submissions, by queries that nbgrader's indexes answer.

        They name the released notebooks and cells: without these the database looks at the
        grades of all students.
        """
        released = [one.id for one in assignment.notebooks]
        query = self.db.query(BaseCell.id, BaseCell.name)
        cells = dict(query.filter(BaseCell.notebook_id.in_(released)).all())
        self.cells.update(cells)
        query = self.db.query(SubmittedNotebook).filter(
            SubmittedNotebook.notebook_id.in_(released),
            SubmittedNotebook.assignment_id.in_([one.id for one in submissions]),
        )
        notebooks = query.all()
        _fill(submissions, "notebooks", notebooks, "assignment_id")
        for kind, name in ((Grade, "grades"), (Comment, "comments")):
            query = self.db.query(kind).filter(
                kind.cell_id.in_(cells), kind.notebook_id.in_([one.id for one in notebooks])
            )
            _fill(notebooks, name, query.all(), "notebook_id")

    def _remember(self, submission, assignment, student):
        self.rows["find_submission", assignment, student] = submission
        for notebook in submission.notebooks:
            where = (notebook.name, assignment, student)
            for grade in notebook.grades:
                self.rows[("find_grade", self._name(grade.cell_id), *where)] = grade
            for comment in notebook.comments:
                self.rows[("find_comment", self._name(comment.cell_id), *where)] = comment

    def add_up(self, notebook):
        """Let the database work out the `score` of a `SubmittedNotebook`, by nbgrader's rule.

        Where nothing is known about its cells, it looks at the grades of all students for that.
        """
        self.db.flush()
        cells = [grade.cell_id for grade in notebook.grades]
        query = self.db.query(func.coalesce(func.sum(Grade.score), 0.0))
        query = query.filter(Grade.notebook_id == notebook.id, Grade.cell_id.in_(cells))
        set_committed_value(notebook, "score", query.scalar())

    def _name(self, cell):
        """The name of a cell by its id."""
        if cell not in self.cells:
            self.cells.update(self.db.query(BaseCell.id, BaseCell.name).all())
        return self.cells.get(cell)

    def _known(self, find, *names):
        """The row that was read before; else what nbgrader finds in its own way."""
        key = (find.__name__, *names)
        if key not in self.rows:
            return find(*names)
        if self.rows[key] is None:
            raise MissingEntry(f"{find.__name__}: there is no {'/'.join(names)}")
        return self.rows[key]

    def add_student(self, student_id, **columns):
        student = super().add_student(student_id, **columns)
        self.rows["find_student", student_id] = student
        return student

    def add_submission(self, assignment, student, **columns):
        submission = super().add_submission(assignment, student, **columns)
        self._remember(submission, assignment, student)
        return submission

    def find_student(self, student_id):
        return self._known(super().find_student, student_id)

    def find_assignment(self, name):
        return self._known(super().find_assignment, name)

    def find_submission(self, assignment, student):
        return self._known(super().find_submission, assignment, student)

    def find_grade(self, grade_cell, notebook, assignment, student):
        return self._known(super().find_grade, grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell, notebook, assignment, student):
        return self._known(super().find_comment, solution_cell, notebook, assignment, student)


def _fill(parents, name, rows, key):
    """Let the collections `name` of some rows hold those rows whose `key` is theirs."""
    held = {parent.id: [] for parent in parents}
    for row in rows:
        held[getattr(row, key)].append(row)
    for parent in parents:
        set_committed_value(parent, name, held[parent.id])


class SaveScores(SaveAutoGrades):
    """nbgrader's step, with its rules, on a gradebook that is open already."""

    def preprocess(self, nb, resources):
        where = resources["nbgrader"]
        self.notebook_id, self.assignment_id = where["notebook"], where["assignment"]
        self.student_id = where["student"]
        return NbGraderPreprocessor.preprocess(self, nb, resources)


class SavePenalty(AssignLatePenalties):
    """nbgrader's step, with its plug-in, on a gradebook that is open already."""

    def preprocess(self, nb, resources):
        where = resources["nbgrader"]
        submission = self.gradebook.find_submission(where["assignment"], where["student"])
        (notebook,) = submission.notebooks
        notebook.late_submission_penalty = None
        seconds = submission.total_seconds_late
        if seconds > 0:
            self.gradebook.add_up(notebook)
            self.init_plugin()
            penalty = self.plugin_inst.late_submission_penalty(
                where["student"], notebook.score, seconds
            )
            if penalty is not None:
                notebook.late_submission_penalty = self._check_late_penalty(notebook, penalty)
        return nb, resources


class Entry(NamedTuple):
    """What is recorded of one student: the `Result`, when it was handed in, its key in `Done`.

    `timestamp` is None where it isn't known. Without a key the submission is graded again.
    """

    student: str
    result: Result
    timestamp: datetime | None = None
    key: str = ""


class Writer:
    """Records results of one course; a context manager that keeps the gradebook open.

    For each group: the graded notebooks, then the gradebook, then the keys in `Done`. Each file,
    and the rows and the keys of a group, are replaced in one step, and without its key a
    submission is graded again; so it can be stopped at any moment.
    """

    def __init__(self, course):
        self.course = course
        self.done = Done(done_path(course))
        self.gradebook = ClassGradebook(course.coursedir.db_url, course.coursedir.course_id)
        self.steps = [SaveScores(config=course.config), SavePenalty(config=course.config)]
        for step in self.steps:
            step.gradebook = self.gradebook

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gradebook.close()
        self.done.close()
        (self.course.folder("autograded") / DRAFT).unlink(missing_ok=True)

    def record(self, unit, *entries):
        """Record an `Entry` each of some students, all or none of them.

        Raises what the database and the files raise, and `MissingEntry` or `ValueError` where a
        result doesn't fit what was released.
        """
        entries = [one._replace(result=one.result.packed()) for one in entries]
        self.done.forget(unit.assignment, [one.student for one in entries])
        for one in entries:
            self._write_files(unit, one)
        self._write_rows(unit, entries)
        self.done.add(unit.assignment, [_finished(one) for one in entries])

    def _write_files(self, unit, entry):
        autograded = self.course.folder("autograded")
        folder = autograded / entry.student / unit.assignment
        folder.mkdir(parents=True, exist_ok=True)
        draft = autograded / DRAFT
        _replace(folder / unit.file, entry.result.text, draft)
        if entry.timestamp:  # nbgrader compares it with the one of the submission
            text = f"{entry.timestamp.isoformat(sep=' ')} UTC\n"
            _replace(folder / TIMESTAMP_FILE, text, draft)

    def _write_rows(self, unit, entries):
        assignment = unit.assignment
        with self.gradebook.transaction():
            self.gradebook.open_submissions(assignment, [one.student for one in entries])
            with self.gradebook.db.no_autoflush:  # what is looked up is known
                for student, _, timestamp, _ in entries:
                    known = {"timestamp": timestamp} if timestamp else {}
                    self.gradebook.update_or_create_student(student)
                    self.gradebook.update_or_create_submission(assignment, student, **known)
            for step in self.steps:
                for one in entries:
                    where = {"notebook": unit.topic, "student": one.student}
                    where["assignment"] = assignment
                    step.preprocess(one.result.notebook, {"nbgrader": where})


def _finished(entry):
    """(student, key, seconds of each question): what `Done` keeps."""
    result = entry.result
    seconds = {name: result.seconds[name] for name in result.points if name in result.seconds}
    return entry.student, "" if result.failed else entry.key, seconds


def record(course, unit, student, result):
    """Record one `Result`, of which nothing is kept that would spare grading it again."""
    timestamp, _ = read_timestamp(course.folder("submitted") / student / unit.assignment)
    with Writer(course) as writer:
        writer.record(unit, Entry(student, result, timestamp))


def done_path(course):
    """Where the keys of recorded results are."""
    return course.work / "done.sqlite"


def _replace(path, text, draft):
    """Replace a file in one step: whoever reads it sees the old text or the new one."""
    draft.unlink(missing_ok=True)  # of a run that was killed
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o444)  # as nbgrader's
    os.replace(draft, path)
