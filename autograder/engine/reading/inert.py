"""What a student wrote, made unable to act on the pages that show it.

The pages are nbconvert's, nbgrader's and JupyterLab's; all take HTML within markdown as it is,
and typeset formulas with MathJax. Nothing here depends on how they tell text, code, links and
formulas apart: what could act is broken wherever it stands, by a character that can't be seen
or, in formulas and blocks of code, by a space.
"""

import base64
import itertools
import re
import unicodedata
from collections.abc import Iterable

from nbformat import NotebookNode

JOINER = "\u2060"  # WORD JOINER: no width, and no parser passes over it
IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
MOST_FORMULAS = 300  # of a kind that costs nbconvert a look through the whole cell when left open

# MathJax 2, 3, 4 and KaTeX: commands that make links, attributes, styles and tooltips, load
# extensions, set options, or spell a character or a command that wouldn't be seen here.
COMMANDS = (
    "href|url|includegraphics|class|cssId|style|data|html[A-Za-z]*|bbox|mmlToken|mathtip|texttip"
    "|tooltip|toggle|require|setOptions|csname|unicode|char|U"
)
UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")  # control characters but tab and newline
FORMULA_OPENS = re.compile(r"\\\\[(\[]|\\begin\{")
FORMULA_OR_CODE = re.compile(r"`+[^`]*`+|\$\$[^$]+\$\$|\$[^$\n]+\$")
STARTS_SOMETHING = re.compile(
    r"<(?=[A-Za-z/!?])"  # a tag
    r"|&(?=#|[A-Za-z][A-Za-z0-9]*;)"  # a character by its name or number
    r"|!(?=\[)"  # an image, which would tell its server who looks and when
    rf"|\\(?=(?:{COMMANDS})(?![A-Za-z]))"
)
ANGLE_LINK = re.compile(r"<(https?://[^\s<>]+)>", re.IGNORECASE)
WEB = r"https?://[\w./~%#?=+@,;:&-]*|mailto:"
SCHEME = re.compile(
    rf"(?P<web>(?<![A-Za-z0-9+.-])(?:{WEB}))"
    # The target of a link, up to its colon, whatever follows.
    rf"|(?P<target>\][(:]\s*(?:<\s*)?(?!{WEB})[^\s<>()\[\]:]*):"
    # Elsewhere a colon counts only within a word; "note: this" stays as it is.
    r"|(?P<word>(?<=[A-Za-z0-9+.\\\t])-*):(?=\S)",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """A text from outside as a terminal, a note or a file name in a sentence may show it.

    Without control and format characters (the categories Cc and Cf: escapes that act on a
    terminal, marks that turn the order of what is read round), but for newlines and tabs.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf")
    )


def inert_markdown(text: str) -> str:
    """Markdown that reads the same and holds no markup, image, script or foreign scheme.

    Emphasis, lists, tables, code, formulas and links to the web or to a mail address still work.
    """
    text = UNSEEN.sub("", re.sub(r"\r\n?", "\n", text))
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    text = re.sub(r"(?i)mer(?=maid)", rf"\g<0>{JOINER}", text)  # diagrams are drawn by a script
    opened = itertools.count()
    text = FORMULA_OPENS.sub(
        lambda m: m[0] if next(opened) < MOST_FORMULAS else m[0][:-1] + JOINER + m[0][-1], text
    )
    parts, end = [], 0
    for match in FORMULA_OR_CODE.finditer(text):
        # A space is as good; formulas are typeset without it, and code still runs with it.
        breaker = " " if match[0].startswith(("$", "```")) else JOINER
        parts += [_prose(text[end : match.start()]), _broken(match[0], breaker)]
        end = match.end()
    return "".join([*parts, _prose(text[end:])])


def inert_outputs(outputs: Iterable[dict]) -> list[NotebookNode]:
    """The outputs that only show something: text, errors, PNG and JPEG images; all else goes."""
    kept = [_inert_output(output) for output in outputs if isinstance(output, dict)]
    return [output for output in kept if output]


def _prose(text):
    return _broken(ANGLE_LINK.sub(r"\1", text), JOINER)  # a link without its < > is still one


def _broken(text, breaker):
    text = STARTS_SOMETHING.sub(rf"\g<0>{breaker}", text)
    return SCHEME.sub(lambda m: m["web"] or f"{m['target'] or m['word'] or ''}{breaker}:", text)


def _inert_output(output):
    kind = output.get("output_type")
    if kind == "stream" and isinstance(output.get("text"), str):
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return NotebookNode(output_type=kind, name=name, text=_text(output["text"]))
    if kind == "error":
        lines = output.get("traceback")
        lines = lines if isinstance(lines, list) else []
        return NotebookNode(
            output_type=kind,
            ename=_text(output.get("ename")),
            evalue=_text(output.get("evalue")),
            traceback=[_text(line) for line in lines if isinstance(line, str)],
        )
    if kind in ("display_data", "execute_result"):
        return _inert_data(kind, output)
    return None


def _inert_data(kind, output):
    data = output.get("data")
    data = data if isinstance(data, dict) else {}
    kept = {form: _image(data.get(form), start) for form, start in IMAGES.items()}
    if isinstance(data.get("text/plain"), str):
        kept["text/plain"] = _text(data["text/plain"])
    kept = NotebookNode({form: content for form, content in kept.items() if content is not None})
    if not kept:
        return None
    made = NotebookNode(output_type=kind, data=kept, metadata=NotebookNode())
    if kind == "execute_result":
        count = output.get("execution_count")
        made["execution_count"] = count if type(count) is int and 0 <= count < 10**6 else None
    return made


def _image(content, start):
    """Base64 text of an image whose bytes begin with `start`, else None."""
    if not isinstance(content, str):
        return None
    try:
        content = "".join(content.split())
        return content if base64.b64decode(content, validate=True).startswith(start) else None
    except ValueError:
        return None


def _text(value):
    """A str that can be written as UTF-8; '' for anything else."""
    return re.sub("[\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else ""
