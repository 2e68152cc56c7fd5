"""The one writer: results go to nbgrader's gradebook and the `autograded/` tree.

Each submission is one transaction of the gradebook, through nbgrader's own models and rules.
"""

import os
from contextlib import contextmanager

from nbgrader.api import BaseCell, Comment, Grade, Gradebook
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor, SaveAutoGrades
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from autograder.classroom.done import Done
from autograder.engine.reading.intake import TIMESTAMP_FILE, read_timestamp

DRAFT = ".draft"  # in autograded/: what is being written; no student's folder


class Unhurried(Session):
    """A session in which nbgrader's many commits wait for `conclude`."""

    def commit(self):
        """Nothing: queries see what waits, for it is flushed before each."""

    def conclude(self):
        super().commit()


class ClassGradebook(Gradebook):
    """nbgrader's gradebook with one transaction for all that is written of a submission."""

    def __init__(self, db_url, course_id):
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db = scoped_session(sessionmaker(bind=self.engine, class_=Unhurried))
        self.grades, self.comments = {}, {}

    @contextmanager
    def transaction(self):
        """All that happens inside is committed at its end, or nothing of it."""
        try:
            yield
            self.db().conclude()
        finally:
            self.db.remove()  # rolls back what wasn't committed, and forgets all rows

    def open_submission(self, notebook, assignment, student):
        """Read all rows of a submission at once, for `find_grade` and `find_comment`."""
        found = self.find_submission_notebook(notebook, assignment, student)
        for kind, rows in ((Grade, self.grades), (Comment, self.comments)):
            query = self.db.query(BaseCell.name, kind).join(kind.cell)
            rows.clear()
            rows.update(query.filter(kind.notebook_id == found.id).all())

    def find_grade(self, grade_cell, notebook, assignment, student):
        known = self.grades.get(grade_cell)
        return known or super().find_grade(grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell, notebook, assignment, student):
        known = self.comments.get(solution_cell)
        return known or super().find_comment(solution_cell, notebook, assignment, student)


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
            self.gradebook.db.flush()
            self.gradebook.db.refresh(notebook, ["score"])  # the database adds it up
            self.init_plugin()
            penalty = self.plugin_inst.late_submission_penalty(
                where["student"], notebook.score, seconds
            )
            if penalty is not None:
                notebook.late_submission_penalty = self._check_late_penalty(notebook, penalty)
        return nb, resources


class Writer:
    """Records results of one course; a context manager that keeps the gradebook open.

    For each submission: the graded notebook, then the gradebook, then the key in `Done`. Each
    is replaced in one step, and without its key a submission is graded again; so it can be
    stopped at any moment.
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

    def record(self, unit, student, result, timestamp, key=""):
        """Record a student's `Result`; `timestamp` is when it was handed in, if that is known.

        Without a key, as where the autograder failed, the submission will be graded again.
        """
        result = result.packed()
        self.done.forget(unit.assignment, student)
        self._write_files(unit, student, result.text, timestamp)
        self._write_rows(unit, student, result.notebook, timestamp)
        seconds = {name: result.seconds[name] for name in result.points if name in result.seconds}
        key = "" if result.failed else key
        self.done.add(unit.assignment, student, key, seconds)

    def _write_files(self, unit, student, text, timestamp):
        autograded = self.course.folder("autograded")
        folder = autograded / student / unit.assignment
        folder.mkdir(parents=True, exist_ok=True)
        draft = autograded / DRAFT
        _replace(folder / unit.file, text, draft)
        if timestamp:  # nbgrader compares it with the one of the submission
            text = f"{timestamp.isoformat(sep=' ')} UTC\n"
            _replace(folder / TIMESTAMP_FILE, text, draft)

    def _write_rows(self, unit, student, notebook, timestamp):
        known = {"timestamp": timestamp} if timestamp else {}
        where = {"assignment": unit.assignment, "notebook": unit.topic, "student": student}
        with self.gradebook.transaction():
            self.gradebook.update_or_create_student(student)
            self.gradebook.update_or_create_submission(unit.assignment, student, **known)
            self.gradebook.open_submission(**where)
            for step in self.steps:
                step.preprocess(notebook, {"nbgrader": where})


def record(course, unit, student, result):
    """Record one `Result`, of which nothing is kept that would spare grading it again."""
    timestamp, _ = read_timestamp(course.folder("submitted") / student / unit.assignment)
    with Writer(course) as writer:
        writer.record(unit, student, result, timestamp)


def done_path(course):
    """Where the keys of recorded results are."""
    return course.work / "done.sqlite"


def _replace(path, text, draft):
    """Replace a file in one step: whoever reads it sees the old text or the new one."""
    draft.unlink(missing_ok=True)  # of a run that was killed
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o444)  # as nbgrader's
    os.replace(draft, path)
