"""The files of a student that may be notebooks: found in bounded time, no link followed.

What lies there is only read. A zip file is unpacked in memory, one member at a time.
"""

import os
import re
import zipfile
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path

from autograder.engine.reading.intake import (
    MAX_BYTES,
    TIMESTAMP_FILE,
    HandedIn,
    Unreadable,
    one_line,
    read_file,
)

MAX_ENTRIES = 1_000  # files and folders of a student that are looked at, or members of a zip
MAX_DEPTH = 4  # folders within folders
MAX_PLACE = 60  # characters of a place in a sentence
ZIP = ".zip"
MEMBER = b"PK\1\2"  # begins the entry of each member in a zip's table
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what unpacks in little memory


@dataclass(frozen=True)
class Candidate:
    """A file that may be a notebook, or the member of that number in a zip file.

    `place` is where it lies below the student's folder, `when` the time of its last change,
    `usual` whether it lies where files are expected.
    """

    path: Path
    place: str
    when: float
    member: int | None = None
    usual: bool = False

    @property
    def top(self) -> str:
        """The folder in the student's folder that it lies in; empty for a loose file."""
        return self.place.partition(os.sep)[0] if os.sep in self.place.partition(": ")[0] else ""

    @property
    def name(self) -> str:
        """What sentences about its content call it."""
        return self.place[-MAX_PLACE:]

    def read(self, below: Path) -> HandedIn:
        """What lies there; raises `Unreadable` or `FileNotFoundError`. `below`: as `read_file`."""
        handed = read_file(self.path, below)
        if self.member is not None:
            handed = HandedIn(handed.name, _member(handed, self.member))
        return replace(handed, name=self.name)


@dataclass
class Looked:
    """What lies in a student's folder: what may be a notebook, and all else.

    `files`, which are none, and `folders` are those at its top, `others` counts all such files.
    """

    candidates: list[Candidate] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    others: int = 0
    complete: bool = True  # whether all of it was looked at


def is_left_by_systems(name: str) -> bool:
    """Whether a system or an editor makes files of that name beside those of people."""
    return name.startswith(".") or name == "__MACOSX"


def look(home: Path, skipped: frozenset[str] = frozenset()) -> Looked:
    """Look through a student's folder, what is nearest first, without opening any file.

    skipped: folders at its top that are left out.
    """
    looked, waiting, room = Looked(), deque([(home, "", 0)]), MAX_ENTRIES
    while waiting:
        folder, place, depth = waiting.popleft()
        entries = _entries(folder, room + 1)
        looked.complete &= entries is not None and len(entries) <= room
        for entry in (entries or [])[:room]:
            room -= 1
            where = os.path.join(place, entry.name)
            if is_left_by_systems(entry.name) or where in skipped:
                continue
            if entry.is_dir(follow_symlinks=False):
                looked.folders += [entry.name] if depth == 0 else []
                looked.complete &= depth < MAX_DEPTH
                if depth < MAX_DEPTH:
                    waiting.append((Path(entry.path), where, depth + 1))
            elif _may_be_notebook(entry.name) or entry.name.lower().endswith(ZIP):
                looked.candidates.append(Candidate(Path(entry.path), where, changed(entry.path)))
            elif entry.name != TIMESTAMP_FILE:
                looked.files += [entry.name] if depth == 0 else []
                looked.others += 1
    return looked


def changed(path: Path | str) -> float:
    """When a file was changed; 0 where that can't be known."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def unpacked(candidate: Candidate, below: Path) -> list[Candidate]:
    """The candidates in a zip file, or the candidate itself; raises `Unreadable`."""
    if not candidate.place.lower().endswith(ZIP):
        return [candidate]
    found = []
    with _opened(candidate.read(below)) as archive:
        for number, info in enumerate(archive.infolist()):
            parts = re.split(r"[\\/]", info.filename.removeprefix("./"))
            if _may_be_notebook(parts[-1]) and not any(map(is_left_by_systems, parts)):
                place = f"{candidate.place}: {info.filename}"
                found.append(Candidate(candidate.path, place, _time(info), number))
    return found


def shown(place: str) -> str:
    """A place as a sentence names it."""
    place = one_line(place)
    return f'"{place}"' if len(place) <= MAX_PLACE else f'"...{place[-MAX_PLACE:]}"'


def _entries(folder, most):
    """At most so many entries of a folder, sorted; None where it can't be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, most), key=lambda entry: entry.name)
    except OSError:
        return None


def _may_be_notebook(name):
    """By its name: browsers, mail programs and editors put something before and after it."""
    return ".ipynb" in name.lower() or name.lower().endswith(".json")


# --- zip files -------------------------------------------------------------------------------


def _opened(handed):
    """The zip file in some bytes; its table is looked at before anything is made of it."""
    if handed.data.count(MEMBER) > MAX_ENTRIES:
        raise Unreadable(f"{handed.name} can't be read: it holds more than {MAX_ENTRIES:,} files")
    try:
        return zipfile.ZipFile(BytesIO(handed.data))
    except Exception:  # a damaged table raises what it likes
        reason = f"{handed.name} can't be read: it isn't a whole zip file"
    raise Unreadable(reason)


def _member(handed, number):
    """The bytes of one member of a zip file."""
    name = handed.name
    with _opened(handed) as archive:
        infos = archive.infolist()
        if number >= len(infos):  # it was exchanged
            raise Unreadable(f"{name} can't be read: it changed meanwhile")
        info = infos[number]
        if info.flag_bits & 1:
            raise Unreadable(f"{name} can't be read: it is encrypted")
        if info.compress_type not in READABLE:
            raise Unreadable(f"{name} can't be read: it isn't packed as zip files usually are")
        try:
            with archive.open(info) as file:
                data = file.read(MAX_BYTES + 1)
        except Exception:  # damaged data raise what they like
            data = None
    if data is None:
        raise Unreadable(f"{name} can't be read: it is damaged")
    if len(data) > MAX_BYTES:
        raise Unreadable(f"a notebook in {name} is larger than {MAX_BYTES / 2**20:g} MiB")
    return data


def _time(info):
    """When a member was changed, by the clock of whoever packed it."""
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
