"""A submitted file -> its cells: bounded in time and memory, whatever the file holds."""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from dateutil.tz import gettz

from autograder.engine.reading.details import attachments, is_intact, joined
from autograder.engine.reading.inert import plain
from autograder.engine.reading.pictures import cut, text_length

MAX_BYTES = 20 * 2**20
MAX_STRUCTURE = 1_000_000  # characters []{},: outside texts; each can cost 100 bytes of memory
MAX_DEPTH = 100  # brackets within brackets; a notebook has about ten
MAX_CELLS = 2_000
MAX_CELL = 200_000  # characters of a student's cell
MAX_TEXT = 6_000_000  # characters of all cells; a release has less than one million
MAX_NOTE = 290  # characters of a note
MAX_TIMESTAMP = 100  # bytes
TIMESTAMP_FILE = "timestamp.txt"  # written by nbgrader's collector

KINDS = {"code": "code", "markdown": "markdown", "heading": "markdown"}  # all else is raw text
# What a person does who collects files; whoever reads a file of their own isn't told.
ASK_AGAIN = "; ask for the file again"
HAND_IN_AGAIN = " and hand it in again"
HAND_IN_ITSELF = "; hand in the file itself"
# As bytes, following no link and waiting for no pipe; not every system has each of these.
READ = sum(getattr(os, flag, 0) for flag in ("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
NOT_STRUCTURE = bytes(set(range(256)) - set(b'"[]{},:'))
TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(?P<zone>[A-Za-z]{1,5})| ?[+-]\d\d:?\d\d)?"
)


class Unreadable(Exception):
    """The submission can't be graded at all; the message says why, and what to do.

    `reason` is the message without what only somebody can do who collects files.
    """

    def __init__(self, reason, advice=""):
        super().__init__(one_line(reason + advice))
        self.reason = one_line(reason)


@dataclass(frozen=True)
class SubmittedCell:
    """What counts of a submitted cell."""

    kind: str  # 'code', 'markdown' or 'raw'
    source: str
    grade_id: str | None = None
    cell_id: str | None = None
    intact: bool | None = None  # the text that its release gave it, where a checksum tells
    attachments: tuple = ()  # (name, base64 text) of the files that came with a text


@dataclass(frozen=True)
class Submission:
    """A submitted notebook's cells, and what couldn't be read of it."""

    cells: list[SubmittedCell]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class HandedIn:
    """A submitted file as plain data: its name and bytes, or the reason why there are none.

    `notes` are what a person should know of the hand-in beside the file.
    """

    name: str
    data: bytes = b""
    unreadable: str | None = None
    notes: tuple = ()

    def submission(self) -> Submission:
        """Its cells; raises `Unreadable` and nothing else.

        Texts are safe to write as UTF-8. A cell's text is cut one character after `MAX_CELL`,
        so that `repair` can tell; only there it is known which cells are the student's. What
        pictures in a text take doesn't count.
        """
        if self.unreadable:
            raise Unreadable(self.unreadable)
        return _submission(self.name, _loaded(self.name, self.data))


def handed_in(path: Path | str, below: Path | None = None) -> HandedIn:
    """What lies at `path`, unparsed; never raises for what it is.

    With `below`, a folder above the file, no folder between the two may be a link either.
    """
    path = Path(path)
    try:
        return read_file(path, below)
    except Unreadable as problem:
        reason = str(problem)
    except FileNotFoundError:
        reason = f"no file {path.name} was handed in"
    return HandedIn(path.name, unreadable=reason)


def read_file(path: Path | str, below: Path | None = None) -> HandedIn:
    """The same where it is a file; raises `Unreadable` or `FileNotFoundError` where not."""
    path = Path(path)
    try:
        if below is not None:
            _refuse_linked_folders(path, Path(below))
        return HandedIn(path.name, _read_regular_file(path, MAX_BYTES, "; clear its outputs"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        reason = f"{path.name} can't be read: {getattr(error, 'strerror', None) or error}"
    raise Unreadable(reason)


def read_submission(path: Path | str, below: Path | None = None) -> Submission:
    """The cells of a submitted notebook; raises `Unreadable` and nothing else."""
    return handed_in(path, below).submission()


def read_timestamp(folder: Path) -> tuple[datetime | None, list[str]]:
    """When a submission was collected: (naive UTC or None, notes).

    The time is in timestamp.txt, which nbgrader's collector writes beside the notebook.
    """
    path = Path(folder) / TIMESTAMP_FILE
    try:
        text = _read_regular_file(path, MAX_TIMESTAMP).decode("ascii").strip()
        return _parsed_time(text), []
    except FileNotFoundError:
        return None, []
    except Unreadable as problem:
        reason = str(problem)
    except UnicodeDecodeError:
        reason = "timestamp.txt holds no date"
    except (OSError, ValueError, OverflowError) as error:
        reason = f"timestamp.txt can't be read: {getattr(error, 'strerror', None) or error}"
    return None, [one_line(f"{reason}; the time of submission is unknown")]


def one_line(text: str) -> str:
    """A note as it can be shown: one line, bounded, of characters that only show something."""
    text = " ".join(plain(str(text)).split())
    return text if len(text) <= MAX_NOTE else text[: MAX_NOTE - 3] + "..."


# --- the file ------------------------------------------------------------------------------


def _refuse_linked_folders(path, below):
    between = [folder for folder in path.parents if below in folder.parents]
    if below not in path.parents:
        raise Unreadable(f"{path.name} can't be read: it doesn't lie below {below.name}/")
    for folder in reversed(between):
        if stat.S_ISLNK(os.lstat(folder).st_mode):
            raise Unreadable(
                f"{path.name} can't be read: its folder {folder.name} is a link; "
                "hand in the folder itself"
            )


def _read_regular_file(path, most, smaller=""):
    """The bytes of a file; anything but a regular file is refused without being opened.

    smaller: how a file that is too large gets smaller.
    """
    _refuse_irregular(path.name, os.lstat(path))
    descriptor = os.open(path, READ)
    with open(descriptor, "rb") as file:
        _refuse_irregular(path.name, os.fstat(descriptor))  # it may have been exchanged
        data = file.read(most + 1)
    if len(data) > most:
        size = f"{most / 2**20:g} MiB" if most >= 2**20 else f"{most} bytes"
        advice = HAND_IN_AGAIN if smaller else ""
        raise Unreadable(f"{path.name} can't be read: it is larger than {size}{smaller}", advice)
    return data


def _refuse_irregular(name, status):
    if stat.S_ISREG(status.st_mode):
        return
    kinds = {
        stat.S_IFLNK: "a link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
    }
    kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
    raise Unreadable(f"{name} can't be read: it is {kind}, not a file", HAND_IN_ITSELF)


# --- JSON ----------------------------------------------------------------------------------


def _loaded(name, data):
    """The JSON value in `data`; raises `Unreadable`."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise Unreadable(f"{name} isn't a notebook: the file is empty", ASK_AGAIN)
    _refuse_costly(name, data)
    advice = ASK_AGAIN
    try:
        # Numbers mean nothing here but the level of an old heading; long ones take long.
        return json.loads(
            data.decode("utf-8"),
            parse_int=lambda digits: int(digits[:4]),
            parse_float=lambda digits: 0.0,
        )
    except UnicodeDecodeError as error:
        reason = f"can't be read: it isn't UTF-8 text at byte {error.start}; save it as UTF-8"
        advice = ""
    except json.JSONDecodeError as error:
        reason = f"isn't a notebook: broken JSON at line {error.lineno}"
    except RecursionError:
        reason = "isn't a notebook: nested too deep"
    except ValueError as error:
        reason = f"isn't a notebook: {error}"
    # Outside the except blocks: the errors hold on to the whole text.
    raise Unreadable(f"{name} {reason}", advice)


def _refuse_costly(name, data):
    """Raise where a small file would become a large or a deep object.

    What is seen here is exactly what the parser will see, as far as the JSON is valid.
    """
    data = data.replace(rb"\\", b"").replace(rb"\"", b"")  # so that each " opens or ends a text
    text = data.translate(None, NOT_STRUCTURE).decode("ascii")
    structure = ""
    few_texts = text.count('"') <= 2 * MAX_STRUCTURE
    if few_texts:
        structure = re.sub('"[^"]*"', "", text)
    if not few_texts or len(structure) > MAX_STRUCTURE:
        reason = f"it holds more than {MAX_STRUCTURE:,} values; clear its outputs"
        raise Unreadable(f"{name} can't be read: {reason}", HAND_IN_AGAIN)
    steps = (1 if character in "[{" else -1 for character in structure if character in "[]{}")
    if max(accumulate(steps), default=0) > MAX_DEPTH:
        raise Unreadable(f"{name} isn't a notebook: nested too deep", ASK_AGAIN)


# --- cells ---------------------------------------------------------------------------------


def _submission(name, notebook):
    found = _cells(notebook)
    if not found:
        raise Unreadable(f"{name} isn't a notebook: it has no cells", ASK_AGAIN)
    if len(found) > MAX_CELLS:
        raise Unreadable(
            f"{name} can't be read: it has {len(found)} cells; at most {MAX_CELLS} are graded"
        )
    read = [_cell(cell) for cell in found]
    cells = [cell for cell in read if cell]
    if not cells:
        raise Unreadable(f"{name} isn't a notebook: none of its cells has a text", ASK_AGAIN)
    if sum(text_length(cell.source) for cell in cells) > MAX_TEXT:
        raise Unreadable(f"{name} can't be read: its cells hold more than {MAX_TEXT:,} characters")
    lost = [str(number) for number, cell in enumerate(read, 1) if not cell]
    shown = ", ".join(lost[:10]) + (" and more" if len(lost) > 10 else "")
    note = f"left out {len(lost)} of {len(read)} cells, without a text: {shown}; look at the file"
    return Submission(cells, [note] if lost else [])


def _cells(notebook):
    """The cells of a notebook of format 4, or 3 with its worksheets; none for other JSON."""
    if not isinstance(notebook, dict):
        return []
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    found = []
    for sheet in _as(list, notebook.get("worksheets")):
        found += _as(list, _as(dict, sheet).get("cells"))
    return found


def _cell(cell):
    """A submitted cell, or None if it has no text."""
    cell = _as(dict, cell)
    source = cell.get("source", cell.get("input"))
    source = joined(source)
    if not isinstance(source, str):
        return None
    kind = _text(cell.get("cell_type"))
    if kind == "heading":  # a kind of format 3
        level = cell.get("level")
        source = "#" * (level if level in range(1, 7) else 1) + " " + source
    details = _as(dict, _as(dict, cell.get("metadata")).get("nbgrader"))
    attached = () if kind == "code" else attachments(_as(dict, cell.get("attachments")))
    return SubmittedCell(
        KINDS.get(kind, "raw"),
        _text(source[: MAX_CELL + 1] if kind == "code" else cut(source, MAX_CELL + 1)),
        _text(details.get("grade_id")),
        _text(cell.get("id")),
        is_intact(source, kind, details),
        attached,
    )


def _as(kind, value):
    """`value` if it is of `kind`, else an empty one."""
    return value if isinstance(value, kind) else kind()


def _text(value):
    """A str without what UTF-8 or Python can't hold; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        value.encode()  # much faster than a search, and nearly every text is in order
    except UnicodeEncodeError:
        value = re.sub("[\ud800-\udfff]", "\ufffd", value)
    return value.replace("\0", "\ufffd")


# --- time ----------------------------------------------------------------------------------


def _parsed_time(text):
    from nbgrader.utils import parse_utc  # where a class is read, and not where it is graded

    shape = TIMESTAMP.fullmatch(text)
    if not shape:
        raise Unreadable("timestamp.txt holds no date")
    zone = shape["zone"]
    if zone and zone.upper() not in ("Z", "UTC") and gettz(zone) is None:
        raise Unreadable(f"timestamp.txt names an unknown time zone, {zone}")
    when = parse_utc(re.sub(r" (?=[+-])", "", text))  # it takes " +0100" for 100 seconds
    if not datetime(2000, 1, 1) <= when < datetime(2101, 1, 1):
        raise Unreadable(f"timestamp.txt holds an impossible year, {when.year}")
    return when
