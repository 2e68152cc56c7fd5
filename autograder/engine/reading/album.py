"""The pictures in a student's texts: checked ones come to the page, all others leave a word.

While a text is made inert and cut, a mark stands where a picture will.
"""

import base64
import re
from collections.abc import Iterable
from urllib.parse import unquote

from autograder.engine.limits import MIB
from autograder.engine.reading.inert import PIXELS_A_BYTE, inert_markdown, plain
from autograder.engine.reading.pictures import JPEG, PNG, Refused, cut, showable

MOST_OF_A_CELL, MOST_OF_ALL = 3 * MIB, 6 * MIB  # characters of base64; pixels count, too
MOST_PICTURES = 200  # of a notebook
MOST_TEXT = 40_000  # characters of a text with pictures; no page shows more
TOO_LARGE = "it is too large, alone or with the others"
OTHERS = "only PNG and JPEG are shown"
FORMS = {PNG: "image/png", JPEG: "image/jpeg"}  # by how their files begin
OPENS, CLOSES = "\ue000", "\ue001"  # of a mark; characters for private use, which no text keeps
MARK = re.compile(f"{OPENS}(\\d+){CLOSES}")
PRIVATE = re.compile(f"[{OPENS}{CLOSES}]")
CODE = r"^(?P<fence>```+|~~~+)[^\n]*\n(?:[^\n]*\n){0,100}?[ ]{0,3}(?P=fence)|`[^`\n]*`"
TARGET = r"[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*"
TITLE = r"(?:\s{1,9}[\"'][^\"'\n]{0,300}[\"'])?\s{0,9}"
PICTURE = re.compile(
    rf"(?P<code>{CODE})"
    r"|!\[(?P<alt>[^\[\]\n]{0,300})\]"
    rf"(?:\(\s{{0,9}}(?:<(?P<angle>[^<>\n]*)>|(?P<target>{TARGET})){TITLE}\)"
    r"|\[(?P<label>[^\[\]\n]{0,100})\])"
    r"|<img\b[^<>]{0,300}?\bsrc\s{0,3}=\s{0,3}"
    r"(?:\"(?P<double>[^\"<>]*)\"|'(?P<single>[^'<>]*)'|(?P<bare>[^\s\"'<>]+))[^<>]{0,300}>",
    re.IGNORECASE | re.MULTILINE,
)
TARGETS = ("angle", "target", "double", "single", "bare")
DEFINED = re.compile(
    r"^[ ]{0,3}\[([^\[\]\n]{1,100})\]:[ \t]{0,9}<?(data:[^\s<>]*)>?[^\n]*\n?", re.MULTILINE
)


class Album:
    """The pictures of one notebook's texts, and what became of those that aren't shown."""

    def __init__(self):
        self.found = []  # (words for it, picture or the reason why there is none), by their marks
        self.checked = {}  # base64 text -> picture: one may be shown many times

    def inert(self, text: str, attachments: Iterable[tuple[str, str]] = ()) -> str:
        """Markdown as `inert_markdown` makes it, with a mark in the place of each picture.

        attachments: (name, base64 text) of what came with the cell.
        """
        text = PRIVATE.sub("\ufffd", text)
        if "![" not in text and "<img" not in text.lower():
            return inert_markdown(text)
        text, there = cut(text, MOST_TEXT), dict(attachments)
        defined = {name.lower(): target for name, target in DEFINED.findall(text)}
        if defined:
            text = DEFINED.sub("", text)
        return inert_markdown(PICTURE.sub(lambda one: self._mark(one, there, defined), text))

    def _mark(self, one, there, defined):
        target = next((one[name] for name in TARGETS if one[name] is not None), None)
        if one["label"] is not None:
            target = defined.get((one["label"] or one["alt"]).lower())
        if one["code"] or target is None:
            return one[0]
        if len(self.found) < MOST_PICTURES:
            picture = self._picture(target.strip(), there)
        else:
            picture = f"there are more than {MOST_PICTURES}"
        self.found.append((_words(one["alt"]), picture))
        # An address of the web stays as a link, which a person may follow.
        rest = one[0] if _is_of_the_web(target) else ""
        return f"{OPENS}{len(self.found) - 1}{CLOSES}{rest}"

    def _picture(self, target, there):
        """(its data URI, bytes that it counts for), or why it isn't shown."""
        try:
            content = _content(target, there)
            if content not in self.checked:
                self.checked[content] = _checked(content)
            return self.checked[content]
        except Refused as reason:
            return str(reason)

    def put_into(self, cells: list) -> dict[str, list[str]]:
        """Put the pictures into the cells that hold marks; {why others aren't shown: ids of cells}.

        The cells that come first have the first right to the room there is.
        """
        room, refused = MOST_OF_ALL, {}
        for cell in cells:
            if OPENS in cell.source:
                most = min(MOST_OF_A_CELL, room)
                cell.source, left, reasons = self._filled(cell.source, most)
                room -= most - left
                for reason in reasons:
                    refused.setdefault(reason, []).append(cell.id)
        return refused

    def _filled(self, source, left):
        """(a text with its pictures, the bytes still left, why others aren't shown)."""
        as_code = source.startswith("~~~")  # what nests too deep is shown so, marks included
        parts, reasons = MARK.split(source), []
        for place in range(1, len(parts), 2):
            words, picture = self.found[int(parts[place])]
            if not isinstance(picture, str):
                uri, size = picture
                if as_code or size > left:
                    picture = "its text is shown as code" if as_code else TOO_LARGE
            if isinstance(picture, str):
                reasons += [] if picture in reasons else [picture]
                parts[place] = f"[picture left out: {picture}] "
            else:
                left -= size
                parts[place] = f"\n\n![{words}]({uri})\n\n"
        return PRIVATE.sub("", "".join(parts)), left, reasons


def _content(target, there):
    """The base64 text that a picture's address leads to; raises `Refused` where to none."""
    scheme, _, rest = target.partition(":")
    scheme = scheme.lower()
    if scheme == "attachment":
        content = there.get(rest, there.get(unquote(rest)))
        if content is None:
            raise Refused("its file didn't come with the cell")
        return content
    if scheme == "data":
        header, _, content = rest.partition(",")
        if not header.endswith(";base64"):
            raise Refused(OTHERS)
        return unquote(content)
    if _is_of_the_web(target):
        raise Refused("it lies on the web, and nothing is loaded from there")
    raise Refused("its file wasn't handed in within the notebook")


def _is_of_the_web(target):
    return target.strip().lower().startswith(("http:", "https:", "//"))


def _checked(content):
    """(data URI of what is shown of a picture, bytes that it counts for); raises `Refused`."""
    if len(content) > 2 * MOST_OF_A_CELL:
        raise Refused(TOO_LARGE)
    try:
        data = base64.b64decode("".join(content.split()), validate=True)
    except ValueError:
        raise Refused("it is not whole") from None
    form = next((form for begins, form in FORMS.items() if data.startswith(begins)), None)
    if form is None:
        raise Refused(OTHERS)
    try:
        shown, pixels = showable(form, data)
    except Refused as reason:
        raise Refused(str(reason).removesuffix(" was left out")) from None
    text = base64.b64encode(shown).decode()
    return f"data:{form};base64,{text}", max(len(text), pixels // PIXELS_A_BYTE)


def _words(text):
    """What stands for a picture where it can't be seen: words, and nothing that acts."""
    return " ".join(re.sub(r"[^\w ,.-]", " ", plain(text or "")).split())[:200]
