"""Which file counts of what a student handed in, wherever it lies in the student's folder.

The ordinary place is submitted/<student>/<assignment>/<topic>.ipynb. Where no other notebook lies
in a student's folder, nothing else is read. Other files are recognised by their content.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from autograder.course import CourseError
from autograder.engine.reading.files import (
    MAX_DEPTH,
    MAX_ENTRIES,
    Candidate,
    Looked,
    changed,
    look,
    shown,
    unpacked,
)
from autograder.engine.reading.intake import (
    TIMESTAMP_FILE,
    HandedIn,
    Unreadable,
    handed_in,
    one_line,
)
from autograder.engine.reading.recognise import best, likeness, text_of_its_own, texts_of
from autograder.release.in_memory import unit_from_source
from autograder.student_version import read_own

MAX_FILES = 20  # of a student that are opened
MAX_READ = 100 * 2**20  # bytes of them together
MAX_COMPARED = 2_000_000  # characters of them that no unit's notebook holds; a second or two
SURE = 0.9  # of a unit's cells: then no other unit is looked for
NAMED = 3  # files in a sentence
LIMITS = (
    f"not all that lies there was looked at: at most {MAX_ENTRIES:,} files and folders and "
    f"{MAX_FILES} notebooks of usual size are, {MAX_DEPTH} folders deep, where they can be read"
)
NOT_RECOGNISED = "isn't recognised as a unit's notebook"
TOO_MUCH = "holds more text of its own than is compared"


class Found(NamedTuple):
    """The file that counts, and the folder whose timestamp.txt says when it was handed in."""

    handed: HandedIn
    folder: Path

    def noting(self, *notes):
        """The same with notes on what was found."""
        return self._replace(handed=replace(self.handed, notes=notes))


class Read(NamedTuple):
    """A file that was read: its unit and how many answers of it there are, or why it has none."""

    candidate: Candidate
    assignment: str | None = None
    answers: int = 0
    reason: str = ""

    @property
    def told(self):
        """What became of it, after its name."""
        return self.reason or f"is of {self.assignment}"

    @property
    def rank(self):
        """The larger, the likelier it is what the student wants graded.

        Times alone don't decide: whoever collects files may give each the time of its copy.
        """
        return self.answers, self.candidate.when, self.candidate.usual, self.candidate.place


@dataclass
class Room:
    """How much more of one student's is read."""

    files: int = MAX_FILES
    data: int = MAX_READ
    text: int = MAX_COMPARED
    enough: bool = True

    def take(self, text):
        """Whether there was room for so much text to compare."""
        if text > self.text:
            self.enough = False
            return False
        self.text -= text
        return True


class Collection:
    """The submissions of a course, as they lie there when somebody asks."""

    def __init__(self, course):
        self.course, self.submitted = course, course.folder("submitted")
        self.known = {}  # (digest of a file, unit) -> (its own text, what `_unit_of` says of it)

    # --- one submission ------------------------------------------------------------------------

    def find(self, student, unit) -> Found:
        """The notebook of a student for a unit; never raises for what lies there.

        Of several that are the unit's it is the one with the most answers, the newest of equal
        ones; a note names it and those left out.
        """
        ordinary = self.course.notebook("submitted", unit, student)
        looked = self.look(student, [unit])
        others = [one for one in looked.candidates if one.path != ordinary]
        if not others and looked.complete:
            return self._ordinary(ordinary, looked)
        usual = []
        if os.path.lexists(ordinary) and not os.path.isdir(ordinary):
            place = os.path.join(unit.assignment, unit.file)
            usual.append(Candidate(ordinary, place, changed(ordinary), usual=True))
        read, all_read = self.read([*usual, *_likeliest(others, unit)], unit)
        return self._chosen(student, unit, looked, read, all_read and looked.complete)

    def _chosen(self, student, unit, looked, read, complete):
        """What counts of the files that were `Read`; complete: whether that is all there is."""
        ordinary = self.course.notebook("submitted", unit, student)
        rivals = [one for one in read if one.assignment == unit.assignment]
        if not rivals:
            return self._ordinary(ordinary, looked, read)
        taken = max(rivals, key=lambda one: one.rank)
        rest = [one for one in read if one in rivals or one.candidate.usual]
        rest.remove(taken)
        limits = () if complete else (LIMITS,)
        if taken.candidate.usual and not rest:
            found = self._ordinary(ordinary, looked)
            return found if taken.answers else found.noting(*limits)
        notes = [_choice(taken, rest, unit), *limits]
        return Found(self._taken(taken.candidate, unit, notes), self._dated(student, unit, taken))

    def _taken(self, candidate, unit, notes):
        """What was chosen, read once more: all files together may not fit into memory."""
        try:
            handed = candidate.read(self.submitted)
        except (Unreadable, FileNotFoundError) as problem:  # it was exchanged meanwhile
            handed = HandedIn(unit.file, unreadable=one_line(str(problem)))
        return replace(handed, notes=tuple(map(one_line, notes)))

    def _dated(self, student, unit, taken):
        """The outermost folder with a timestamp: in deeper ones the student's own may lie."""
        folder = self.course.notebook("submitted", unit, student).parent
        if os.path.lexists(folder / TIMESTAMP_FILE):
            return folder
        return self.submitted / student / taken.candidate.top

    def _ordinary(self, path, looked, read=()):
        """What lies at the ordinary place; where nothing does, in words what lies elsewhere."""
        handed = handed_in(path, self.submitted)
        if not os.path.lexists(path):
            missing = handed.unreadable
            if read:
                missing += f"; {_list(f'{shown(one.candidate.place)} {one.told}' for one in read)}"
            elif looked.others:
                missing += f"; the folder holds {looked.others} other files, none a notebook"
            handed = replace(handed, unreadable=one_line(missing))
        found = Found(handed, path.parent)
        return found if looked.complete or not handed.unreadable else found.noting(LIMITS)

    # --- files ---------------------------------------------------------------------------------

    def look(self, student, units):
        """Look through a student's folder, without the ordinary folders of all other units."""
        home = self.submitted / student
        if os.path.islink(home):  # it may lead to another student's
            return Looked()
        return look(home, self.assignments - {unit.assignment for unit in units})

    def read(self, candidates, unit=None):
        """(a `Read` of each, also within zip files, as far as limits go; whether that is all).

        unit: that of the ordinary place, where a file counts as the unit's if it is of no other.
        """
        found, room = [], Room()
        for candidate in candidates:
            if room.files <= 0 or room.data <= 0:
                return found, False
            try:
                inside, reason = unpacked(candidate, self.submitted), "holds no notebook"
            except (Unreadable, FileNotFoundError) as problem:
                inside, reason = [], _without_name(problem, candidate)
            room.enough &= len(inside) <= room.files
            found += [self._recognised(one, unit, room) for one in inside[: room.files]]
            if not inside:
                room.files -= 1
                found.append(Read(candidate, reason=reason))
        return found, room.enough

    def _recognised(self, candidate, unit, room):
        room.files -= 1
        if room.data <= 0:
            room.enough = False
            return Read(candidate, reason=TOO_MUCH)
        try:
            handed = candidate.read(self.submitted)
            room.data -= len(handed.data)
            expected = unit.assignment if unit and candidate.usual else None
            key = blake2b(handed.data).digest(), expected
            cells = None if key in self.known else handed.submission().cells
        except (Unreadable, FileNotFoundError) as problem:
            return Read(candidate, reason=_without_name(problem, candidate))
        text = text_of_its_own(cells, self._texts) if cells else self.known[key][0]
        if not room.take(text):
            return Read(candidate, reason=TOO_MUCH)
        if cells:
            self.known[key] = text, self._unit_of(cells, candidate.place, expected)
        return Read(candidate, *self.known[key][1])

    def _unit_of(self, cells, place, expected):
        """(assignment, number of answers) of some cells, or (None, 0, why)."""
        place, found = place.lower(), {}
        for name in sorted(self._references, key=lambda name: name.partition("_")[2] not in place):
            found[name] = likeness(cells, self._references[name])
            if found[name].share >= SURE:
                return name, found[name].answers
        name = (best(found) if found else None) or expected
        return (name, found[name].answers) if name in found else (None, 0, NOT_RECOGNISED)

    @cached_property
    def units(self):
        return {unit.assignment: unit for unit in self.course.units}

    @cached_property
    def assignments(self):
        return frozenset(self.units)

    @cached_property
    def _references(self):
        """{assignment: the notebook that students got}, but for units that can't be made."""
        found = {}
        for name, unit in self.units.items():
            with suppress(CourseError, OSError, ValueError):  # whoever grades it will be told
                found[name] = self._student_version(unit)
        return found

    @cached_property
    def _texts(self):
        return texts_of(self._references.values())

    def _student_version(self, unit):
        path = self.course.notebook("release", unit)
        return read_own(path) if path.is_file() else unit_from_source(self.course, unit).notebook


def _likeliest(candidates, unit):
    """Those that are called as the unit is first, the newest of them."""
    return sorted(candidates, key=lambda one: (unit.topic not in one.place.lower(), -one.when))


def _without_name(problem, candidate):
    """Why a file can't be read, in a sentence that names it already."""
    reason = one_line(str(problem))
    for name in (candidate.path.name, candidate.name):
        reason = reason.removeprefix(f"{one_line(name)} ")
    return reason


def _choice(taken, rest, unit):
    """What a person should know of a choice."""
    told = f"graded {shown(taken.candidate.place)}"
    if rest:
        left_out = (f"{shown(one.candidate.place)} ({_why(one, taken)})" for one in rest)
        return f"{told}; left out {_list(left_out)}"
    return f"{told}, for there is no {unit.assignment}/{unit.file}"


def _why(one, taken):
    if one.reason:
        return "no notebook of this unit"
    if one.answers < taken.answers:
        return "with fewer answers" if one.answers else "without answers"
    return "an older one" if one.candidate.when < taken.candidate.when else "as new"


def _list(sentences):
    """As many as a note can hold."""
    sentences = list(sentences)
    more = f" and {len(sentences) - NAMED} more" if len(sentences) > NAMED else ""
    return ", ".join(sentences[:NAMED]) + more
