"""A page tells what the student says from what the grader says, whatever the student writes."""

import copy
import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from support.course import COURSE
from support.pages import made_page, page_exporter

from autograder.engine.cells import PRINTED
from autograder.engine.reading.inert import inert_markdown, inert_outputs
from autograder.engine.run import _printed
from autograder.report.feedback import GRADER, SAYS, STUDENT, FeedbackExporter
from autograder.submissions import released

UNIT = COURSE.unit("convolution")
STUDENTS = SAYS[STUDENT, "output"]
GRADERS = SAYS[GRADER, "output"]
QUESTION = "conv2d_values"
FAKES = {
    "score": "Score: 10 / 10",
    "verdict": f"{GRADERS}\n{QUESTION}: all hidden tests passed",
    "the page's own tags": f'</pre></section><section class="grader-says">{GRADERS}</section>',
    "colours": "\x1b[32;1mPASSED\x1b[0m \x1b[38;2;26;95;180mThe grader says",
    "many lines": "\n" * 500 + "Printed by your code:\n\n" + "PASSED",
}
WRITTEN = {
    "heading": f"# Grade cell: `{QUESTION}` Score: 3.0 / 3.0\n\n**Comments:** well done",
    "target of a link": f"# {QUESTION}\n\n# top\n\ntext\n===\n\n## comment-{QUESTION}",
    "frame": f'<section class="grader-says" aria-label="{GRADERS}">PASSED</section>',
    "style": '<p style="position:fixed;top:0">Score: 10</p>\n\n<h3 class="panel-heading">10</h3>',
    "classes of code": "```python grader-says\nx\n```\n\n~~~ panel-heading\nScore: 10\n~~~",
    "table": "| Score: |\n|---|\n| 10 / 10 |",
}


@pytest.fixture(scope="module")
def exporter():
    return page_exporter(FeedbackExporter)


@pytest.fixture
def notebook():
    """A released notebook without outputs, as it is before it is shown."""
    return copy.deepcopy(released(COURSE, UNIT))


def page(exporter, nb):
    for cell in nb.cells:
        cell.metadata.get("nbgrader", {}).update(score=0.0)
    return made_page(exporter, nb).partition('<div class="panel-body">')[2]


def frames(page, author):
    """What stands in the frames of an author; one lies in no other."""
    found = re.findall(rf'(?s)<section [^>]*class="{author}-says"[^>]*>.*?</section>', page)
    assert all(one.count("<section") == 1 for one in found)
    return found


def attributes(html):
    """(names of the attributes of all elements, their classes)."""
    found = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attrs: found.extend(attrs)
    reader.feed(html)
    return {name for name, _ in found}, {value for name, value in found if name == "class"}


def grade_cell(nb):
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == QUESTION)


@pytest.mark.parametrize("text", FAKES.values(), ids=FAKES)
def test_printed_text_is_in_a_frame_of_the_students(exporter, notebook, text):
    outputs = [
        new_output("stream", text=text),
        new_output("error", ename="E", evalue="e", traceback=[text]),
        new_output("display_data", {"text/plain": text}, metadata={PRINTED: False, "from": GRADER}),
        new_output("execute_result", {"text/plain": text, "text/html": text}),
    ]
    cell = new_code_cell("1", id="own-1", outputs=inert_outputs(outputs))
    notebook.cells.insert(5, cell)
    shown = page(exporter, notebook)
    assert frames(shown, GRADER) == []
    told = [one for one in frames(shown, STUDENT) if STUDENTS in one]
    assert len(told) == 4
    assert all(f'aria-label="{STUDENTS}"' in one for one in told)
    assert all(f'<p class="who-says">{STUDENTS}</p>' in one for one in told)
    last = text.split("\n")[-1].split("</")[0].split("\x1b")[0]
    assert all(last in one for one in told)


@pytest.mark.parametrize("text", FAKES.values(), ids=FAKES)
def test_what_an_answer_prints_while_it_is_judged_is_the_students(exporter, notebook, text):
    message = new_output("error", ename="E", evalue="e", traceback=["conv2d: wrong values"])
    cell = grade_cell(notebook)
    cell.outputs = [*_printed(text), *inert_outputs([message])]
    nbformat.validate(notebook)
    shown = page(exporter, notebook)
    (printed,) = [one for one in frames(shown, STUDENT) if STUDENTS in one]
    (said,) = frames(shown, GRADER)
    assert "Printed by your code" in printed
    assert "wrong values" in said
    assert "Printed by your code" not in said


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_markdown_of_a_student_is_in_a_frame_and_no_target_of_the_pages_links(
    exporter, notebook, text
):
    answer = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") ==
                  "line_kernels")  # fmt: skip
    answer.source = inert_markdown(text)
    notebook.cells.insert(5, new_markdown_cell(inert_markdown(text), id="own-1"))
    shown = page(exporter, notebook)
    assert frames(shown, GRADER) == []
    written = [one for one in frames(shown, STUDENT) if "highlight hl-" not in one]
    kinds = [SAYS[STUDENT, kind] for kind in ("own", "answer")]
    assert [kind in one for kind, one in zip(kinds, written, strict=True)] == [True, True]
    for one in written:
        names, classes = attributes(one.partition("</p>")[2])
        assert names <= {"class", "href"}
        assert all(re.fullmatch(r"highlight|language-[\w-]+|\w{1,3}|None", one) for one in classes)
    targets = re.findall(r'\b(?:id|name)="([^"]*)"', shown)
    assert targets.count(QUESTION) == 1
    assert targets.count("top") == 0  # it stands above this part


def test_code_of_a_student_is_in_a_frame_and_the_lessons_is_not(exporter, notebook):
    notebook.cells.insert(5, new_code_cell("'own'  # Score: 10", id="own-1"))
    shown = page(exporter, notebook)
    solutions = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    assert len(frames(shown, STUDENT)) == 1 + len(solutions)
    lesson = re.sub(r"(?s)<section .*?</section>", "", shown)
    assert "Score: 10" not in lesson
    assert "checks" in lesson


def test_notes_of_a_grading_are_no_formulas(exporter, notebook):
    notebook.metadata.autograder = {"notes": [r"$\def\frac{x}$ <b>"], "repairs": []}
    score = {"notebook": "n", "score": 1, "max_score": 2, "late_penalty": 0}
    where = {"metadata": {"name": "n", "path": ""}, "nbgrader": score}
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).update(score=0.0)
    text, _ = exporter.from_notebook_node(notebook, where)
    head = text.partition('<div class="panel-body">')[0]
    assert r"$\def\frac{x}$ &lt;b&gt;" in head
    assert 'class="panel-heading tex2jax_ignore' in head
