"""The cell that carries `coursekit` inside a released notebook, as readable text."""

import nbformat.v4
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.imports import closure, imported

CELL_ID = "coursekit"
PACKAGE = "coursekit"

HEAD = """\
# @title The course's helpers (run this cell; you needn't read it, but you may)
import sys
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.util import spec_from_loader

MODULES = {}
"""

TAIL = """
class EmbeddedModules(MetaPathFinder, ExecutionLoader):
    \"\"\"Imports the modules whose text stands above, so that this file is all you need.\"\"\"

    def find_spec(self, name, path=None, target=None):
        return spec_from_loader(name, self) if name in MODULES else None

    def is_package(self, name):
        return any(other.startswith(name + ".") for other in MODULES)

    def get_source(self, name):
        return MODULES[name]

    def get_filename(self, name):
        return name.replace(".", "/") + ".py"


sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "EmbeddedModules"]
sys.meta_path.insert(0, EmbeddedModules())
for name in [name for name in sys.modules if name in MODULES]:
    del sys.modules[name]"""


class AddCoursekitCell(NbGraderPreprocessor):
    """Puts the modules that the notebook needs, and only those, before its first code cell."""

    def preprocess(self, nb, resources):
        sources = [cell.source for cell in nb.cells if cell.cell_type == "code"]
        position = next(i for i, cell in enumerate(nb.cells) if cell.cell_type == "code")
        nb.cells.insert(position, coursekit_cell(needed_modules(sources)))
        return nb, resources


def coursekit_cell(modules):
    """A locked, collapsed code cell with the text of `modules` ({name: path})."""
    parts = [HEAD]
    for name, path in modules.items():
        text = path.read_text(encoding="utf-8")
        if "'''" in text:
            raise ValueError(f"{path}: a module that travels in a notebook can't hold three '")
        parts.append(f"MODULES[{name!r}] = r'''{text}'''\n")
    metadata = {
        "nbgrader": {
            "grade": False,
            "grade_id": CELL_ID,
            "locked": True,
            "schema_version": 3,
            "solution": False,
            "task": False,
        },
        "jupyter": {"source_hidden": True},
        "cellView": "form",
    }
    source = "\n".join([*parts, TAIL])
    return nbformat.v4.new_code_cell(source, id=CELL_ID, metadata=metadata)


def needed_modules(sources):
    """{name: path} of the coursekit modules that `sources` import, directly or not, sorted."""
    return closure({name for source in sources for name in imported(source)}, {PACKAGE})
