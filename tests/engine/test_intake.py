"""What comes in: any file at all is read within bounds, any text is shown without acting."""

import base64
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import compute_checksum
from support import pictures

from autograder.engine.reading import intake
from autograder.engine.reading.inert import (
    inert_markdown,
    inert_outputs,
    picture_size,
    plain,
    plain_source,
)
from autograder.engine.reading.intake import (
    MAX_CELL,
    MAX_CELLS,
    MAX_DEPTH,
    MAX_TEXT,
    HandedIn,
    Submission,
    SubmittedCell,
    Unreadable,
    read_submission,
    read_timestamp,
)

NAME = "convolution.ipynb"
CODE = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": []}


@pytest.fixture
def write(tmp_path):
    """A function that writes a submission, a JSON value or bytes, and returns its path."""

    def write(content):
        path = tmp_path / NAME
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def notebook(*cells, **others):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | others


def refusal(path, **arguments):
    """The message with which a submission is refused."""
    with pytest.raises(Unreadable) as caught:
        read_submission(path, **arguments)
    assert_is_note(str(caught.value))
    return str(caught.value)


def assert_is_note(text):
    assert 0 < len(text) < 300
    assert text == " ".join(text.split())
    text.encode("utf-8")


# --- which files are opened ----------------------------------------------------------------


def test_missing_file_is_named():
    assert refusal(Path("nowhere") / NAME) == f"no file {NAME} was handed in"


def link(path):
    (path.parent / "real.ipynb").write_text(json.dumps(notebook(CODE)))
    path.symlink_to("real.ipynb")


def unix_socket(path):
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's path must be short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(before)


IRREGULAR = {
    "a link": link,
    "a pipe": os.mkfifo,
    "a socket": unix_socket,
    "a folder": os.mkdir,
}


@pytest.mark.parametrize("kind", IRREGULAR)
def test_what_is_no_regular_file_is_refused_without_opening_it(kind, tmp_path, monkeypatch):
    IRREGULAR[kind](tmp_path / NAME)
    monkeypatch.setattr(os, "open", lambda *_, **__: pytest.fail("it was opened"))
    assert f"can't be read: it is {kind}" in refusal(tmp_path / NAME)


def test_device_is_refused():
    assert "it is a device" in refusal(Path("/dev/null"))


@pytest.mark.parametrize("kind", ["a link", "a pipe"])
def test_file_exchanged_after_the_first_look_is_refused(kind, tmp_path, monkeypatch):
    (tmp_path / "regular").write_text("")
    regular = os.lstat(tmp_path / "regular")
    IRREGULAR[kind](tmp_path / NAME)
    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", lambda path: regular)
        message = refusal(tmp_path / NAME)
    assert "can't be read" in message


@pytest.mark.parametrize("linked", ["ada", "ada/01_convolution"])
def test_no_folder_below_the_submissions_may_be_a_link(linked, tmp_path):
    below, real = tmp_path / "submitted", tmp_path / "elsewhere"
    for folder in (below, real / "01_convolution"):
        folder.mkdir(parents=True)
    (real / "01_convolution" / NAME).write_text(json.dumps(notebook(CODE)))
    path = below / "ada" / "01_convolution" / NAME
    (below / linked).parent.mkdir(exist_ok=True)
    (below / linked).symlink_to(real if linked == "ada" else real / "01_convolution")
    assert read_submission(path).cells
    assert "is a link" in refusal(path, below=below)


def test_real_folders_below_the_submissions_are_read(tmp_path):
    path = tmp_path / "ada" / "01_convolution" / NAME
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook(CODE)))
    assert read_submission(path, below=tmp_path).cells
    assert read_submission(path, below=path.parent).cells
    assert "doesn't lie below" in refusal(path, below=tmp_path / "other")


# --- what is a notebook --------------------------------------------------------------------


NO_NOTEBOOK = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n ", "the file is empty"),
    "cut": (json.dumps(notebook(CODE), indent=1).encode()[:60], "broken JSON at line 5"),
    "text": (b"def conv2d():", "broken JSON at line 1"),
    "list": (b"[1, 2]", "it has no cells"),
    "other": (b'{"name": "x"}', "it has no cells"),
    "no cells": (json.dumps(notebook()).encode(), "it has no cells"),
    "cells of another kind": (b'{"cells": 3}', "it has no cells"),
    "no texts": (b'{"cells": [1, {}, {"source": 3}]}', "none of its cells has a text"),
    "deep": (b'{"cells": [' + b"[" * 200 + b"]" * 200 + b"]}", "nested too deep"),
    "deep and unclosed": (b"[" * 900_000, "nested too deep"),
    "two values": (b"{} {}", "broken JSON at line 1"),
    "constant": (b"NaN", "it has no cells"),
    "backslashes": (b'{"cells": [\\"]}', "broken JSON at line 1"),
}


@pytest.mark.parametrize("kind", NO_NOTEBOOK)
def test_what_is_no_notebook_is_told_why(kind, write):
    content, reason = NO_NOTEBOOK[kind]
    message = refusal(write(content))
    assert message.startswith(f"{NAME} isn't a notebook: ")
    assert reason in message
    assert "ask for the file again" in message


def test_other_encodings_are_refused_with_the_byte(write):
    assert "isn't UTF-8 text at byte 11" in refusal(write(b'{"cells": "\xe9"}'))
    assert "isn't UTF-8 text at byte 0" in refusal(write('{"cells": []}'.encode("utf-16")))


def test_a_byte_order_mark_does_no_harm(write):
    content = b"\xef\xbb\xbf" + json.dumps(notebook(CODE)).encode()
    assert read_submission(write(content)).cells[0].source == "x = 1"


def test_file_above_the_size_cap_is_refused(write):
    path = write(b"")
    with open(path, "wb") as file:
        file.truncate(intake.MAX_BYTES + 1)  # holes: nothing is written
    assert "larger than 20 MiB" in refusal(path)


def test_number_of_cells_is_bounded(write):
    assert len(read_submission(write(notebook(*[CODE] * MAX_CELLS))).cells) == MAX_CELLS
    assert "at most 2000" in refusal(write(notebook(*[CODE] * (MAX_CELLS + 1))))


def test_text_of_all_cells_together_is_bounded(write):
    long = CODE | {"source": "x" * (MAX_CELL - 1)}
    fitting = MAX_TEXT // (MAX_CELL - 1)
    assert len(read_submission(write(notebook(*[long] * fitting))).cells) == fitting
    assert "6,000,000 characters" in refusal(write(notebook(*[long] * (fitting + 1))))


def test_depth_is_bounded(write):
    def nested(depth):
        return notebook(CODE | {"outputs": json.loads("[" * depth + "]" * depth)})

    assert read_submission(write(nested(MAX_DEPTH - 3))).cells
    assert "nested too deep" in refusal(write(nested(MAX_DEPTH - 2)))


def test_brackets_in_texts_cost_nothing(write):
    source = '[{"a": "\\\\"}]' * 10_000 + "[" * 1000
    assert read_submission(write(notebook(CODE | {"source": source}))).cells[0].source == source


def test_number_of_values_is_bounded(write, monkeypatch):
    monkeypatch.setattr(intake, "MAX_STRUCTURE", 1000)
    values = notebook(CODE | {"outputs": [[]] * 300})
    assert read_submission(write(values)).cells
    values = notebook(CODE | {"outputs": [[]] * 400})
    assert "more than 1,000 values" in refusal(write(values))
    assert "more than 1,000 values" in refusal(write(b'""' * 1001))


def test_very_long_numbers_are_no_reason_to_refuse(write):
    content = json.dumps(notebook(CODE)).replace('"metadata": {}', '"x": ' + "9" * 10_000)
    assert read_submission(write(content.encode())).cells


# --- what is kept of a notebook ------------------------------------------------------------


def test_four_fields_of_a_cell_are_kept(write):
    details = {"grade_id": "solution_x", "points": 100, "grade": True}
    cell = CODE | {"id": "a", "metadata": {"nbgrader": details}, "attachments": {"a": "b"}}
    assert read_submission(write(notebook(cell))) == Submission(
        [SubmittedCell("code", "x = 1", "solution_x", "a")], []
    )


def test_source_may_be_a_list_of_lines(write):
    cells = read_submission(write(notebook(CODE | {"source": ["a = 1\n", "b = 2"]}))).cells
    assert cells[0].source == "a = 1\nb = 2"


def test_format_3_with_worksheets_is_read(write):
    cells = [
        {"cell_type": "code", "input": ["x = 1"], "language": "python"},
        {"cell_type": "heading", "level": 2, "source": "Part"},
        {"cell_type": "heading", "level": [], "source": "Part"},
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "html", "source": "<b>"},
    ]
    old = {"nbformat": 3, "worksheets": [{"cells": cells[:2]}, 5, {"cells": cells[2:]}]}
    assert [(cell.kind, cell.source) for cell in read_submission(write(old)).cells] == [
        ("code", "x = 1"),
        ("markdown", "## Part"),
        ("markdown", "# Part"),
        ("markdown", "text"),
        ("raw", "<b>"),
    ]


def test_odd_fields_are_taken_as_missing(write):
    cells = [
        CODE | {"metadata": odd, "id": odd, "cell_type": odd}
        for odd in (None, 5, [], {"nbgrader": 3}, {"nbgrader": {"grade_id": [1]}})
    ]
    read = read_submission(write(notebook(*cells, nbformat="x", metadata=7)))
    assert read.cells == [SubmittedCell("raw", "x = 1")] * 5
    assert read.notes == []


def test_cells_without_a_text_are_skipped_with_a_note(write):
    odd = [CODE | {"source": source} for source in (None, 5, ["a", 1], {"a": "b"})]
    read = read_submission(write(notebook(*odd, CODE)))
    assert [cell.source for cell in read.cells] == ["x = 1"]
    assert read.notes == ["left out 4 of 5 cells, without a text: 1, 2, 3, 4; look at the file"]


def test_texts_can_be_written_as_utf8(write):
    content = json.dumps(notebook(CODE | {"source": "a\ud800b\0c", "id": "\udfff"}))
    cell = read_submission(write(content.encode())).cells[0]
    assert (cell.source, cell.cell_id) == ("a\ufffdb\ufffdc", "\ufffd")


def test_long_sources_are_cut(write):
    cell = read_submission(write(notebook(CODE | {"source": "x" * 300_000}))).cells[0]
    assert len(cell.source) == MAX_CELL + 1


MEASURE = """
import sys
from pathlib import Path
from autograder.engine.reading.intake import Unreadable, read_submission

def peak():  # not getrusage's, which begins with what the parent process had
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

before = peak()
try:
    read_submission(Path(sys.argv[1]))
    print("read", peak() - before)
except Unreadable:
    print("refused", peak() - before)
"""
WIDE = "\U0001f600"  # one such character makes each other one of a str take four bytes


def short_texts():
    return f'["{WIDE}",'.encode() + b",".join(b'"%x"' % n for n in range(999_000)) + b"]"


def distinct_keys():
    return b"{" + b",".join(b'"k%x":1' % n for n in range(499_000)) + b"}"


def joined_lines():
    start = f'{{"cells":[{{"source":["{WIDE}","'.encode()
    return start + b"a" * (intake.MAX_BYTES - 50) + b'"]}]}'


def empty_texts():
    return b'"",,' * (intake.MAX_BYTES // 4)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    ("content", "end"),
    [
        (short_texts, "refused"),
        (distinct_keys, "refused"),
        (joined_lines, "read"),
        (empty_texts, "refused"),
    ],
)
def test_memory_is_bounded_for_the_worst_files(content, end, write):
    command = [sys.executable, "-c", MEASURE, write(content())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    outcome, peak = done.stdout.split()
    assert outcome == end
    assert 1 < float(peak) < 200  # MiB; 1: the measure measures


def assert_read_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_bytes(content)
        try:
            read = read_submission(path)
        except Unreadable as problem:
            assert_is_note(str(problem))
            return
    for cell in read.cells:
        assert cell.kind in ("code", "markdown", "raw")
        for text in (cell.source, cell.grade_id or "", cell.cell_id or ""):
            text.encode("utf-8")
    for note in read.notes:
        assert_is_note(note)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8")))
def test_random_bytes_are_read_or_refused(content):
    assert_read_or_refused(content)


SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
JSON = st.recursive(
    SCALARS | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@st.composite
def mutated_notebooks(draw):
    """A notebook's JSON with a few values replaced anywhere, and sometimes bytes."""
    details = {"grade_id": "solution_x", "grade": False}
    cells = [CODE | {"id": "a", "metadata": {"nbgrader": details}}, CODE, CODE]
    value = json.loads(json.dumps(notebook(*cells)))
    for _ in range(draw(st.integers(0, 4))):
        inside = value
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(inside[key], (dict, list)) and draw(st.integers(0, 4)):
                inside = inside[key]
                continue
            inside[key] = draw(JSON)
            break
    content = bytearray(json.dumps(value).encode())
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(mutated_notebooks())
def test_mutated_notebooks_are_read_or_refused(content):
    assert_read_or_refused(content)


# --- the time of submission ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-23 14:07:34.123456 UTC\n", datetime(2026, 7, 23, 14, 7, 34, 123456)),
        ("2026-07-23 14:07:34 Z", datetime(2026, 7, 23, 14, 7, 34)),
        ("2026-07-23 14:07:34", datetime(2026, 7, 23, 14, 7, 34)),
        ("2026-07-23 14:07:34 EST", datetime(2026, 7, 23, 19, 7, 34)),
        ("2026-07-23 14:07:34 +0100", datetime(2026, 7, 23, 13, 7, 34)),
        ("2026-07-23T14:07:34-01:00", datetime(2026, 7, 23, 15, 7, 34)),
    ],
)
def test_timestamp_is_read_as_utc(text, expected, tmp_path):
    (tmp_path / "timestamp.txt").write_text(text)
    assert read_timestamp(tmp_path) == (expected, [])


def test_missing_timestamp_is_no_problem(tmp_path):
    assert read_timestamp(tmp_path) == (None, [])
    assert read_timestamp(tmp_path / "nowhere") == (None, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"tomorrow",
        b"12",  # a day of which month?
        b"1999-12-31 23:59:59 UTC",
        b"2101-01-01 00:00:00 UTC",
        b"2026-02-30 10:00:00 UTC",
        b"0001-01-01 00:00:00 +2359",
        b"9999-12-31 23:59:59 -2359",
        b"2026-07-23 14:07:34 XYZ",
        b"2026-07-23 14:07:34 UTC" + b" " * 100,
        "２026-07-23 14:07:34 UTC".encode(),
        b"2026-07-23 14:07:34 ../../etc/passwd",
        b"\xff\xfe",
    ],
)
def test_bad_timestamp_is_a_note(content, tmp_path):
    (tmp_path / "timestamp.txt").write_bytes(content)
    when, notes = read_timestamp(tmp_path)
    assert when is None
    assert len(notes) == 1
    assert_is_note(notes[0])
    assert notes[0].endswith("the time of submission is unknown")


@pytest.mark.parametrize("kind", ["a link", "a pipe", "a folder"])
def test_timestamp_that_is_no_regular_file_is_a_note(kind, tmp_path):
    IRREGULAR[kind](tmp_path / "timestamp.txt")
    when, notes = read_timestamp(tmp_path)
    assert when is None
    assert kind in notes[0]


# --- inert markdown ------------------------------------------------------------------------

VECTORS = r"""
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<img src=x onerror=alert(1)>
<img src="https://evil.example/seen.png">
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<body onload=alert(1)>
<iframe src="javascript:alert(1)"></iframe>
<a href="javascript:alert(1)">x</a>
<a href=" &#14; javascript:alert(1)">x</a>
<details open ontoggle=alert(1)>x</details>
<style>body { display: none }</style>
<link rel=stylesheet href=//evil.example/x.css>
<meta http-equiv=refresh content="0;url=//evil.example">
<base href=//evil.example/>
<form action=//evil.example><button>Log in</button></form>
<math><mi href="javascript:alert(1)">x</mi></math>
<object data="data:text/html;base64,PHNjcmlwdD4="></object>
<!--><script>alert(1)</script>-->
a <!-- the rest of the page is
a <? hidden
<![CDATA[<script>alert(1)</script>]]>
<?php <script>alert(1)</script> ?>
</div></div></body><script>alert(1)</script>
`<script>`<script>alert(1)</script>
$<script>alert(1)</script>$
$$x$$<script>alert(1)</script>
<scr<script>ipt>alert(1)</script>
&lt;script&gt;<b onclick=alert(1)>x</b>
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](javascript\:alert(1))
[x](javascript&colon;alert(1))
[x](javascript&#58;alert(1))
[x](&#x6A;avascript:alert(1))
[x](java&Tab;script:alert(1))
[x](<javascript:alert(1)>)
[x](<javascript: alert(1)>)
[x](< javascript: alert(1)>)
[x](javascript: "title")
[x](vbscript:msgbox(1))
[x](data:text/html;base64,PHNjcmlwdD4=)
[x](file:///etc/passwd)
[x][ref]\n\n[ref]: javascript:alert(1)
[x]\n\n[x]: <javascript: alert(1)>
[x]\n\n[x]:\njavascript:alert(1) 'title'
<javascript:alert(1)>
<data:text/html,x>
![x](https://evil.example/seen.png)
![x](javascript:alert(1))
![x](data:image/svg+xml;base64,PHN2Zz4=)
![x][ref]\n\n[ref]: https://evil.example/seen.png
![x](attachment:x.png)
\![x](https://evil.example/seen.png)
[![x](https://evil.example/seen.png)](https://evil.example)
[x](https://a.example "onclick=alert(1)")
[x](https://a.example" onclick="alert(1))
```mermaid\ngraph TD; A-->B; click A "javascript:alert(1)"\n```
~~~ mermaid\n<img src=x onerror=alert(1)>\n~~~
> <script>alert(1)</script>
- a\n  <script>alert(1)</script>
a | b\n--|--\n<script>alert(1)</script> | [x](javascript:alert(1))
# <script>alert(1)</script>
term\n: <script>alert(1)</script>
<\x00script>alert(1)</script>
java\x0bscript:alert(1) [x](java\x01script:alert(1))
"""
VECTORS = [
    line.replace(r"\n", "\n").replace(r"\x00", "\0").replace(r"\x0b", "\v").replace(r"\x01", "\1")
    for line in VECTORS.strip().splitlines()
]
HARMLESS = """\
# Heading

**Bold**, *slanted*, ~~gone~~, `a<b`, $x<y$ and note: at 12:30 it was 3:2 & more; a < b > c!

- a list
- [ ] a task

1. one

> quoted

$$\\sum_{i<n} \\frac{a_i}{b} \\quad f: X \\to Y$$

| left | right |
|:-----|------:|
| 1    | `x<y` |

```python
if a<b: x = d["k"]
```

term
: its definition

[web](https://a.example:8080/x:y?a=1&b=2#c), [mail](mailto:a@b.example), <https://b.example>,
https://c.example/d:e and [by reference][1]

[1]: http://d.example

---
"""
FORMATS = {
    *("p", "em", "strong", "del", "code", "pre", "span", "div", "ul", "ol", "li", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "hr", "br", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "input"),  # input: the box of a task
}
URLS = {"href", "src", "srcset", "action", "formaction", "data", "poster", "background"}
EXPORTER = HTMLExporter()


EMPTY = ("br", "hr", "img", "input", "link", "meta")  # elements that nothing closes


class Acting(HTMLParser):
    """Counts what can act in a page: foreign elements, handlers, styles, schemes, open tags."""

    def __init__(self, page):
        super().__init__()
        self.found, self.opened = Counter(), Counter()
        self.feed(page)
        self.close()
        self.found += Counter({f"open {tag}": abs(n) for tag, n in self.opened.items()})

    def handle_starttag(self, tag, attributes):
        self.opened[tag] += tag not in EMPTY
        self.found[tag] += tag not in FORMATS
        for name, value in attributes:
            if name.startswith("on") or (name == "style" and "text-align" not in value):
                self.found[name] += 1
            if name in URLS or name.endswith(":href"):
                address = re.sub(r"[\0-\x20]", "", value or "").lower()  # as browsers read it
                scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
                if scheme and scheme[0] not in ("http:", "https:", "mailto:"):
                    self.found[scheme[0]] += 1
            if name == "class" and "mermaid" in value:
                self.found["mermaid"] += 1

    def handle_endtag(self, tag):
        self.opened[tag] -= tag not in EMPTY

    def handle_comment(self, data):
        self.found["comment"] += 1

    handle_decl = handle_pi = unknown_decl = handle_comment


def page_of_cell(text):
    page, _ = EXPORTER.from_notebook_node(new_notebook(cells=[new_markdown_cell(text, id="a")]))
    return page


@pytest.fixture(scope="module")
def harmless_page():
    return Acting(page_of_cell("harmless")).found


@pytest.mark.parametrize("text", VECTORS)
def test_known_attacks_add_nothing_that_acts_to_the_page(text, harmless_page):
    inert = inert_markdown(text)
    assert Acting(page_of_cell(inert)).found == harmless_page
    assert not re.search("(?i)(javascript|vbscript|data|file|attachment):", inert)


def test_most_of_these_attacks_would_act_if_they_were_let_through():
    shown = [text for text in VECTORS if "attachment:" not in text]  # these end the export
    acting = [text for text in shown if Acting(markdown2html_mistune(text)).found]
    assert len(acting) > 0.7 * len(VECTORS)
    with pytest.raises(Exception, match="missing attachment"):
        page_of_cell("![x](attachment:x.png)")


FRAGMENTS = st.sampled_from(
    [*VECTORS, *HARMLESS.splitlines(), "<", ">", "!", "[", "](", ")", "]:", "&", "#", ";", "`"]
    + ["$", "$$", "\\", "\n", "\n\n", "    ", "\t", " ", ":", "javascript", "data", "<a", "onx="]
    + ["```", "~~~", "|", "*", "\\(", "\\\\(", "\\begin{a}", "\\end{a}", "http://a", '"', "'"]
)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS, min_size=1, max_size=8).map("".join))
def test_mixed_attacks_add_nothing_that_acts(text):
    assert not Acting(markdown2html_mistune(inert_markdown(text))).found


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_becomes_inert_and_stays_so(text):
    once = inert_markdown(text)
    once.encode("utf-8")
    assert not Acting(markdown2html_mistune(once)).found
    visible = re.sub(r"[\u2060\s]", "", once)
    assert not set(visible) & set(map(chr, [*range(32), *range(127, 160)]))
    assert not Acting(markdown2html_mistune(inert_markdown(once))).found


@pytest.mark.parametrize(
    "formula",
    [
        r"$\href{javascript:alert(1)}{x}$",
        r"$$\class{a}{\style{position:fixed}{\cssId{b}{x}}}$$",
        r"\$\\href{javascript:alert(1)}{x}\$",
        r"\\(\require{html}\unicode{65}\mmlToken{mi}[href='javascript:alert(1)']{x}\\)",
        r"\begin{align}\csname href\endcsname{javascript:alert(1)}{x}\end{align}",
        r"$\def\a{\href}\a{javascript:alert(1)}{x} \bbox[background:url(//evil.example)]{x}$",
        r"$\data{a=b}{x} \url{javascript:alert(1)} \htmlClass{a}{x} \includegraphics{a}$",
    ],
)
def test_formulas_lose_commands_that_make_links_and_attributes(formula):
    page = markdown2html_mistune(inert_markdown(formula))
    commands = "href|url|class|style|cssId|data|require|unicode|mmlToken|csname|bbox|html|include"
    assert not re.search(rf"\\(?:{commands})", page)
    assert "javascript:" not in page


@pytest.mark.parametrize(
    "formula",
    [
        r"$\def\frac#1#2{x}$",
        r"$$\newcommand{\sum}{x} \renewcommand\int{x} \providecommand*{\pi}{x}$$",
        r"\begin{align}\let\alpha\beta \gdef\sqrt{x} \global\futurelet\a\b\end{align}",
        r"$\newenvironment{pmatrix}{x}{} \renewenvironment{pmatrix}{x}{}$",
        r"\\(\DeclareMathOperator{\sin}{x} \definecolor{red}{gray}{1} \Newextarrow{\a}{1}{2}\\)",
        r"$\xdef\a{x}\edef\b{\a\a\a\a}\def\c{\b\b\b\b}\c\c\c\c$",
        r"\begin{equation}\label{eq:lesson} x\end{equation}",
        "$\\\u200bdef\\a{x}\\d\u2060ef\\b{x}$",
    ],
)
def test_formulas_define_nothing_that_would_hold_for_others(formula):
    page = markdown2html_mistune(inert_markdown(formula))
    defines = (
        "[a-z]?def|let|futurelet|global|[a-z]*new[a-z]+|New[a-z]+|Declare[A-Za-z]+|define|label"
    )
    assert not re.search(rf"\\(?:{defines})(?![A-Za-z])", page)


NESTED = {
    "fractions": r"$" + r"\frac{1}{" * 900 + "x" + "}" * 900 + "$",
    "brackets": r"$$" + r"\left(" * 900 + "x" + r"\right)" * 900 + "$$",
    "matrices": r"\begin{matrix}" * 200 + "x" + r"\end{matrix}" * 200,
    "escaped ends between": "$" + r"\sqrt{\}" * 900 + "x" + "}" * 900 + "$",
    "escapes that Markdown takes away": "$ " + r"\frac1\{" * 900 + "x" + r"\}" * 900 + " $",
    "ends of fences within": "$" + "{" * 900 + "\n~~~~\n" + "}" * 900 + "$",
}


@pytest.mark.parametrize("formula", NESTED.values(), ids=NESTED)
def test_formulas_that_nest_too_deep_for_a_browser_are_shown_as_they_are_written(formula):
    page = markdown2html_mistune(inert_markdown(f"before\n\n{formula}\n\nafter"))
    inside = re.sub("(?s)<pre>.*?</pre>", "", page)
    assert "<pre>" in page
    assert not re.search(r"[${}\\]", inside)


def test_ordinary_formulas_stay_as_they_are():
    for formula in (
        r"$\frac{a}{b} \le \displaystyle\sum_i x_i^2$",
        r"$$a & b \\ \text{if } x$$",
        r"$\leftarrow \longrightarrow \newline \neq \leq \nu$",
        " ".join([r"$\{a\}$", r"$\left\{a\right.$", r"$\sqrt{\frac{a}{b}}$"] * 50),
    ):
        assert inert_markdown(formula) == formula


class Shape(HTMLParser):
    """The elements of a page and its text; spaces and joiners don't count."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag != "span":  # the colours of code, of its spaces, too
            self.elements.append((tag, attributes))

    def handle_data(self, data):
        self.text += re.sub(r"[\u2060\s]", "", data)


def test_ordinary_markdown_keeps_its_format_and_reads_the_same():
    before, page = (markdown2html_mistune(t) for t in (HARMLESS, inert_markdown(HARMLESS)))
    assert Shape(page).elements == Shape(before).elements
    assert Shape(page).text == Shape(before).text
    assert {"strong", "del", "table", "dl", "ol", "blockquote"} <= {
        e for e, _ in Shape(page).elements
    }
    for address in (
        "https://a.example:8080/x:y?a=1&amp;b=2#c",
        "mailto:a@b.example",
        "https://b.example",
        "https://c.example/d:e",
        "http://d.example",
    ):
        assert f'href="{address}"' in page
    assert "note: at" in page
    assert 'class="err"' not in page


ODD = {
    "turned round": ("a\u202edcb\u2066x", "adcbx", "a[U+202E]dcb[U+2066]x"),
    "unseen": ("a\u200bb\u2060c\ufeff", "abc", "a[U+200B]b[U+2060]c[U+FEFF]"),
    "escapes": ("a\x1b]0;t\x07b\x9b1m", "a]0;tb1m", "a[U+001B]]0;t[U+0007]b[U+009B]1m"),
    "halves": ("a\udc80", "a\ufffd", "a[U+DC80]"),
    "joined": ("\U0001f468\u200d\U0001f469", "\U0001f468\U0001f469", None),
}


@pytest.mark.parametrize(("text", "shown", "source"), ODD.values(), ids=ODD)
def test_markdown_outputs_and_sources_hold_no_unseen_character(text, shown, source):
    assert plain(text) == inert_markdown(text) == shown
    (printed,) = inert_outputs([new_output("stream", text=text)])
    assert plain(printed.text) == printed.text
    assert source is None or plain_source(text) == source
    assert plain_source("a\n\tb ü") == "a\n\tb ü"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[1;38;5;208;48;2;1;2;3mx\x1b[m", "\x1b[1;38;5;208;48;2;1;2;3mx\x1b[m"),
        ("\x1b[2J\x1b[3;4Hx\x1b[?25l", "x"),
        ("\x1b]8;;http://a.example\x07x\x1b]8;;\x1b\\", "x"),
        ("\x1b[38mx \x1b[1;48;5mx \x1b[038mx", "x x x"),  # nbconvert would end at these
        ("\x1bc\x07a\x08\x9b1mb", "cab"),
        ("10%\r20%\r\ndone", "10%\n20%\ndone"),
    ],
)
def test_outputs_keep_colours_and_no_other_escape(text, kept):
    stream, error = inert_outputs(
        [new_output("stream", text=text), new_output("error", traceback=[text])]
    )
    assert stream.text == error.traceback[0] == kept
    page, _ = EXPORTER.from_notebook_node(
        new_notebook(cells=[new_code_cell("", id="a", outputs=[stream, error])])
    )
    assert "\x1b" not in page


def test_many_open_formulas_do_not_hold_the_page_up():
    text = inert_markdown(r"\\(" * 5000 + r"\begin{a}" * 5000)
    assert len(re.findall(r"\\\\\(|\\begin\{", text)) == 300


# --- inert outputs -------------------------------------------------------------------------

PNG, JPEG = pictures.text(pictures.png()), pictures.text(pictures.jpeg())


def test_texts_errors_and_images_are_kept():
    outputs = [
        new_output("stream", name="stderr", text="a\n"),
        new_output("error", ename="ValueError", evalue="b", traceback=["c", "d"]),
        new_output("display_data", data={"image/png": PNG, "text/plain": "e"}),
        new_output("execute_result", data={"image/jpeg": JPEG}, execution_count=3),
    ]
    assert inert_outputs(outputs) == outputs


def test_all_other_outputs_and_metadata_are_dropped():
    data = {
        "text/html": "<script>alert(1)</script>",
        "image/svg+xml": "<svg onload=alert(1)>",
        "application/javascript": "alert(1)",
        "text/markdown": "x",
        "application/vnd.jupyter.widget-view+json": {"model_id": "a"},
        "image/png": base64.b64encode(b"<svg onload=alert(1)>").decode(),
        "image/jpeg": 'x" onerror="alert(1)',
    }
    assert inert_outputs([new_output("display_data", data=data)]) == []
    kept = inert_outputs(
        [new_output("display_data", data=data | {"text/plain": "a"}, metadata={"image/png": 3})]
    )
    assert kept == [new_output("display_data", data={"text/plain": "a"})]


@pytest.mark.parametrize(
    "outputs",
    [
        [None, 3, "x", [], {}],
        [{"output_type": "stream"}, {"output_type": "stream", "text": ["a"]}],
        [{"output_type": ["stream"], "text": "a"}],
        [{"output_type": "display_data"}, {"output_type": "display_data", "data": [1]}],
        [{"output_type": "execute_result", "data": {"text/plain": 3, "image/png": "\ud800é"}}],
        [{"output_type": "update_display_data", "data": {"text/plain": "a"}}],
    ],
)
def test_garbage_among_outputs_is_dropped(outputs):
    assert inert_outputs(outputs) == []


def test_odd_fields_of_outputs_become_plain_ones():
    odd = [
        {"output_type": "error", "ename": 3, "evalue": "\ud800", "traceback": ["a", 3, None]},
        {"output_type": "stream", "name": "<script>", "text": "b", "extra": 1},
        {"output_type": "execute_result", "data": {"text/plain": "c"}, "execution_count": "<b>"},
    ]
    kept = inert_outputs(odd)
    assert kept == [
        new_output("error", ename="", evalue="\ufffd", traceback=["a"]),
        new_output("stream", name="stdout", text="b"),
        new_output("execute_result", data={"text/plain": "c"}),
    ]
    page, _ = EXPORTER.from_notebook_node(new_notebook(cells=[new_code_cell("", outputs=kept)]))
    assert "&lt;b&gt;" not in page


# --- pictures ------------------------------------------------------------------------------

TOO_LARGE = {
    "square": ("image/png", pictures.png(30_000, 30_000, filling=b"")),
    "line": ("image/png", pictures.png(2**24, 1, filling=b"")),
    "above the bound": ("image/png", pictures.png(4097, 4097, filling=b"")),
    "no pixel": ("image/png", pictures.png(0, 5, filling=b"")),
    "jpeg": ("image/jpeg", pictures.jpeg(30_000, 30_000)),
    "high jpeg": ("image/jpeg", pictures.jpeg(1, 65_535)),
    "looked at again and again": ("image/jpeg", pictures.jpeg(scans=5000)),
}
BROKEN = {
    "only a start": ("image/png", pictures.SIGNATURE + bytes(20)),
    "two headers": ("image/png", pictures.png(more=pictures.png(2**15, 2**15)[8:33])),
    "cut off": ("image/png", pictures.png()[:-6]),
    "a longer chunk than there is": ("image/png", pictures.SIGNATURE + b"\xff" * 4 + b"IHDR"),
    "without a frame": ("image/jpeg", b"\xff\xd8\xff\xda\0\x08"),
    "hidden frame": ("image/jpeg", b"\xff\xd8\xff\xe0\0\x02junk" + pictures.jpeg()[8:]),
}


@pytest.mark.parametrize(("form", "data"), [*TOO_LARGE.values(), *BROKEN.values()])
def test_picture_that_a_browser_would_choke_on_is_a_text_in_its_place(form, data):
    shown = {form: pictures.text(data), "text/plain": "<Figure>"}
    (kept,) = inert_outputs([new_output("display_data", data=shown)])
    assert set(kept.data) == {"text/plain"}
    assert re.fullmatch(r"\[a picture .* was left out\]", kept.data["text/plain"])


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT"])
def test_parts_of_a_picture_that_show_nothing_and_may_swell_are_taken_out(kind):
    bomb = pictures.chunk(kind, b"a\0\0" + zlib.compress(bytes(10**7)))
    data = {"image/png": pictures.text(pictures.png(more=bomb))}
    (kept,) = inert_outputs([new_output("display_data", data=data)])
    assert base64.b64decode(kept.data["image/png"]) == pictures.png()


def test_picture_counts_for_its_pixels():
    small, large = (
        inert_outputs([new_output("display_data", data={"image/png": pictures.text(data)})])[0]
        for data in (pictures.png(), pictures.png(4000, 4000))
    )
    assert picture_size(small) == len(small.data["image/png"])
    assert picture_size(large) == 2_000_000 > 20 * len(large.data["image/png"])


SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
SVG64 = base64.b64encode(SVG.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        SVG,
        f"![x](data:image/svg+xml;base64,{SVG64})",
        f"![x][a]\n\n[a]: data:image/svg+xml;base64,{SVG64}",
        f"<img src='data:image/svg+xml;base64,{SVG64}'>",
        "![x](attachment:x.svg)",
        f"[x](data:image/svg+xml,{SVG})",
        f"![x](data:image/png;base64,{pictures.text(pictures.png(30_000, 30_000, filling=b''))})",
    ],
)
def test_no_picture_of_a_student_in_markdown_reaches_a_page(text, harmless_page):
    page = page_of_cell(inert_markdown(text))
    assert Acting(page).found == harmless_page
    assert not re.search("<(img|svg|image|object|embed)", page.partition("</head>")[2])


@pytest.mark.parametrize(
    "data",
    [
        {"image/svg+xml": SVG},
        {"image/png": SVG64},
        {"text/html": f"<img src='data:image/svg+xml;base64,{SVG64}'>"},
        {"text/markdown": f"![x](data:image/svg+xml;base64,{SVG64})"},
    ],
)
def test_no_svg_of_an_output_is_kept(data):
    assert inert_outputs([new_output("display_data", data=data)]) == []


# --- pictures within texts, attachments, checksums -----------------------------------------


def submitted(**cell):
    text = json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, **cell}]})
    (read,) = HandedIn("a.ipynb", text.encode()).submission().cells
    return read


def test_pictures_within_a_text_do_not_count_for_its_length():
    picture = "data:image/png;base64," + "A" * (3 * MAX_CELL)
    source = "a" * 1000 + picture + ")" * 2 * MAX_CELL
    assert submitted(source=source).source == source[: len(picture) + MAX_CELL + 1]
    assert submitted(source=f"{picture} end").source == f"{picture} end"
    assert len(submitted(source=source, cell_type="code").source) == MAX_CELL + 1


def test_attachments_are_read_as_far_as_they_are_texts():
    found = {"a": {"image/png": ["AA", "BB"], "image/svg+xml": "C"}, "b": {"x": 1}, "c": [], "d": 2}
    assert submitted(source="x", attachments=found).attachments == (("a", "C"), ("a", "AABB"))
    assert submitted(source="x", attachments=[1]).attachments == ()
    assert submitted(source="x", attachments=found, cell_type="code").attachments == ()


def test_checksum_of_the_release_tells_who_changed_a_text():
    cell = new_markdown_cell("a task")
    cell.metadata.nbgrader = {"grade_id": "x", "grade": False, "locked": True, "solution": False}
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    assert submitted(**cell).intact is True
    assert submitted(**cell | {"source": "a task, changed"}).intact is False
    assert submitted(**cell | {"metadata": {}}).intact is None
    for odd in ({"checksum": 5}, {"grade_id": None}, {"grade": True, "points": 0.5}):
        metadata = {"nbgrader": cell.metadata.nbgrader | odd}
        assert submitted(**cell | {"metadata": metadata}).intact is None
