"""A page of pieces that were parsed before is the page that nbconvert makes in one piece."""

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from support.course import COURSE
from support.pages import made_page, page_exporter

from autograder.report.feedback import FeedbackExporter
from autograder.report.pieces import Kept, is_closed
from autograder.submissions import released

CLOSED = [
    "",
    "text",
    "# title\n$$a^b$$ [to](u) ![alt](data:image/png;base64,AAAA)",
    "```python\nx = 1\n```\n\n* a\n\n  &copy x &#60; \xa0",
    "<details><summary>more</summary>\n\n<pre>\n\n  x\n</pre> <br> </details>",
    "<style>p > b {}</style><script>if (1 < 2) {}</script>",
    "<div class='jp-Notebook'><div class='jp-Cell-inputWrapper'>x</div></div>",
    '<img src="x.png">',
]
OPEN = [
    "<div><b>open",
    "$$a<b$$\n\n```python\nx = 1 < 2\n```",
    "</div></div></div></div>",
    "<!-- open",
    "<!-- closed -->",
    "<!--piece-->",
    "<pre>\n\n  x",
    "<textarea> \n",
    "<script>\nif (1 < 2) {}\n",
    "<style>\n",
    '<a href="broken',
    "<div class='jp-Notebook'>",
    "<template> <p> ",
    "<table><tr><td> \n <ul><li>x<li>y",
    "<br></br></p>",
    "<p>x</i></p> text",
    "<svg><title> a",
    "<![CDATA[ x ]]> <?php x ?> <!DOCTYPE y>",
]


class InOnePiece(FeedbackExporter):
    """nbconvert's own way with the same templates: nothing is kept, nothing is parsed apart."""

    def from_notebook_node(self, nb, resources=None, **others):
        self.pieces.begin(apart=False)
        return HTMLExporter.from_notebook_node(self, nb, resources, **others)

    def _once(self, render, key, *arguments, **named):
        return render(*arguments, **named)


@pytest.fixture(scope="module")
def in_pieces():
    return page_exporter(FeedbackExporter)


@pytest.fixture(scope="module")
def in_one_piece():
    return page_exporter(InOnePiece)


def notebook(html, n=0):
    shown = new_output("display_data", {"text/html": html, "text/plain": "x"})
    printed = new_output("stream", text=html + "\x1b[31mred\x1b[0m <b>")
    picture = new_output("display_data", {"image/png": "AAAA"})
    error = new_output("error", ename="E", evalue="e", traceback=["\x1b[31m<E>"])
    cells = [
        new_markdown_cell("*before* `it`"),
        new_markdown_cell(html),
        new_code_cell(html, outputs=[shown, printed, picture, error]),
        new_code_cell(f"{n} < 1  # a comment", metadata={"tags": ["a"]}),
        new_markdown_cell(" after \n\n* it", attachments={"a": {"image/png": "AAAA"}}),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"c{number}"
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize("html", CLOSED + OPEN)
def test_any_cell_gives_the_page_that_nbconvert_makes(in_pieces, in_one_piece, html):
    for nb in (notebook(html), notebook(html), notebook(html, 1)):
        assert made_page(in_pieces, nb) == made_page(in_one_piece, nb)
        assert in_pieces.pieces.apart == (html in CLOSED)


def test_language_of_a_notebook_colours_its_code(in_pieces, in_one_piece):
    nb = notebook("x")
    for name in ("python", "r", "ipython"):
        nb.metadata.language_info = {"name": name}
        assert made_page(in_pieces, nb) == made_page(in_one_piece, nb)


def test_lesson_is_parsed_once(unit, in_pieces, in_one_piece):
    nb = released(COURSE, unit)
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.score = 0
    first = made_page(in_pieces, nb)
    assert in_pieces.pieces.apart
    known = len(in_pieces.pieces.kept.texts)
    assert made_page(in_pieces, nb) == first == made_page(in_one_piece, nb)
    assert len(in_pieces.pieces.kept.texts) == known > 40


@pytest.mark.parametrize(
    "html", ["text", "<b>x</b> text", "<b", "<p>a < b</p>", "<p></p", "<b/></b>"]
)
def test_what_depends_on_its_place_is_not_closed(html):
    assert not is_closed(html)


def test_memory_of_texts_is_bounded_and_keeps_what_is_used():
    kept = Kept(most=100)
    kept.put("used", "text")
    for number in range(1000):
        kept.put((f"{number:06}", "kind"), "text")
        assert kept.get("used") == "text"
        assert kept.size == sum(kept._size(key) for key in kept.texts) <= 100
    assert len(kept.texts) > 5
    kept.put("long" * 100, "text")
    assert not kept.texts
    assert kept.size == 0
