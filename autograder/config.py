"""What `nbgrader_config.py` sets: the folders and the lists of steps, in one place."""

import os
import sys
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

from autograder.engine.execute import BoundedExecute
from autograder.release import RELEASE_STEPS
from autograder.report.csv_export import QuestionCsv
from autograder.report.feedback import FEEDBACK_STEPS, use_our_page

CELL_SECONDS = 20  # one cell
NOTEBOOK_SECONDS = 120  # all cells of one notebook together


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
    for step in ("submitted", "autograded", "feedback", "solution"):
        setattr(c.CourseDirectory, f"{step}_directory", f"work/{step}")

    c.GenerateAssignment.preprocessors = RELEASE_STEPS
    c.ClearMarkScheme.enforce_metadata = False  # ours stand in locked statements
    c.ClearSolutions.text_stub = "*Write your answer here.*"

    c.Autograde.autograde_preprocessors = [
        BoundedExecute if step is Execute else step
        for step in Autograde.autograde_preprocessors.default()
    ]
    c.BoundedExecute.timeout = CELL_SECONDS
    c.BoundedExecute.notebook_seconds = NOTEBOOK_SECONDS

    # Kernels listen on loopback only; their warning about that, once a submission, helps nobody.
    c.BoundedExecute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]

    c.GenerateFeedback.preprocessors = FEEDBACK_STEPS
    use_our_page(c)
    c.ExportApp.plugin_class = QuestionCsv


def _find_alembic():
    """Let nbgrader find the `alembic` command without an activated environment.

    It runs that command once, when it makes a gradebook, and looks for it on PATH.
    """
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]
