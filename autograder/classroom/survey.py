"""Who handed in what under submitted/, and what lies there beside and isn't graded."""

import os
import re
from dataclasses import dataclass, field

from autograder.classroom.collection import LIMITS, Collection
from autograder.course import CourseError, why_unusable
from autograder.engine.reading.files import is_left_by_systems

COLLECTORS = "downloaded"  # where nbgrader's zip_collect works
RENAME = "give the folder another name"


@dataclass
class Survey:
    """{unit: who handed it in}, and what lies there beside.

    `left` are (place, why it isn't graded); `refused` says of students' folders that hold one of
    the units why no submission can be graded in a folder of this name.
    """

    students: dict
    left: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def surveyed(course, units, only=None) -> Survey:
    """The `Survey` of some units; with `only`, of this student alone.

    Raises `CourseError` where `only` handed in none of them, or in a folder of a name with which
    nothing can be graded.
    """
    if only and (why := why_unusable(only)):
        raise CourseError(f"{only!r} can't be graded: {why}\n  {RENAME}")
    found, collection = Survey({unit: [] for unit in units}), Collection(course)
    for entry in _entries(collection.submitted):
        if only in (None, entry.name):
            _look_at(entry, units, collection, found)
    if only and not any(found.students.values()):
        names = ", ".join(unit.assignment for unit in units)
        raise CourseError(
            f"no submission of {names} by {only!r}\n"
            f"  expected the folder {course.notebook('submitted', units[0], only).parent}"
        )
    return found


def _look_at(entry, units, collection, found):
    """Add to what was `found` what one entry of submitted/ tells."""
    name, why = entry.name, why_unusable(entry.name)
    if is_left_by_systems(name) and not why:
        if any(os.path.isdir(os.path.join(entry, unit.assignment)) for unit in units):
            found.left.append((name, "isn't a student's folder"))
        return
    if not os.path.isdir(entry):
        found.left.append((name, "lies in no student's folder"))
        return
    if _is_no_student(name, collection.assignments):
        found.left.append((name, "isn't a student's folder"))
        return
    handed, left = _of_student(name, units, collection)
    if why and handed:
        found.refused[name] = why
        return
    found.left += [(os.path.join(name, place), reason) for place, reason in left]
    for unit in handed:
        found.students[unit].append(name)


def _is_no_student(name, assignments):
    """Whether a folder is called as a unit is, or as nbgrader's collector calls its own."""
    units = list(map(_words, assignments))
    return name == COLLECTORS or _words(name) in [*units, *(unit[1:] for unit in units)]


def _of_student(student, units, collection):
    """(the units that a student handed in, what lies there beside)."""
    home, assignments = collection.submitted / student, collection.assignments
    handed = {unit for unit in units if os.path.isdir(home / unit.assignment)}
    looked = collection.look(student, units)
    usual = {collection.course.notebook("submitted", unit, student) for unit in units}
    others = [one for one in looked.candidates if one.path not in usual]
    left = [(name, "isn't a notebook") for name in looked.files]
    if not (others or left or looked.folders or not looked.complete):
        return handed, left
    tops = {one.top for one in looked.candidates}
    empty = set(looked.folders) - tops - assignments
    left += [(name, "holds no notebook") for name in sorted(empty)]
    read, all_read = collection.read(others)
    for one in read:
        unit = collection.units.get(one.assignment)
        if unit is None or one.candidate.top in assignments - {unit.assignment}:
            left.append((one.candidate.place, one.told))
        elif unit in units:
            handed.add(unit)
    if not (all_read and looked.complete):
        left.append(("", LIMITS))
    return handed, left


def _entries(folder):
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def _words(name):
    """What makes names of units equal: `01_convolution`, `Unit 1 - Convolution`."""
    words = [word.lstrip("0") for word in re.findall("[a-z]+|[0-9]+", name.lower())]
    return words[1:] if words[:1] == ["unit"] else words
