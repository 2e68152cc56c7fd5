"""Grades as CSV, a column per question."""

import csv

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.engine.reading.inert import plain

FIELDS = ["assignment", "student_id", "last_name", "first_name", "email", "timestamp"]
FORMULA = frozenset("=+-@\t")  # how formulas begin, and what some programs skip before them
TOTALS = ["needs_manual_grade", "raw_score", "late_submission_penalty", "score", "max_score"]


class QuestionCsv(ExportPlugin):
    """nbgrader's CSV export with a column per question, quoted as the csv module does it.

    A question without a score yet is an empty field; a student without a submission has zero.
    """

    def export(self, gradebook):
        records = list(self._records(gradebook))
        names = [name for record in records for name in record]
        questions = [n for n in dict.fromkeys(names) if n not in FIELDS + TOTALS]
        with open(self.to or "grades.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*FIELDS, *questions, *TOTALS], restval="")
            writer.writeheader()
            writer.writerows(map(_without_formulas, records))

    def _records(self, gradebook):
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in self.assignment:
                continue
            for student in gradebook.students:
                if self.student and student.id not in self.student:
                    continue
                yield _record(gradebook, assignment, student)


def _without_formulas(record):
    """The fields with an apostrophe before what a spreadsheet would take for a formula."""
    return {
        field: f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value
        for field, value in ((field, _plain(value)) for field, value in record.items())
    }


def _plain(value):
    return plain(value) if isinstance(value, str) else value


def _record(gradebook, assignment, student):
    record = dict(
        assignment=assignment.name,
        student_id=student.id,
        last_name=student.last_name,
        first_name=student.first_name,
        email=student.email,
        max_score=assignment.max_score,
    )
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return record | dict(raw_score=0.0, late_submission_penalty=0.0, score=0.0)
    for notebook in submission.notebooks:
        for grade in sorted(notebook.grades, key=lambda grade: grade.name):
            waits = grade.needs_manual_grade
            record[f"{notebook.name}.{grade.name}"] = "" if waits else grade.score
    penalty = submission.late_submission_penalty or 0.0
    return record | dict(
        timestamp=submission.timestamp,
        needs_manual_grade=submission.needs_manual_grade,
        raw_score=submission.score,
        late_submission_penalty=penalty,
        score=max(0.0, submission.score - penalty),
    )
