"""What was handed in under submitted/: by whom, of which unit, and which file counts.

The ordinary place is submitted/<student>/<assignment>/<topic>.ipynb. Where no other notebook lies
in a student's folder, nothing else is read. Other files are recognised by their content.
"""

import os
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from autograder.course import CourseError
from autograder.engine.reading.files import (
    MAX_ENTRIES,
    Candidate,
    Looked,
    changed,
    is_left_by_systems,
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
from autograder.engine.reading.recognise import best, likeness
from autograder.release.in_memory import unit_from_source
from autograder.student_version import read_own

MAX_FILES = 20  # of a student that are opened
SURE = 0.9  # of a unit's cells: then no other unit is looked for
NAMED = 3  # files in a sentence
LIMITS = f"only {MAX_ENTRIES:,} files and folders, and {MAX_FILES} notebooks, are looked at"
NOT_RECOGNISED = "isn't recognised as a unit's notebook"
COLLECTORS = "downloaded"  # where nbgrader's zip_collect works


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
        """The larger, the likelier it is what the student wants graded."""
        return self.answers > 0, self.candidate.when, self.answers, self.candidate.place


@dataclass
class Survey:
    """{unit: who handed it in}, and what lies there beside: (place, why it isn't graded)."""

    students: dict
    left: list[tuple[str, str]] = field(default_factory=list)


class Collection:
    """The submissions of a course, as they lie there when somebody asks."""

    def __init__(self, course):
        self.course, self.submitted = course, course.folder("submitted")
        self.known = {}  # digest of a file -> what `_recognised` says of it

    # --- one submission ------------------------------------------------------------------------

    def find(self, student, unit) -> Found:
        """The notebook of a student for a unit; never raises for what lies there.

        Of several that are recognised as the unit's it is the newest with answers; a note names
        it and those left out.
        """
        ordinary = self.course.notebook("submitted", unit, student)
        looked = self._look(student, [unit])
        others = [one for one in looked.candidates if one.path != ordinary]
        if not others and looked.complete:
            return self._ordinary(ordinary, looked)
        usual = []
        if os.path.lexists(ordinary) and not os.path.isdir(ordinary):
            place = os.path.join(unit.assignment, unit.file)
            usual.append(Candidate(ordinary, place, changed(ordinary)))
        read, all_read = self._read([*usual, *_likeliest(others, unit)])
        rivals = [one for one in read if one.assignment == unit.assignment]
        if not rivals:
            return self._ordinary(ordinary, looked, read)
        taken = max(rivals, key=lambda one: one.rank)
        rest = [one for one in read if one in rivals or one.candidate in usual]
        rest.remove(taken)
        limits = () if all_read and looked.complete else (LIMITS,)
        if taken.candidate in usual and not rest:
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

    # --- all of them ---------------------------------------------------------------------------

    def survey(self, units, only=None) -> Survey:
        """Who handed in which of the `units`; with `only`, of this student alone."""
        found = Survey({unit: [] for unit in units})
        for entry in sorted(_entries(self.submitted), key=lambda entry: entry.name):
            if is_left_by_systems(entry.name) or only not in (None, entry.name):
                continue
            if not os.path.isdir(entry):
                found.left.append((entry.name, "lies in no student's folder"))
            elif self._is_no_student(entry.name):
                found.left.append((entry.name, "isn't a student's folder"))
            else:
                handed, left = self._of_student(entry.name, units)
                found.left += [(os.path.join(entry.name, place), why) for place, why in left]
                for unit in handed:
                    found.students[unit].append(entry.name)
        return found

    def _is_no_student(self, name):
        """Whether a folder is called as a unit is, or as nbgrader's collector calls its own."""
        units = list(map(_words, self._assignments))
        return name == COLLECTORS or _words(name) in [*units, *(unit[1:] for unit in units)]

    def _of_student(self, student, units):
        """(the units that a student handed in, what lies there beside)."""
        home = self.submitted / student
        handed = {unit for unit in units if os.path.isdir(home / unit.assignment)}
        looked = self._look(student, units)
        usual = {self.course.notebook("submitted", unit, student) for unit in units}
        others = [one for one in looked.candidates if one.path not in usual]
        left = [(name, "isn't a notebook") for name in looked.files]
        if not (others or left or looked.folders or not looked.complete):
            return handed, left
        tops = {one.top for one in looked.candidates}
        empty = set(looked.folders) - tops - self._assignments
        left += [(name, "holds no notebook") for name in sorted(empty)]
        read, all_read = self._read(others)
        for one in read:
            unit = self._units.get(one.assignment)
            if unit is None or one.candidate.top in self._assignments - {unit.assignment}:
                left.append((one.candidate.place, one.told))
            elif unit in units:
                handed.add(unit)
        if not (all_read and looked.complete):
            left.append(("", LIMITS))
        return handed, left

    # --- files ---------------------------------------------------------------------------------

    def _look(self, student, units):
        """Look through a student's folder, without the ordinary folders of all other units."""
        home = self.submitted / student
        if os.path.islink(home):  # it may lead to another student's
            return Looked()
        return look(home, self._assignments - {unit.assignment for unit in units})

    def _read(self, candidates):
        """(a `Read` of each, also within zip files, as far as limits go; whether that is all)."""
        found = []
        for candidate in candidates:
            try:
                inside, reason = unpacked(candidate, self.submitted), "holds no notebook"
            except (Unreadable, FileNotFoundError) as problem:
                inside, reason = [], _without_name(problem, candidate)
            room = MAX_FILES - len(found)
            found += map(self._recognised, inside[:room])
            found += [Read(candidate, reason=reason)] if room and not inside else []
            if len(inside) > room or not room:
                return found, False
        return found, True

    def _recognised(self, candidate):
        try:
            handed = candidate.read(self.submitted)
            digest = blake2b(handed.data).digest()
            if digest not in self.known:
                self.known[digest] = self._unit_of(handed.submission().cells, candidate)
        except (Unreadable, FileNotFoundError) as problem:
            return Read(candidate, reason=_without_name(problem, candidate))
        return Read(candidate, *self.known[digest])

    def _unit_of(self, cells, candidate):
        """(assignment, number of answers) of some cells, or (None, 0, why)."""
        place, found = candidate.place.lower(), {}
        for name in sorted(self._references, key=lambda name: name.partition("_")[2] not in place):
            found[name] = likeness(cells, self._references[name])
            if found[name].share >= SURE:
                return name, found[name].answers
        name = best(found) if found else None
        return (name, found[name].answers) if name else (None, 0, NOT_RECOGNISED)

    @cached_property
    def _units(self):
        return {unit.assignment: unit for unit in self.course.units}

    @cached_property
    def _assignments(self):
        return frozenset(self._units)

    @cached_property
    def _references(self):
        """{assignment: the notebook that students got}, but for units that can't be made."""
        found = {}
        for name, unit in self._units.items():
            path = self.course.notebook("release", unit)
            try:
                made = read_own(path) if path.is_file() else unit_from_source(self.course, unit)
            except (CourseError, OSError, ValueError):  # whoever grades that unit will be told
                continue
            found[name] = getattr(made, "notebook", made)
        return found


def surveyed(course, units, only=None) -> Survey:
    """The `Survey` of some units; raises `CourseError` where `only` handed in none of them."""
    found = Collection(course).survey(units, only)
    if only and not any(found.students.values()):
        names = ", ".join(unit.assignment for unit in units)
        raise CourseError(
            f"no submission of {names} by {only!r}\n"
            f"  expected the folder {course.notebook('submitted', units[0], only).parent}"
        )
    return found


def _entries(folder):
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _words(name):
    """What makes names of units equal: `01_convolution`, `Unit 1 - Convolution`."""
    words = [word.lstrip("0") for word in re.findall("[a-z]+|[0-9]+", name.lower())]
    return words[1:] if words[:1] == ["unit"] else words


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
        left_out = (f"{shown(one.candidate.place)} ({_why(one)})" for one in rest)
        return f"{told}; left out {_list(left_out)}"
    return f"{told}, for there is no {unit.assignment}/{unit.file}"


def _why(one):
    if one.reason:
        return "no notebook of this unit"
    return "an older one" if one.answers else "without answers"


def _list(sentences):
    """As many as a note can hold."""
    sentences = list(sentences)
    more = f" and {len(sentences) - NAMED} more" if len(sentences) > NAMED else ""
    return ", ".join(sentences[:NAMED]) + more
