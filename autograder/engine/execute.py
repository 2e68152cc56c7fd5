"""Running a student's notebook within bounds."""

import os
import time

import nbformat.v4
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Float, Integer

from autograder.hidden import SEED_VARIABLE, fresh_seed

EXPLORATION = "exploration"  # tag of cells that only a person looks at


class BoundedExecute(Execute):
    """nbgrader's own Execute, with a limit for the whole notebook and a recorded seed."""

    notebook_seconds = Float(120, help="time for all cells of one notebook together").tag(
        config=True
    )
    seed = Integer(
        None, allow_none=True, help="seed of the hidden tests' inputs; None: a fresh one"
    ).tag(config=True)

    def preprocess(self, nb, resources, km=None):
        self.used_seed = fresh_seed() if self.seed is None else self.seed
        self.deadline = time.monotonic() + self.notebook_seconds
        limit = self.timeout
        self.timeout_func = lambda cell: min(limit, max(1, self._seconds_left()))
        nb, resources = super().preprocess(nb, resources, km)
        nb.metadata["autograder"] = {"seed": self.used_seed}
        return nb, resources

    def start_new_kernel(self, **arguments):
        environment = os.environ | {SEED_VARIABLE: str(self.used_seed)}
        return super().start_new_kernel(env=environment, **arguments)

    def preprocess_cell(self, cell, resources, index):
        tags = cell.metadata.get("tags", [])
        if is_grade(cell):
            cell.metadata.pop("tags", None)  # a tag must not keep a grade cell from running
        elif EXPLORATION in tags:
            return cell, resources
        if cell.cell_type == "code" and self._seconds_left() <= 0:
            cell.outputs = [self._budget_spent()]
            return cell, resources
        cell, resources = super().preprocess_cell(cell, resources, index)
        if is_grade(cell):
            _show_warnings_as_output(cell)
        return cell, resources

    def _seconds_left(self):
        return self.deadline - time.monotonic()

    def _budget_spent(self):
        text = f"not run: the notebook had used up its {self.notebook_seconds:g} s"
        return nbformat.v4.new_output(
            "error", ename="NotebookTimeout", evalue=text, traceback=[f"NotebookTimeout: {text}"]
        )


def _show_warnings_as_output(cell):
    """nbgrader gives no points to a cell that wrote to stderr; a warning is no failure."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"
