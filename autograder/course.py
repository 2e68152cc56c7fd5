"""Where things are in a course: its folders, its units, its nbgrader configuration.

nbgrader takes half a second to import, so that is left to what asks for more than the units.
"""

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CONFIG_NAME = "nbgrader_config.py"
DEMO_TITLE = '"""The course of `autograder demo`, which makes it anew each time.\n'
# Names that mean something else beside the students' folders.
TAKEN = {
    "*": "nbgrader takes its name for all students",
    ".draft": "its name is that of what is being written",
}


class CourseError(Exception):
    """Something the instructor has to put right; the message says what and how."""


def why_unusable(student):
    """Why no submission can be graded in a folder of this name, in words; None if it can be."""
    if any(unicodedata.category(one) == "Cc" for one in student):
        return "its name holds characters that only act on a terminal"
    if any(unicodedata.category(one) == "Cs" for one in student):
        return "its name is no UTF-8 text"
    return TAKEN.get(student)


@dataclass(frozen=True)
class Unit:
    """One unit: `01_convolution` is the assignment, `convolution` its only notebook."""

    assignment: str
    topic: str
    source: Path

    @property
    def file(self):
        """The name of its notebook's file, wherever it lies."""
        return notebook_file(self.topic)


def notebook_file(topic):
    """The name of the file of the notebook about `topic`."""
    return f"{topic}.ipynb"


def is_demo(folder):
    """Whether the course in `folder` is the demo's: its notebooks are those of another course."""
    config = folder / CONFIG_NAME
    return config.is_file() and config.read_text("utf-8", "replace").startswith(DEMO_TITLE)


class Course:
    """The course whose `nbgrader_config.py` lies in `root`."""

    def __init__(self, root, overrides=None):
        self.root = Path(root).resolve()
        self.overrides = overrides or {}

    @classmethod
    def find(cls, start=None):
        """The course around `start` (default: the working directory)."""
        start = Path(start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            notebooks = (folder / CONFIG_NAME).is_file() and (folder / "notebooks").is_dir()
            if notebooks or is_demo(folder):
                return cls(folder)
        raise CourseError(
            f"no course here: neither {start} nor a folder above it has {CONFIG_NAME} "
            "and notebooks/\n  change into a course's folder first; the package itself holds none"
        )

    @cached_property
    def config(self):
        from traitlets.config.loader import PyFileConfigLoader

        config = PyFileConfigLoader(CONFIG_NAME, path=str(self.root)).load_config()
        config.merge(self.overrides)
        return config

    @cached_property
    def api(self):
        """nbgrader's own API, configured as the plain `nbgrader` command is."""
        from nbgrader.apps import NbGraderAPI

        return NbGraderAPI(config=self.config)

    @property
    def notebooks(self):
        """The folder of the source notebooks."""
        own = self.root / "notebooks"
        return own if own.is_dir() else self.folder("source")

    @property
    def hidden(self):
        """The folders that no student's kernel may see; none of them lies in another."""
        folders = {self.root, self.notebooks.parent}
        return tuple(str(one) for one in sorted(folders) if folders.isdisjoint(one.parents))

    @property
    def units(self):
        """All units, in the order of their numbers; found, never listed."""
        found = []
        for folder in sorted(self.notebooks.iterdir()):
            topic = folder.name.partition("_")[2]
            source = folder / notebook_file(topic)
            if folder.name[:2].isdigit() and source.is_file():
                found.append(Unit(folder.name, topic, source))
        return found

    def unit(self, name):
        """The unit called `name`: '01_convolution', 'convolution', '01' or '1'."""
        for unit in self.units:
            number = unit.assignment.partition("_")[0]
            if name in (unit.assignment, unit.topic, number, number.lstrip("0")):
                return unit
        known = ", ".join(unit.assignment for unit in self.units)
        raise CourseError(f"no unit {name!r}\n  the units are: {known}")

    def chosen(self, name=None):
        """The units that a command is about: the one called `name`, or all."""
        units = [self.unit(name)] if name else self.units
        if not units:
            raise CourseError(f"no units: {self.notebooks} has no NN_topic/topic.ipynb")
        return units

    @cached_property
    def coursedir(self):
        """nbgrader's view of the folders and of the gradebook's place."""
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config)

    def folder(self, step):
        """The folder of an nbgrader step: 'submitted', 'autograded', 'feedback', 'release'."""
        return self.root / getattr(self.coursedir, f"{step}_directory")

    def notebook(self, step, unit, *student):
        """Where a unit's notebook lies in an nbgrader step, from 'submitted' on a student's."""
        return self.folder(step).joinpath(*student, unit.assignment, unit.file)

    @property
    def work(self):
        """The folder of all that grading makes."""
        return self.folder("autograded").parent

    def gradebook(self):
        """nbgrader's gradebook, as a context manager."""
        from nbgrader.api import Gradebook

        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)
