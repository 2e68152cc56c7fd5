"""The steps from a graded notebook to a student's feedback page."""

import html

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    GetGrades,
    NbGraderPreprocessor,
)

from autograder.release.coursekit_cell import CELL_ID


class DropCoursekitCell(NbGraderPreprocessor):
    """Leaves the course's own helpers out: hundreds of lines that aren't the student's."""

    def preprocess(self, nb, resources):
        nb.cells = [
            cell
            for cell in nb.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") != CELL_ID
        ]
        return nb, resources


FEEDBACK_STEPS = [
    GetGrades,
    ClearHiddenTests,  # grading put them back into the grade cells
    ClearMarkScheme,
    DropCoursekitCell,
    CSSHTMLHeaderPreprocessor,
]

NOTE_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 3em auto">
<h1>{title}</h1>
<p>This submission could not be graded and has 0 points for now:</p>
<ul>{notes}</ul>
<p>Please talk to your instructor about handing it in again.</p>
</body></html>
"""


def write_feedback(course, unit, student, notes):
    """Write a student's feedback page and return its path.

    A submission that could not be run has nothing to show but the reason; its page says that.
    """
    folder = course.folder("feedback") / student / unit.assignment
    page = folder / f"{unit.topic}.html"
    if (course.folder("autograded") / student / unit.assignment).is_dir():
        result = course.api.generate_feedback(unit.assignment, student, force=True)
        if result["success"]:
            return page
        notes = [*notes, "the feedback page could not be made"]
    folder.mkdir(parents=True, exist_ok=True)
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    title = html.escape(f"{unit.topic}: {student}")
    page.write_text(NOTE_PAGE.format(title=title, notes=items), encoding="utf-8")
    return page
