"""The result of one file on the screen and on a page; no gradebook is asked."""

import os
from pathlib import Path

from nbgrader.utils import is_grade, is_solution
from rich.box import SIMPLE_HEAD
from rich.table import Table
from traitlets.config import Config

from autograder.course import CourseError
from autograder.engine.reading.inert import plain
from autograder.report.feedback import PAGE_STEPS, FeedbackExporter

# At the head of each page that is written here: only such a page is ever written over.
MARK = '<meta name="generator" content="ConvNet Workbook, one file">'


def by_person(result):
    """{question: points} of the written answers, which no test grades."""
    written = {c.metadata.nbgrader.grade_id for c in result.notebook.cells if _is_written(c)}
    return {question: p for question, p in result.points.items() if question in written}


def totals(result):
    """(score, maximum) of what is graded automatically, whether the rest is answered or not."""
    graded = result.points.keys() - by_person(result).keys()
    return sum(result.scores[one] for one in graded), sum(result.points[one] for one in graded)


def _is_written(cell):
    return is_grade(cell) and is_solution(cell)  # nbgrader's sign of a manual grade


# --- on the screen -------------------------------------------------------------------------


def shown(text):
    """A value as text without what would act on a terminal or can't be written."""
    return plain(str(text))


def print_result(console, result):
    """Print the table of questions, the score, what is wrong and what to look at."""
    console.print(_table(result))
    console.print(_score_line(result))
    for question, message in result.messages.items():
        console.print(f"\n{question}", style="bold")
        for line in message.splitlines():
            console.print(f"  {shown(line)}", soft_wrap=True)
    console.print()
    for kind, texts in {"note": result.notes, "repaired": result.repairs}.items():
        for text in texts:
            console.print(f"{kind}: {shown(text)}", soft_wrap=True)


def _table(result):
    table = Table(box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("question")
    for header in ("points", "of"):
        table.add_column(header, justify="right", no_wrap=True)
    unknown = by_person(result)
    for question, points in result.points.items():
        score = "?" if question in unknown else f"{result.scores[question]:g}"
        table.add_row(question, score, f"{points:g}")
    return table


def _score_line(result):
    score, most = totals(result)
    rest = sum(by_person(result).values())
    more = f" ({rest:g} points of written answers are graded by a person)" if rest else ""
    return f"score: {score:g} of {most:g}{more}"


# --- the page ------------------------------------------------------------------------------


def page_place(notebook, to=None):
    """Where the page of a notebook file goes; raises `CourseError` where something else lies."""
    page = Path(to) if to else Path(notebook).with_suffix(".html")
    if not page.parent.is_dir():
        raise CourseError(f"there is no folder {shown(page.parent)} for the page")
    if os.path.lexists(page) and not _is_ours(page):
        raise CourseError(
            f"{shown(page)} is there already, and this command didn't write it\n"
            "  name another place for the page: --to PAGE.html"
        )
    return page


def _is_ours(page):
    if page.is_symlink() or not page.is_file():
        return False
    with open(page, "rb") as file:
        return MARK.encode() in file.read(1000)


def write_page(course, result, page):
    """Write the feedback page of a `Result` in one step."""
    text = page_text(course, result)
    draft = page.with_name(f".{os.getpid()}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, page_place("", page))  # it may have come meanwhile
    except OSError as error:
        raise CourseError(f"{shown(page)} can't be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def page_text(course, result):
    """The page that the class gets, its scores from a `Result` and not from the gradebook."""
    config = Config()
    config.merge(course.config)
    config.Exporter.default_preprocessors = []  # as nbgrader does
    exporter = FeedbackExporter(config=config)
    for step in (_put_scores(result), *PAGE_STEPS):
        exporter.register_preprocessor(step)
    where = {"metadata": {"name": result.notebook_name, "path": ""}}
    text, _ = exporter.from_notebook_node(result.notebook, where)
    return text.replace("<head>", f"<head>\n{MARK}", 1)


def _put_scores(result):
    """The step that does what `PutGrades` does with a gradebook."""
    unknown, (score, most) = by_person(result), totals(result)

    def put_scores(nb, resources):
        for details in (cell.metadata.nbgrader for cell in nb.cells if is_grade(cell)):
            details["score"] = result.scores[details.grade_id] or 0
            details["waits"] = details.grade_id in unknown
        resources["nbgrader"] = {
            "notebook": result.notebook_name,
            "score": score,
            "max_score": most,
            "late_penalty": 0,
            "by_person": sum(unknown.values()),
        }
        return nb, resources

    return put_scores
