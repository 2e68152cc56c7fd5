"""The demo's course: a real one's notebooks, and a folder of its own for all that is made."""

import os
import shutil
from contextlib import contextmanager

from autograder.classroom.lock import only_run
from autograder.course import CONFIG_NAME, DEMO_TITLE, Course, CourseError, is_demo
from autograder.sample_class import PREFIX

CONFIG = (
    DEMO_TITLE
    + '''
Plain `nbgrader` commands and `autograder` work from this folder on the sample class.
"""

from pathlib import Path

from autograder.config import configure_demo

here = Path(__file__).resolve().parent
c = get_config()  # noqa: F821  (nbgrader defines it)
load_subconfig({name!r}, path=str(here / {up!r}))  # noqa: F821
configure_demo(c, root=here)
'''
)
# What a demo leaves; whatever else lies in its folder is somebody's, and stays.
MADE = (
    "release", "autograded", "feedback", "set_aside", ".feedback_drafts", f"submitted/{PREFIX}*",
    "gradebook.db*", "done.sqlite*", "grades.csv",
)  # fmt: skip


@contextmanager
def demo_course(course):
    """The demo's course beside the work of `course`, made anew; inside the block it is locked.

    nbgrader takes no question into or out of a unit that has grades, so those of the demo before
    go. Raises `CourseError` while somebody else grades in it, and where it isn't the demo's.
    """
    demo = _configured(demo_folder(course), course.root)
    with only_run(demo):
        for pattern in MADE:
            for path in demo.root.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield demo


def demo_folder(course):
    """Where the demo's course is; from within it, where it is itself."""
    return course.root if is_demo(course.root) else course.work / "demo"


def _configured(folder, root):
    """The demo's course in `folder`, of which nothing but its configuration has to be there."""
    if is_demo(folder):
        return Course(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise CourseError(
            f"{folder} has files, but the demo didn't make them\n"
            "  move them away: the demo makes a course there"
        )
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{CONFIG_NAME}.{os.getpid()}"
    up = os.path.relpath(root, folder)
    draft.write_text(CONFIG.format(name=CONFIG_NAME, up=up), encoding="utf-8")
    os.replace(draft, folder / CONFIG_NAME)  # whoever starts a demo now sees all of it or nothing
    return Course(folder)
