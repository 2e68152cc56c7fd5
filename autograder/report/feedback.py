"""The steps from a graded notebook to a student's feedback page."""

import os
import shutil
from functools import lru_cache
from pathlib import Path

import nbgrader.server_extensions.formgrader
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    GetGrades,
    NbGraderPreprocessor,
)
from nbgrader.utils import is_grade
from traitlets import default
from traitlets.config import Config

from autograder.course import Course
from autograder.release.coursekit_cell import CELL_ID
from autograder.report.pieces import Kept, Pieces

FORMGRADER = Path(nbgrader.server_extensions.formgrader.__file__).parent


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page, with our table of questions above the notebook.

    An exporter remembers what it has rendered: one for many pages costs a fraction.
    """

    def __init__(self, config=None, **others):
        self.pieces, self.rendered = Pieces(), Kept()
        super().__init__(config=config, **others)

    @default("filters")
    def _own_filters(self):
        return {"piece": self.pieces.marked, "highlight_code": self.highlight_code}

    def from_notebook_node(self, nb, resources=None, **others):
        """(page, resources), as nbconvert makes them."""
        for apart in (True, False):  # as a whole where a cell's HTML reaches beyond the cell
            self.pieces.begin(apart)
            text, made = super().from_notebook_node(nb, resources, **others)
            page = self.pieces.put_back(text)
            if page is not None:
                return page, made

    @pass_context
    def markdown2html(self, context, source):
        """nbconvert's filter; it renders a text once."""
        if context.get("cell", {}).get("attachments"):
            return super().markdown2html(context, source)
        return self._once(super().markdown2html, (source, "markdown"), context, source)

    @pass_context
    def highlight_code(self, context, source, metadata=None):
        """nbconvert's filter; it renders a text once."""
        info = context["nb"].metadata.get("language_info", {})
        lexer = info.get("pygments_lexer", info.get("name"))
        highlight = Highlight2HTML(pygments_lexer=lexer, parent=self)
        key = (source, lexer, (metadata or {}).get("magics_language"))
        return self._once(highlight, key, source, metadata=metadata)

    def _once(self, render, key, *arguments, **named):
        text = self.rendered.get(key)
        if text is None:
            text = render(*arguments, **named)
            self.rendered.put(key, text)
        return text


def use_our_page(c):
    """Set the exporter and its templates in nbgrader's config object.

    nbgrader sets HTMLExporter's section itself; the section of the subclass comes after it.
    """
    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.FeedbackExporter.template_name = "workbook"
    c.FeedbackExporter.extra_template_basedirs = [
        str(Path(__file__).parent / "templates"),
        str(FORMGRADER / "templates"),
    ]
    # The folder of the style sheet moved between nbgrader's versions.
    styles = [str(sheet.parent) for sheet in sorted(FORMGRADER.rglob("bootstrap.min.css"))]
    c.FeedbackExporter.extra_template_paths = [
        str(FORMGRADER / "templates"),  # for `extends 'feedback/index.html.j2'`
        *styles,
    ]


class MarkWaiting(NbGraderPreprocessor):
    """Tells answers that nobody has graded yet from answers that got zero points."""

    def preprocess(self, nb, resources):
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            notebook = gradebook.find_submission_notebook(
                where["notebook"], where["assignment"], where["student"]
            )
            waiting = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
        for cell in nb.cells:
            if is_grade(cell):
                cell.metadata.nbgrader["waits"] = cell.metadata.nbgrader.grade_id in waiting
        return nb, resources


class DropCoursekitCell(NbGraderPreprocessor):
    """Leaves the course's own helpers out: hundreds of lines that aren't the student's."""

    def preprocess(self, nb, resources):
        nb.cells = [cell for cell in nb.cells if not _is_coursekit(cell)]
        return nb, resources


def _is_coursekit(cell):
    return CELL_ID in (cell.get("id"), cell.metadata.get("nbgrader", {}).get("grade_id"))


# From a graded notebook with its scores in the cells' metadata to what is on the page.
PAGE_STEPS = [
    ClearHiddenTests,  # grading put them back into the grade cells
    ClearMarkScheme,
    DropCoursekitCell,
    CSSHTMLHeaderPreprocessor,
]
FEEDBACK_STEPS = [GetGrades, MarkWaiting, *PAGE_STEPS]


def write_feedback(course, unit, student):
    """Write a student's feedback page and return its path; None if there is nothing to show.

    nbgrader takes the old page away before it makes the new one; so it makes that elsewhere.
    """
    if not (course.folder("autograded") / student / unit.assignment).is_dir():
        return None
    drafts = _with_drafts(course)
    if not drafts.api.generate_feedback(unit.assignment, student, force=True)["success"]:
        return None
    new = drafts.folder("feedback") / student / unit.assignment
    folder = course.folder("feedback") / student / unit.assignment
    for draft in [path for path in new.rglob("*") if path.is_file()]:
        target = folder / draft.relative_to(new)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(draft, target)
    shutil.rmtree(drafts.folder("feedback"))
    return folder / f"{unit.topic}.html"


@lru_cache(maxsize=1)
def _with_drafts(course):
    """The same course, in which nbgrader writes its pages to another folder in work/."""
    overrides = Config()
    overrides.merge(course.overrides)
    folder = course.work / ".feedback_drafts"
    overrides.CourseDirectory.feedback_directory = str(folder)
    return Course(course.root, overrides)
