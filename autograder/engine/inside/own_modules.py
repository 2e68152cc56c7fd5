"""The working folder as a place of modules, as it is in a notebook.

What a cell imports is looked for there first, so that a student's `utils.py` is found even where
some package is called so. What a library or the kernel itself imports, or the lesson, is looked
for there last: a file that is called as one of their modules doesn't stand in the way.
"""

import importlib
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path

MACHINERY = ("importlib", "importlib.util", "importlib._bootstrap", "importlib._bootstrap_external")


class OwnModules(MetaPathFinder):
    """Finds a module in the working folder, for imports that no library makes."""

    def __init__(self, lesson):
        self.lesson = {name.partition(".")[0] for name in lesson}
        here = str(Path(__file__).parent)
        self.libraries = tuple(f"{folder}{os.sep}" for folder in [*sys.path, here] if folder)

    def find_spec(self, name, path=None, target=None):
        if path is not None or name in self.lesson or self._for_a_library():
            return None
        try:
            folder = os.getcwd()
        except OSError:  # it is gone
            return None
        importlib.invalidate_caches()  # cells write files faster than a folder's time goes on
        return PathFinder.find_spec(name, [folder])

    def _for_a_library(self):
        """Whether the code that imports is no cell, and no file of the student's.

        Modules whose text came in a cell have the name of a file that isn't there.
        """
        frame = sys._getframe(2)
        while frame and frame.f_globals.get("__name__") in MACHINERY:
            frame = frame.f_back
        name = frame.f_code.co_filename if frame else ""
        ours = name.startswith(("<frozen", *self.libraries))
        return ours or not (name.startswith("<") or os.path.isabs(name))


def install(lesson):
    """Let the working folder count, wherever it is at the time.

    lesson: names of modules that a file in it never stands for.
    """
    sys.dont_write_bytecode = True  # a file that is written again within a second has its time
    sys.meta_path.insert(0, OwnModules(lesson))
    sys.path.append("")
