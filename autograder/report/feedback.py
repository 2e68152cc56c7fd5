"""The steps from a graded notebook to a student's feedback page."""

import re
from pathlib import Path

import nbgrader.server_extensions.formgrader
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.api import BaseCell, Comment, Grade, Gradebook
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    NbGraderPreprocessor,
)
from nbgrader.utils import is_task
from traitlets import default

from autograder.engine.cells import PRINTED, is_grade, is_solution
from autograder.engine.reading.repair import OWN_CELL, is_theirs
from autograder.release.coursekit_cell import CELL_ID
from autograder.report.pieces import Kept, Pieces

STUDENT, GRADER = "student", "grader"  # who says what stands on a page
SAYS = {  # on the page, as a text and to screen readers
    (STUDENT, "answer"): "Student's answer",
    (STUDENT, "own"): "Student's own cell",
    (STUDENT, "output"): "Student's output",
    (GRADER, "output"): "The grader says",
}
ANCHORS = re.compile(r"""(?<=<h[1-6]) id="[^"]*"|<a class="anchor-link"[^>]*>[^<]*</a>""")
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
        return {
            "piece": self.pieces.marked,
            "highlight_code": self.highlight_code,
            "says": says,
            "sayer": sayer,
        }

    def from_notebook_node(self, nb, resources=None, **others):
        """(page, resources), as nbconvert makes them."""
        self.pieces.begin()
        text, made = super().from_notebook_node(nb, resources, **others)
        page = self.pieces.put_back(text)
        if page is None:  # a cell's HTML reaches beyond the cell: once more, as a whole
            self.pieces.begin(apart=False)
            page, made = super().from_notebook_node(nb, resources, **others)
        return page, made

    @pass_context
    def markdown2html(self, context, source):
        """nbconvert's filter; it renders a text once, and says which ones are the student's."""
        if context.get("cell", {}).get("attachments"):
            html = super().markdown2html(context, source)
        else:
            html = self._once(super().markdown2html, (source, "markdown"), context, source)
        return _with_author(context, source, html)

    @pass_context
    def highlight_code(self, context, source, metadata=None):
        """nbconvert's filter; it renders a text once, and says which ones are the student's."""
        info = context["nb"].metadata.get("language_info", {})
        lexer = info.get("pygments_lexer", info.get("name"))
        highlight = Highlight2HTML(pygments_lexer=lexer, parent=self)
        key = (source, lexer, (metadata or {}).get("magics_language"))
        html = self._once(highlight, key, source, metadata=metadata)
        return _with_author(context, source, html)

    def _once(self, render, key, *arguments, **named):
        text = self.rendered.get(key)
        if text is None:
            text = render(*arguments, **named)
            self.rendered.put(key, text)
        return text


def says(html, author, what="output"):
    """What stands on a page, in a frame that says whose it is; a filter for templates."""
    text = SAYS[author, what]
    return (
        f'<section class="{author}-says" aria-label="{text}">\n'
        f'<p class="who-says">{text}</p>\n{html}\n</section>'
    )


def sayer(output, cell):
    """Whose words an output of a cell is; a filter for templates.

    Grade cells are judged outside the student's process; all other outputs come from it.
    """
    judged = is_grade(cell) and not is_solution(cell)
    return GRADER if judged and not output.get("metadata", {}).get(PRINTED) else STUDENT


def _with_author(context, source, html):
    """A source as HTML; in a frame where the student wrote it, and nothing of it a link's end.

    The page's own links lead to its questions, whose names are those of anybody's headings.
    """
    cell = context.get("cell")
    if cell is None or source != cell.source or not is_theirs(cell):
        return html
    what = "own" if cell.id.startswith(OWN_CELL) else "answer"
    return says(ANCHORS.sub("", html), STUDENT, what)


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
    c.FeedbackExporter.optimistic_validation = True  # once, not after each step


class PutGrades(NbGraderPreprocessor):
    """What nbgrader's GetGrades does, with a few queries; tells what nobody has graded yet from
    what got zero points."""

    gradebook = None  # an open one, where many pages are made; else each opens it

    def preprocess(self, nb, resources):
        if self.gradebook is not None:
            self._put(self.gradebook, nb, resources["nbgrader"])
        else:
            with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
                self._put(gradebook, nb, resources["nbgrader"])
        return nb, resources

    def _put(self, gradebook, nb, where):
        found = gradebook.find_submission_notebook(
            where["notebook"], where["assignment"], where["student"]
        )
        grades, comments = (_by_cell(gradebook, kind, found) for kind in (Grade, Comment))
        for cell in nb.cells:
            details = cell.metadata.get("nbgrader", {})
            if is_solution(cell) or is_task(cell):
                details["comment"] = comments[details["grade_id"]].comment
            if is_grade(cell) or is_task(cell):
                grade = grades[details["grade_id"]]
                details["score"], details["points"] = grade.score, grade.max_score
                details["waits"] = grade.needs_manual_grade
        penalty = found.late_submission_penalty or 0
        where["score"], where["max_score"] = found.score - penalty, found.max_score
        where["late_penalty"] = penalty


def _by_cell(gradebook, kind, submission):
    """{name of a cell: its `Grade` or `Comment`} of a `SubmittedNotebook`."""
    query = gradebook.db.query(BaseCell.name, kind).join(kind.cell)
    return dict(query.filter(kind.notebook_id == submission.id).all())


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
FEEDBACK_STEPS = [PutGrades, *PAGE_STEPS]
