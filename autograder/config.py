"""What `nbgrader_config.py` sets: the folders and the lists of steps, in one place."""

import os
import sys
from pathlib import Path

from autograder.nbgrader_plugin import RECORD_STEPS, SubmissionExporter, set_aside
from autograder.release import RELEASE_STEPS
from autograder.release.tidy import SameBytes
from autograder.report.csv_export import QuestionCsv
from autograder.report.feedback import FEEDBACK_STEPS, use_our_page

STEPS = ("submitted", "autograded", "feedback", "solution")  # nbgrader's, from what is handed in on


def configure(c, root):
    """Fill nbgrader's config object `c` for the course in the folder `root`."""
    work = root / "work"
    work.mkdir(exist_ok=True)  # SQLite makes the gradebook, but not its folder
    _find_alembic()
    c.CourseDirectory.course_id = "convnet_workbook"
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.db_url = f"sqlite:///{work}/gradebook.db"
    c.CourseDirectory.source_directory = "notebooks"
    c.CourseDirectory.release_directory = "release"
    for step in STEPS:
        setattr(c.CourseDirectory, f"{step}_directory", f"work/{step}")

    c.GenerateAssignment.preprocessors = RELEASE_STEPS
    c.GenerateAssignment.exporter_class = SameBytes
    c.ClearMarkScheme.enforce_metadata = False  # ours stand in locked statements
    c.ClearSolutions.text_stub = "*Write your answer here.*"

    c.Autograde.pre_convert_hook = set_aside
    c.Autograde.exporter_class = SubmissionExporter  # grades while it reads
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = RECORD_STEPS

    c.GenerateFeedback.preprocessors = FEEDBACK_STEPS
    use_our_page(c)
    c.ExportApp.plugin_class = QuestionCsv


def configure_demo(c, root):
    """Turn `c`, filled for a course, into what the demo's course in the folder `root` needs."""
    source = Path(c.CourseDirectory.root, c.CourseDirectory.source_directory)
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    c.CourseDirectory.source_directory = str(source)
    for step in ("release", *STEPS):
        setattr(c.CourseDirectory, f"{step}_directory", step)


def _find_alembic():
    """Let nbgrader find the `alembic` command without an activated environment.

    It runs that command once, when it makes a gradebook, and looks for it on PATH.
    """
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]
