"""Runs a repaired notebook from top to bottom and judges its grade cells.

A cell that hangs, dies or floods costs what depends on it: the kernel is started again, the
cells before it run again, and the notebook goes on after it.
"""

import ast
import builtins
import time

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.engine.cells import PRINTED, is_exploration, is_grade
from autograder.engine.judging.judge import error_output, judge
from autograder.engine.judging.standins import judged
from autograder.engine.limits import Room
from autograder.engine.reading.explorations import needed_explorations
from autograder.engine.reading.inert import inert_outputs
from autograder.engine.reading.intake import one_line
from autograder.engine.reading.repair import is_own, is_theirs
from autograder.engine.released import ReleasedUnit
from autograder.engine.walls.kernel import CELL_TIMEOUT, Kernel, KernelGone
from autograder.engine.walls.sandbox import Settings
from coursekit.checks.core import CheckFailed

NAMED = 6  # cells in a note
ENDED_EARLY = "ended with an error; of what comes after it only imports and definitions were run"
ERRORS = (CELL_TIMEOUT, "StdinNotImplementedError", "UsageError")  # besides Python's own
MOST_PRINTED = 2000  # characters of what an answer printed while it was judged


class OutOfTime(CheckFailed):
    """The whole notebook has used up its time."""


class KernelLost(Exception):
    """Something outside of the walls ended a kernel: what was graded with it doesn't count."""


class NotebookRun:
    """One run of one notebook; fills in the outputs of its cells.

    `seconds` is what each cell took.
    """

    def __init__(self, notebook: NotebookNode, unit: ReleasedUnit, settings: Settings, seed: int):
        self.notebook, self.unit, self.seed = notebook, unit, seed
        self.settings, self.limits = settings, settings.limits
        self.deadline = time.monotonic() + self.limits.notebook_seconds
        self.kernel, self.room = None, Room(self.limits)
        self.past = []  # cells that a new kernel has to run first
        self.failed = {}  # id of a cell -> how it ended, in one line
        self.reasons = {}  # what went wrong, in words -> ids of the cells
        self.seconds = {}
        texts = [
            cell for cell in notebook.cells if cell.cell_type == "markdown" and is_theirs(cell)
        ]
        self.room.left -= sum(len(cell.source) for cell in texts)  # which may hold pictures
        self.needed = needed_explorations(notebook)  # id of such a cell -> names taken from it

    @property
    def notes(self) -> list[str]:
        """What a person should know, in words: one sentence for each reason."""
        return [f"{_list(cells)}: {reason}" for reason, cells in self.reasons.items()]

    def run(self) -> None:
        """Run all cells, judge all grade cells; raises `KernelLost`."""
        try:
            for cell in self.notebook.cells:
                if cell.cell_type == "code" and self._is_run(cell):
                    self._timed(self._judge if is_grade(cell) else self._execute, cell)
        finally:
            self._end_kernel()

    def _is_run(self, cell):
        """Whether grading can't do without a cell."""
        return not is_exploration(cell) or cell.id in self.needed

    def is_on_their_time(self, cell: NotebookNode) -> bool:
        """Whether a cell is the student's own, or runs only because their code asks for it."""
        return is_own(cell) or is_exploration(cell)

    def _timed(self, step, cell):
        start = time.monotonic()
        try:
            step(cell)
        except OutOfTime as reason:
            cell.outputs = [error_output(reason)]
            self._fail(cell, str(reason))
        self.seconds[cell.id] = round(time.monotonic() - start, 3)

    def _execute(self, cell):
        """Run one of the student's cells, or of the lesson's, in the kernel."""
        if not cell.source.strip():
            return
        kernel = self._ready_kernel()
        room = None if is_exploration(cell) else self.room  # nobody looks at its pictures
        try:
            cell.outputs = kernel.run(cell.source, self._time_for_a_cell(), cell, room)
        except KernelGone as gone:
            cell.outputs = gone.outputs
            if self._blame(cell, gone) is not cell:
                self._execute(cell)
            return
        errors = [one for one in cell.outputs if one.output_type == "error"]
        if is_exploration(cell):
            cell.outputs = errors
        error = errors[0] if errors else None
        if error and error.ename == CELL_TIMEOUT and not kernel.in_time:
            self._fail(cell, errors[-1].evalue)  # the grader's own, and the last
            self._end_kernel()  # what it left running would slow down the others
            return
        self.past.append(cell)
        if is_theirs(cell):
            for reason in kernel.left_out:
                self.reasons.setdefault(reason, []).append(cell.id)
        if error:
            self.failed[cell.id] = f"{error.ename}: {error.evalue}"
            if is_exploration(cell):
                self._fail(cell, _told(errors[-1]))
            elif is_theirs(cell):
                self.reasons.setdefault(_ended_early(cell.outputs), []).append(cell.id)

    def _blame(self, cell, gone):
        """Find the cell that ended the kernel, which was running `cell`, and leave it out.

        A cell of the lesson that uses none of the student's names can't have done it; then the
        student's last cell before it did, which may have left something running.
        """
        _refuse_a_loss(gone)
        culprit = gone.whose or cell
        alone = is_theirs(cell) or is_exploration(cell)
        if culprit is cell and not (alone or _used(cell.source) & set(self.unit.answers)):
            before = self.past[: self.past.index(cell)] if cell in self.past else self.past
            culprit = next(filter(is_theirs, reversed(before)), cell)
        self.past = [one for one in self.past if one is not culprit]
        if not is_grade(culprit):  # whose outputs are its score
            culprit.outputs = [*culprit.outputs, error_output(gone)]
        self._fail(culprit, f"ended the kernel ({gone})")
        return culprit

    def _judge(self, cell):
        """Run a grade cell here, with stand-ins for the student's names."""
        source, points = cell.source, cell.metadata.nbgrader.points
        seconds, question = self._time_for_a_cell(), cell.metadata.nbgrader.grade_id
        with judged(self._ready_kernel(), seconds, question, cell, self.room) as channel:
            names = lambda: self._names(source, channel)  # noqa: E731
            cell.outputs, failure = judge(source, names, points, self.seed)
        _refuse_a_loss(channel.failure)
        if getattr(channel.failure, "whose", None) not in (None, cell):
            self._blame(cell, channel.failure)
            self._judge(cell)
            return
        cell.outputs = _printed(channel.printed) + cell.outputs
        if channel.failure:
            self._fail(cell, getattr(channel.failure, "told", str(channel.failure)))
            self._end_kernel()
        elif failure and not isinstance(failure, CheckFailed):
            self._fail(cell, f"could not be judged: {type(failure).__name__}: {failure}")

    def _names(self, source, channel):
        """Stand-ins for the student's names that a grade cell uses."""
        used = _used(source)
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
        for cell in list(self.past):
            try:
                self.kernel.run(cell.source, self._time_for_a_cell(), cell)
            except KernelGone as gone:
                self._blame(cell, gone)
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
        if is_exploration(cell):
            reason = (
                f"{reason}; the student's code uses {_list(sorted(self.needed[cell.id]))} of it"
            )
        reason = self.failed[cell.id] = one_line(reason)
        self.reasons.setdefault(reason, []).append(cell.id)


def _ended_early(outputs):
    """A note on a student's cell that raised; nothing in it is in the student's words."""
    last = [one.ename for one in outputs if one.output_type == "error"][-1]
    known = last in ERRORS or isinstance(getattr(builtins, last, None), type)
    return ENDED_EARLY + (f" ({last})" if known else "")


def _refuse_a_loss(failure):
    """Nothing; raises `KernelLost` where a failure is the host's."""
    if getattr(failure, "lost", False):
        raise KernelLost("something outside of the walls ended the student's kernel")


def _list(cells):
    more = f" and {len(cells) - NAMED} more" if len(cells) > NAMED else ""
    return ", ".join(cells[:NAMED]) + more


def _told(error):
    """How a cell ended; an interrupt is followed by the reason for it."""
    stopped = error.ename == CELL_TIMEOUT
    return error.evalue if stopped else f"failed with {error.ename}: {error.evalue}"


def _used(source):
    """The names that a cell of the release uses."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _printed(text):
    """What an answer printed while it was judged, as one short output."""
    if not text:
        return []
    text = text if len(text) <= MOST_PRINTED else text[:MOST_PRINTED] + "\n... cut off ...\n"
    text = f"Printed by your code:\n{text}\n"
    made = inert_outputs([new_output("display_data", data={"text/plain": text})])
    for one in made:
        one.metadata[PRINTED] = True  # no output of a student's has metadata
    return made
