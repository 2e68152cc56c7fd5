"""Pictures in a student's texts reach the person who marks, checked, or leave a word and a note."""

import os
import re
import zlib

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell
from support.course import COURSE
from support.honest import KINDS, graded, lost, place, right
from support.pictures import chunk, jpeg, png, text
from support.tiers import first_of

from autograder.engine.limits import MIB
from autograder.engine.reading.album import MOST_OF_A_CELL, MOST_OF_ALL, MOST_PICTURES, Album
from autograder.engine.reading.inert import inert_markdown
from autograder.report.one_file import page_text

PNG, JPEG = text(png(20, 10)), text(jpeg(30, 20))
SVG = text(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>")
ANSWER = "line_kernels"


def noise(size):
    """A PNG of about `size` bytes that nothing makes smaller."""
    return text(png(64, 64, filling=zlib.compress(os.urandom(size), 0)))


SHOWN = {  # a text and what came with it -> the picture on the page
    "attached": ("![a sketch](attachment:x.png)", {"x.png": {"image/png": PNG}}, PNG),
    "attached_jpeg": ("![](attachment:a.jpg)", {"a.jpg": {"image/jpeg": JPEG}}, JPEG),
    "attached_by_lines": (
        "![](attachment:x.png)",
        {"x.png": {"image/png": [PNG[:20], PNG[20:]]}},
        PNG,
    ),
    "name_with_spaces": ("![](attachment:my%20x.png)", {"my x.png": {"image/png": PNG}}, PNG),
    "name_in_brackets": (
        "![](<attachment:my x (1).png>)",
        {"my x (1).png": {"image/png": PNG}},
        PNG,
    ),
    "with_a_title": ("![x](attachment:x.png 'a title')", {"x.png": {"image/png": PNG}}, PNG),
    "within": (f"![a sketch](data:image/png;base64,{PNG})", None, PNG),
    "within_jpeg": (f"![](data:image/jpeg;base64,{JPEG})", None, JPEG),
    "called_jpg": (f"![](data:image/jpg;base64,{JPEG})", None, JPEG),
    "called_otherwise": (f"![](data:image/png;base64,{JPEG})", None, JPEG),
    "as_html": (f'<img width="300" src="data:image/png;base64,{PNG}" alt="x"/>', None, PNG),
    "attached_as_html": ("<img src='attachment:x.png'>", {"x.png": {"image/png": PNG}}, PNG),
    "by_reference": (f"![image][i1]\n\n[i1]: <data:image/png;base64,{PNG}>", None, PNG),
    "between_prices": (f"$5 ![](data:image/png;base64,{PNG}) and $6", None, PNG),
    "in_a_list": (f"1. first\n2. ![](data:image/png;base64,{PNG})", None, PNG),
}


def answered(source, attachments=None, where=ANSWER):
    nb = right("convolution")
    if where == ANSWER:
        cell = nb.cells[place(nb, ANSWER)]
        cell.source = source
    else:
        cell = new_markdown_cell(source)
        nb.cells.insert(5, cell)
    if attachments:
        cell.attachments = attachments
    return nb


def pictures_in(result):
    """Base64 texts of the pictures in the student's texts."""
    theirs = [c for c in result.notebook.cells if c.id == ANSWER or c.id.startswith("own-")]
    return re.findall(r"!\[.*?\]\(data:image/\w+;base64,(.*?)\)", "".join(c.source for c in theirs))


ON_PAGES = ("attached", "within_jpeg", "as_html", "between_prices")


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("where", [ANSWER, "a cell of one's own"])
def test_picture_is_kept(name, where):
    source, attachments, wanted = SHOWN[name]
    result = graded(answered(f"Look:\n\n{source}", attachments, where), "convolution")
    assert result.scores[ANSWER] is None
    assert lost(result, "convolution") == {}
    assert result.notes == result.repairs == []
    assert pictures_in(result) == [wanted]


@pytest.mark.parametrize("name", first_of({name: name for name in ON_PAGES}))
def test_picture_is_on_the_feedback_page_and_on_formgraders(name):
    source, attachments, wanted = SHOWN[name]
    result = graded(answered(f"Look:\n\n{source}", attachments), "convolution")
    page = page_text(COURSE, result)
    frames = "".join(re.findall(r'(?s)<section [^>]*class="student-says".*?</section>', page))
    assert re.findall(r'<img[^>]*src="data:image/\w+;base64,([^"]*)"', frames) == [wanted]
    assert not re.search(r"<(script|iframe|svg|object)|src=\"http", frames)
    assert wanted in HTMLExporter().from_notebook_node(result.notebook)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_screenshot_larger_than_any_text_is_whole(kind):
    large = noise(700_000)
    source = f"Before.\n\n![](data:image/png;base64,{large})\n\nBehind."
    result = graded(answered(source), "convolution", kind)
    assert pictures_in(result) == [large]
    assert result.repairs == []
    (cell,) = (cell for cell in result.notebook.cells if cell.id == ANSWER)
    assert cell.source.endswith("Behind.")


REFUSED = {
    "svg": (f"![](data:image/svg+xml;base64,{SVG})", None, "only PNG and JPEG"),
    "svg_called_png": (f"![](data:image/png;base64,{SVG})", None, "only PNG and JPEG"),
    "svg_attached": ("![](attachment:x)", {"x": {"image/svg+xml": SVG}}, "only PNG and JPEG"),
    "gif": (f"![](data:image/gif;base64,{text(b'GIF89a...')})", None, "only PNG and JPEG"),
    "not_attached": ("![](attachment:x.png)", None, "didn't come with the cell"),
    "a_file": ("![plot](plots/plot.png)", None, "wasn't handed in"),
    "web": ("![plot](https://example.org/seen.png)", None, "lies on the web"),
    "web_as_html": ('<img src="http://example.org/seen.png">', None, "lies on the web"),
    "large": (f"![](data:image/png;base64,{noise(3 * MIB)})", None, "too large"),
    "pixels": (
        f"![](data:image/png;base64,{text(png(9999, 9999, filling=b''))})",
        None,
        "9999 x 9999",
    ),
    "broken": (f"![](data:image/png;base64,{PNG[:40]})", None, "not whole"),
    "no_base64": ("![](data:image/png;base64,ab)", None, "not whole"),
    "not_in_base64": ("![](data:image/png,%89PNG)", None, "only PNG and JPEG"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("kind", KINDS)
def test_picture_that_is_not_shown_leaves_a_word_and_is_told(name, kind):
    source, attachments, why = REFUSED[name]
    result = graded(answered(f"Look: {source}", attachments), "convolution", kind)
    assert result.scores[ANSWER] is None
    assert pictures_in(result) == []
    (cell,) = (cell for cell in result.notebook.cells if cell.id == ANSWER)
    assert "[picture left out: " in cell.source
    (sentence,) = result.repairs
    assert sentence.startswith(f"a picture in {ANSWER} was left out: ")
    assert why in sentence


def test_what_swells_in_a_picture_is_cut_out():
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**6)))
    result = graded(
        answered(f"![](data:image/png;base64,{text(png(20, 10, bomb))})"), "convolution"
    )
    assert pictures_in(result) == [PNG]


def test_pictures_are_bounded_in_a_cell_and_in_all_and_answers_come_first():
    nb = right("convolution")
    one = noise(MIB)
    for number in range(4):
        own = new_markdown_cell("![](attachment:x) " * 5, id=f"n{number}")
        own.attachments = {"x": {"image/png": one}}
        nb.cells.insert(0, own)
    nb.cells[place(nb, ANSWER)].source = f"![](data:image/png;base64,{one})"
    result = graded(nb, "convolution")
    shown = {cell.id: cell.source.count(one) for cell in result.notebook.cells}
    assert shown[ANSWER] == 1
    assert all(count * len(one) <= MOST_OF_A_CELL for count in shown.values())
    assert MOST_OF_ALL // 2 < sum(shown.values()) * len(one) <= MOST_OF_ALL
    assert "too large" in result.repairs[-1]
    assert lost(result, "convolution") == {}


def test_picture_alone_is_an_answer_beside_its_cell_too():
    nb = right("convolution")
    cell = nb.cells[place(nb, ANSWER)]
    cell.source = "*Write your answer here.*"
    own = new_markdown_cell("![](attachment:x.png)", attachments={"x.png": {"image/png": PNG}})
    nb.cells.insert(place(nb, ANSWER) + 1, own)
    result = graded(nb, "convolution")
    assert result.scores[ANSWER] is None
    assert pictures_in(result) == [PNG]


# --- texts ---------------------------------------------------------------------------------


def filled(source, attachments=()):
    album, cell = Album(), new_markdown_cell("")
    cell.source = album.inert(source, attachments)
    refused = album.put_into([cell])
    return cell.source, refused


@pytest.mark.parametrize(
    "source",
    ["plain `![](attachment:x)` text", "```\n![](attachment:x)\n```", "![x][y]", "[x](y)", "!"]
    + ["![", "![a](", "<img", "<img src=", "\ue0000\ue001", "~~~\n<img src='attachment:x'>\n~~~"],
)
def test_text_without_pictures_is_made_inert_as_ever(source):
    made, refused = filled(source, [("x", PNG)])
    assert made == inert_markdown(source.replace("\ue000", "\ufffd").replace("\ue001", "\ufffd"))
    assert refused == {}


def test_words_of_a_picture_act_on_nothing():
    made, _ = filled(f'![a" onerror="alert(1) `$<b>](data:image/png;base64,{PNG} "t")')
    assert made.strip() == f"![a onerror alert 1 b](data:image/png;base64,{PNG})"


def test_number_of_pictures_is_bounded():
    made, refused = filled("![](attachment:x)\n" * (MOST_PICTURES + 5), [("x", PNG)])
    assert made.count(PNG) == MOST_PICTURES
    assert list(refused) == [f"there are more than {MOST_PICTURES}"]


@pytest.mark.parametrize(
    "source",
    ["![](" * 50_000, "<img src=" * 20_000, "![a](data:image/png;base64," + "A" * 10**6]
    + ["```\n~~~\n" * 20_000, "![" * 100_000, "<img " * 40_000, "[a]: data:" * 20_000]
    + ["![](x(y)" * 25_000, "![](" + "(a)" * 60_000, "`" * 200_000, "![](a 'b" * 20_000],
    ids=range(11),
)
def test_no_text_takes_long_to_be_searched(source):
    made, refused = filled(source)
    assert "data:image" not in made.replace("data\u2060:", "")
    assert len(refused) <= 1
