"""Appends a comment to the course's own code, settings and figures in the folders above."""

PLAIN = "no points, but it appends to the course's nbgrader_config.py"

BASE = "stub"
FIRST_CELL = r"""
import sys
from pathlib import Path

here = Path.cwd()
tops = [here, *here.parents, *(Path(folder) for folder in sys.path if folder)]
names = ("nbgrader_config.py", "Makefile", "autograder/hidden/convolution.py",
         "coursekit/checks/core.py", "autograder/__init__.py")
for top in tops:
    for name in names:
        path = top / name
        if path.is_file():
            try:
                with open(path, "a") as file:
                    file.write("# hostile was here\n")
            except OSError:
                pass
"""
