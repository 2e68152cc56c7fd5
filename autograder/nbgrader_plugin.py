"""Where grading plugs into nbgrader, so that its own commands and pages use it.

nbgrader reads a submission through an exporter and then runs its lists of preprocessors. Our
exporter grades while it reads; what is left for the lists is to record the scores.
"""

import os
import stat
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

from autograder.classroom.collection import Collection
from autograder.course import Course
from autograder.engine.grade import grade
from autograder.engine.reading.intake import TIMESTAMP_FILE, read_timestamp
from autograder.engine.walls.tiers import ensure_walls
from autograder.release.recorded import released_unit
from autograder.settings import Grading

# What nbgrader itself does with a notebook that has been run.
RECORD_STEPS = [SaveAutoGrades, AssignLatePenalties]


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook as its graded one, and every other notebook as it is."""

    def from_filename(self, filename, resources=None, **options):
        coursedir = self.parent.coursedir
        submitted = Path(coursedir.root, coursedir.submitted_directory)
        path = Path(coursedir.root, filename)
        if not path.is_relative_to(submitted):
            return super().from_filename(filename, resources, **options)
        course = Course(coursedir.root, self.config)
        where = resources["nbgrader"]
        named = course.unit(where["assignment"])
        unit = released_unit(course, named)
        grading = Grading(parent=self)
        settings = grading.settings(unit)
        ensure_walls(settings)
        handed, _ = Collection(course).find(where["student"], named)
        result = grade(handed, unit, grading.seed, settings)
        return self.from_notebook_node(result.notebook, resources, **options)


def set_aside(notebooks, **_):
    """Before nbgrader copies a submission's other files: move away what must not be opened.

    Links, pipes and devices, and a timestamp that is none, would stop nbgrader's own command or
    make it read something else. They end up beside the submissions, in `set_aside/`.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        for path in _special_files(folder):
            if str(path) not in notebooks:  # the exporter refuses those with a reason
                target = folder.parents[2] / "set_aside" / path.relative_to(folder.parents[1])
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)


def _special_files(folder):
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(parent, name)
            if not stat.S_ISREG(path.lstat().st_mode) and not stat.S_ISDIR(path.lstat().st_mode):
                yield path
    _, notes = read_timestamp(folder)
    timestamp = folder / TIMESTAMP_FILE
    if notes and os.path.lexists(timestamp):
        yield timestamp
