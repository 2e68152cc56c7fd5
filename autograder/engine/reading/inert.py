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

from autograder.engine.reading.pictures import JPEG, PNG, Refused, showable

# Categories of characters that only act or can't be written, and what stands in their place.
UNSEEN = {"Cc": "", "Cf": "", "Cs": "\ufffd"}
JOINER = "\u2060"  # WORD JOINER: no width, and no parser passes over it; a page holds only ours
IMAGES = {"image/png": PNG, "image/jpeg": JPEG}
PIXELS_A_BYTE = 8  # of a picture that counts for more than it is long: a browser needs 4 bytes each
MOST_FORMULAS = 300  # of a kind that costs nbconvert a look through the whole cell when left open

# MathJax 2, 3, 4 and KaTeX: commands that make links, attributes, styles and tooltips, load
# extensions, set options, or spell a character or a command that wouldn't be seen here; those that
# define something, which would hold for all formulas of the page and grow with each use; and those
# that name a formula, for a name may stand on a page only once.
COMMANDS = (
    "href|url|includegraphics|class|cssId|style|data|html[A-Za-z]*|bbox|mmlToken|mathtip|texttip"
    "|tooltip|toggle|require|setOptions|csname|unicode|char|U"
    "|[egx]?def|(?:future)?let|global|long|(?:re|provide)?new(?!line)[A-Za-z]*|New[A-Za-z]*"
    "|[Dd]eclare[A-Za-z]*|[Dd]efine[A-Za-z]*|(?:math)?chardef|mathtoolsset|sisetup|use[a-z]*form"
    "|label"
)
# Escapes of a terminal: colours, which pages show as colours, and all others. Colours are spelled
# as nbconvert can read them; one that breaks off would cost the page.
COLOUR = re.compile(
    r"(\x1b\[(?:(?:38|48);(?:5;\d{1,3}|2(?:;\d{1,3}){3})|(?!0*[34]8(?!\d))\d{0,3})"
    r"(?:;(?:(?:38|48);(?:5;\d{1,3}|2(?:;\d{1,3}){3})|(?!0*[34]8(?!\d))\d{0,3}))*m)"
)
ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[]P_^]|[\x9d\x90])[^\x07\x1b]*(?:\x07|\x1b\\)"
)
MOST_NESTED = 20  # parts of a formula within parts; from 100 on MathJax ends the browser's page
# What opens and closes a part, with braces after a backslash and without: within a formula these
# are only shown, but Markdown takes the backslash away where it sees no formula and MathJax one.
NESTS = [
    re.compile(
        rf"(?P<opens>\\left(?![A-Za-z])(?:\s*{brace}\{{)?|\\begin|{brace}\{{)"
        rf"|\\right(?![A-Za-z])(?:\s*{brace}\}})?|\\end|{brace}\}}"
    )
    for brace in (r"\\?", r"(?<!\\)(?:\\\\)*")
]
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
    terminal, marks that turn the order of what is read round), but for newlines and tabs; what
    UTF-8 can't write is a replacement character.
    """
    return text.translate({ord(one): UNSEEN[kind] for one, kind in _unseen(text)})


def plain_source(text: str) -> str:
    """A source as a page may show it: what isn't seen, and might hide code, is named in its place.

    >>> print(plain_source("if admin:\u202e # }"))
    if admin:[U+202E] # }
    """
    return text.translate({ord(one): f"[U+{ord(one):04X}]" for one, _ in _unseen(text)})


def _unseen(text):
    """(character, category) of what only acts or can't be written."""
    kinds = ((one, unicodedata.category(one)) for one in set(text) if one not in "\n\t")
    return [(one, kind) for one, kind in kinds if kind in UNSEEN]


def inert_markdown(text: str) -> str:
    """Markdown that reads the same and holds no markup, image, script or foreign scheme.

    Emphasis, lists, tables, code, formulas and links to the web or to a mail address still work.
    """
    text = plain(re.sub(r"\r\n?", "\n", text))
    if any(_deepest(text, parts) > MOST_NESTED for parts in NESTS):
        text = _as_code(text)  # where no formula is typeset
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


def _deepest(text, parts):
    """How many parts of a formula lie within each other, at most."""
    depth = deepest = 0
    for part in parts.finditer(text):
        depth = depth + 1 if part["opens"] else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _as_code(text):
    fence = "~" * max(3, *(len(run) + 1 for run in re.findall("~+", text)), 0)
    return f"{fence}\n{text}\n{fence}"


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
    kept = NotebookNode()
    try:
        pictures = {form: _image(data.get(form), form) for form in IMAGES}
        kept.update({form: content for form, content in pictures.items() if content})
        told = data.get("text/plain")
    except Refused as reason:
        told = f"[{reason}]"
    if isinstance(told, str):
        kept["text/plain"] = _text(told)
    if not kept:
        return None
    made = NotebookNode(output_type=kind, data=kept, metadata=NotebookNode())
    if kind == "execute_result":
        count = output.get("execution_count")
        made["execution_count"] = count if type(count) is int and 0 <= count < 10**6 else None
    return made


def _image(content, form):
    """Base64 text of what is shown of an image of this form; None for what is none.

    Raises `Refused` where it can't be shown.
    """
    data = _decoded(content)
    if not data.startswith(IMAGES[form]):
        return None
    shown, _ = showable(form, data)
    return "".join(content.split()) if shown == data else base64.b64encode(shown).decode()


def picture_size(output: dict) -> int:
    """What the pictures of an inert output count for, in bytes: their length, or their pixels."""
    return sum(
        max(len(content), showable(form, _decoded(content))[1] // PIXELS_A_BYTE)
        for form, content in output.get("data", {}).items()
        if form in IMAGES
    )


def _decoded(content):
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (AttributeError, ValueError):
        return b""


def _text(value):
    """A str whose only escapes are colours and that can be written as UTF-8; '' for all else."""
    if not isinstance(value, str):
        return ""
    parts = COLOUR.split(re.sub(r"\r\n?", "\n", value))
    parts[::2] = [plain(ESCAPE.sub("", part)) for part in parts[::2]]
    return "".join(parts)
