"""Small steps that make the student's file run and stay the same from build to build."""

import re

from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


class SameBytes(NotebookExporter):
    """Gives bytes, which the writer leaves alone: as text each line would end as the host's do."""

    def from_notebook_node(self, nb, resources=None, **options):
        text, resources = super().from_notebook_node(nb, resources, **options)
        return text.encode("utf-8"), resources


class RunnableStubs(NbGraderPreprocessor):
    """Removes the stub's `raise` where it stands outside a function.

    An answer that is a value starts as `name = None`; its check says "not attempted yet". A
    raise at the top level would end "Run all" there.
    """

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code" and is_solution(cell):
            cell.source = re.sub(
                r"^raise NotImplementedError\(\)\n?", "", cell.source, flags=re.MULTILINE
            ).rstrip("\n")
        return cell, resources


class StableMetadata(NbGraderPreprocessor):
    """Keeps of the notebook's metadata what every front end needs and nothing else."""

    def preprocess(self, nb, resources):
        nb.metadata = type(nb.metadata)(kernelspec=KERNELSPEC, language_info={"name": "python"})
        nb.nbformat, nb.nbformat_minor = 4, 5
        for cell in nb.cells:
            kept = ("nbgrader", "tags", "deletable", "editable", "jupyter", "cellView")
            cell.metadata = type(cell.metadata)(
                {key: value for key, value in cell.metadata.items() if key in kept}
            )
        return nb, resources
