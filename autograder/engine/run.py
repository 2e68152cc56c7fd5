"""Runs a repaired notebook from top to bottom and judges its grade cells.

A cell that hangs, dies or floods costs what depends on it: the kernel is started again, the
cells before it run again, and the notebook goes on after it.
"""

import ast
import time

from nbformat.v4 import new_output
from nbgrader.utils import is_grade

from autograder.engine.judge import error_output, judge
from autograder.engine.kernel import CELL_TIMEOUT, Kernel
from autograder.engine.standins import KernelGone
from coursekit.checks.core import CheckFailed

EXPLORATION = "exploration"  # tag of cells that only a person looks at
PRINTED = 2000  # characters of what an answer printed while it was judged


class OutOfTime(CheckFailed):
    """The whole notebook has used up its time."""


class NotebookRun:
    """One run of one notebook; fills in the outputs of its cells.

    `seconds` is what each cell took.
    """

    def __init__(self, notebook, unit, settings, seed):
        self.notebook, self.unit, self.seed = notebook, unit, seed
        self.settings, self.limits = settings, settings.limits
        self.deadline = time.monotonic() + self.limits.notebook_seconds
        self.kernel = None
        self.past = []  # sources of the cells that a new kernel has to run first
        self.failed = {}  # id of a cell -> how it ended, in one line
        self.reasons = {}  # what went wrong, in words -> ids of the cells
        self.seconds = {}

    @property
    def notes(self):
        """What a person should know, in words: one sentence for each reason."""
        return [f"{', '.join(cells)}: {reason}" for reason, cells in self.reasons.items()]

    def run(self):
        """Run all cells, judge all grade cells."""
        try:
            for cell in self.notebook.cells:
                if cell.cell_type == "code" and EXPLORATION not in cell.metadata.get("tags", []):
                    self._timed(self._judge if is_grade(cell) else self._execute, cell)
        finally:
            self._end_kernel()

    def _timed(self, step, cell):
        start = time.monotonic()
        try:
            step(cell)
        except OutOfTime as reason:
            cell.outputs = [error_output(reason)]
            self._fail(cell, str(reason))
        self.seconds[cell.id] = round(time.monotonic() - start, 3)

    def _execute(self, cell):
        """Run one of the student's cells."""
        if not cell.source.strip():
            return
        kernel = self._ready_kernel()
        try:
            cell.outputs = kernel.run(cell.source, self._time_for_a_cell())
        except KernelGone as gone:
            cell.outputs = [*gone.outputs, error_output(gone)]
            self._fail(cell, f"ended the kernel ({gone})")
            return
        error = next((one for one in cell.outputs if one.output_type == "error"), None)
        if error and error.ename == CELL_TIMEOUT:
            self._fail(cell, error.evalue)
            return
        self.past.append(cell.source)
        if error:
            self.failed[cell.id] = f"{error.ename}: {error.evalue}"

    def _judge(self, cell):
        """Run a grade cell here, with stand-ins for the student's names."""
        source, points = cell.source, cell.metadata.nbgrader.points
        with self._ready_kernel().judged(self._time_for_a_cell()) as (channel, printed):
            names = lambda: self._names(source, channel)  # noqa: E731
            cell.outputs, failure = judge(source, names, points, self.seed)
        cell.outputs = _printed(printed.kept) + cell.outputs
        if channel.failure:
            self._fail(cell, getattr(channel.failure, "told", str(channel.failure)))
        elif failure and not isinstance(failure, CheckFailed):
            self._fail(cell, f"could not be judged: {type(failure).__name__}: {failure}")

    def _names(self, source, channel):
        """Stand-ins for the student's names that a grade cell uses."""
        used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        wanted = {name: cell for name, cell in self.unit.answers.items() if name in used}
        return {name: self._name(name, cell, channel) for name, cell in wanted.items()}

    def _name(self, name, cell, channel):
        try:
            return channel.ask("name", name)
        except NameError:
            reason = self.failed.get(cell, "no cell gives it a value")
            raise CheckFailed(f"{name}: not defined\n  its cell: {reason}") from None

    def _ready_kernel(self):
        """A kernel that has run the cells so far; a new one where the last has ended."""
        while self.kernel is None or not self.kernel.alive():
            self._end_kernel()
            self._time_for_a_cell()
            self.kernel = Kernel(self.settings).start()
            self._run_past()
        return self.kernel

    def _run_past(self):
        for source in list(self.past):
            try:
                self.kernel.run(source, self._time_for_a_cell())
            except KernelGone:  # it did not do that the first time
                self.past.remove(source)
                return

    def _end_kernel(self):
        if self.kernel is not None:
            self.kernel.close()
        self.kernel = None

    def _time_for_a_cell(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            limit = self.limits.notebook_seconds
            raise OutOfTime(f"not run: the notebook had used up its {limit:g} s")
        return min(self.limits.cell_seconds, left)

    def _fail(self, cell, reason):
        self.failed[cell.id] = reason
        self.reasons.setdefault(reason, []).append(cell.id)


def _printed(outputs):
    """What an answer printed while it was judged, as one short output."""
    text = "".join(one.text for one in outputs if one.output_type == "stream")
    if not text:
        return []
    text = text if len(text) <= PRINTED else text[:PRINTED] + "\n... cut off ...\n"
    return [new_output("stream", name="stdout", text=f"Printed by your code:\n{text}\n")]
