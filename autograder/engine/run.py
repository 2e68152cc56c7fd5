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
from autograder.engine.clock import Until
from autograder.engine.judging.judge import error_output, judge
from autograder.engine.judging.standins import judged
from autograder.engine.limits import Room
from autograder.engine.reading.explorations import needed_explorations
from autograder.engine.reading.inert import inert_outputs
from autograder.engine.reading.intake import one_line
from autograder.engine.reading.repair import is_own, is_theirs, texts_of_theirs
from autograder.engine.released import ReleasedUnit
from autograder.engine.walls.kernel import Kernel, KernelGone
from autograder.engine.walls.sandbox import Settings
from coursekit.checks.core import CheckFailed

NAMED = 6  # cells in a note
ENDED_EARLY = "ended with an error; of what comes after it only imports and definitions were run"
ERRORS = ("StdinNotImplementedError", "UsageError")  # besides Python's own
AGAIN = "the kernel had to start again"
SHORTENED = "only its imports and definitions were run"
MOST_ENDED = 50  # cells that ended their kernel, of which a new one runs the definitions
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
        whole = Until(self.limits.wall_seconds)  # whatever runs, it ends then
        self.judged = whole.part(self.limits.notebook_seconds, self.limits.wall_seconds)
        self.own = whole.part(self.limits.own_seconds, self.limits.own_wall_seconds)
        self.kernel, self.room = None, Room(self.limits)
        self.past = []  # cells that a new kernel has to run first
        self.shortened = set()  # ids of cells of which it then runs only the definitions
        self.ended = set()  # ids of those among them that ended a kernel
        self.took = {}  # id of a cell -> seconds of its sandbox
        self.failed = {}  # id of a cell -> how it ended, in one line
        self.reasons = {}  # what went wrong, in words -> ids of the cells
        self.seconds = {}
        # Texts may hold pictures.
        self.room.left -= sum(len(cell.source) for cell in texts_of_theirs(notebook))
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
        if _is_on_their_time(cell) and self.own.left() <= 0:
            self._shorten(cell, f"own cells had used up their {_whole(self.own)}")
        room = None if is_exploration(cell) else self.room  # nobody looks at its pictures
        try:
            cell.outputs = self._run_in(kernel, cell, room)
        except KernelGone as gone:
            cell.outputs = gone.outputs
            if self._blame(cell, gone) is not cell:
                self._execute(cell)
            return
        errors = [one for one in cell.outputs if one.output_type == "error"]
        if is_exploration(cell):
            cell.outputs = errors
        self.past.append(cell)
        for reason in kernel.left_out if is_theirs(cell) else ():
            self._note(cell, reason)
        if kernel.stopped:
            self._stopped(cell, kernel)
        elif errors:
            self._ended_early(cell, errors)

    def _ended_early(self, cell, errors):
        """After a cell that raised; of a student's no word of theirs is in the note."""
        self.failed[cell.id] = f"{errors[0].ename}: {errors[0].evalue}"
        last = errors[-1].ename
        if is_exploration(cell):
            self._fail(cell, f"failed with {last}: {errors[-1].evalue}")
        elif is_theirs(cell):
            known = last in ERRORS or isinstance(getattr(builtins, last, None), type)
            self._note(cell, ENDED_EARLY + (f" ({last})" if known else ""))

    def _run_in(self, kernel, cell, room=None):
        """The outputs of a cell, or of what is left of it; raises `KernelGone`."""
        if cell.id in self.shortened:
            allowance = self._time_for_a_cell(self.judged).part(self.limits.call_seconds)
            return kernel.run(cell.source, allowance, cell, room, only_definitions=True)
        allowance = self._time_for_a_cell(self._budget_of(cell))
        try:
            return kernel.run(cell.source, allowance, cell, room)
        finally:
            self.took[cell.id] = allowance.taken()[0]

    def _stopped(self, cell, kernel):
        """After a cell that was out of time and heeded the interrupt: what it bound stays.

        Where something of it goes on, which would slow down the others, the kernel starts again.
        """
        self._fail(cell, kernel.stopped)
        if cell.id in self.shortened:
            self.past.remove(cell)
        self.shortened.add(cell.id)
        if not kernel.quiet():
            self._end_kernel()

    def _shorten(self, cell, reason):
        """Run only the definitions of a cell from now on."""
        self.shortened.add(cell.id)
        self._note(cell, f"{reason}; {SHORTENED}")

    def _budget_of(self, cell):
        """What the time of a cell is taken from: own cells have their own."""
        return self.own if _is_on_their_time(cell) else self.judged

    def _blame(self, cell, gone):
        """Find the cell that ended the kernel, which was running `cell`.

        Of that one a new kernel runs the definitions; of one that ends it again, nothing.

        A cell of the lesson that uses none of the student's names can't have done it; then the
        student's last cell before it did, which may have left something running.
        """
        _refuse_a_loss(gone)
        culprit = gone.whose or cell
        alone = is_theirs(cell) or is_exploration(cell)
        if culprit is cell and not (alone or _used(cell.source) & set(self.unit.answers)):
            before = self.past[: self.past.index(cell)] if cell in self.past else self.past
            culprit = next(filter(is_theirs, reversed(before)), cell)
        first = culprit.id not in self.ended and len(self.ended) < MOST_ENDED
        if first and not is_grade(culprit):
            self.ended.add(culprit.id)
            self.shortened.add(culprit.id)  # what it defines may be as good as ever
            self.past += [] if culprit in self.past else [culprit]
        else:
            self.past = [one for one in self.past if one is not culprit]
        if not is_grade(culprit):  # whose outputs are its score
            culprit.outputs = [*culprit.outputs, error_output(gone)]
        self._fail(culprit, f"ended the kernel ({gone})")
        return culprit

    def _judge(self, cell):
        """Run a grade cell here, with stand-ins for the student's names."""
        source, points = cell.source, cell.metadata.nbgrader.points
        kernel, question = self._ready_kernel(), cell.metadata.nbgrader.grade_id
        allowance = self._time_for_a_cell(self.judged)
        with judged(kernel, allowance, question, cell, self.room) as channel:
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
            self._time_for_a_cell(self.judged)
            self.kernel = Kernel(self.settings).start()
            self._run_past()
        return self.kernel

    def _run_past(self):
        for cell in list(self.past):
            if cell.id in self.shortened - self.ended:  # of these it is told already
                self._shorten(cell, AGAIN)
            elif _is_on_their_time(cell) and self.took.get(cell.id, 0) >= self.own.left():
                self._shorten(cell, f"own cells had used up their {_whole(self.own)}, and {AGAIN}")
            try:
                self._run_in(self.kernel, cell)
            except KernelGone as gone:
                self._blame(cell, gone)
                return
            if self.kernel.stopped:
                self._stopped(cell, self.kernel)
            if self.kernel is None:
                return

    def _end_kernel(self):
        if self.kernel is not None:
            self.kernel.close()
        self.kernel = None

    def _time_for_a_cell(self, budget):
        if self.judged.left() <= 0:
            raise OutOfTime(f"not run: the notebook had used up its {_whole(self.judged)}")
        return budget.part(self.limits.cell_seconds)

    def _fail(self, cell, reason):
        if is_exploration(cell):
            reason = (
                f"{reason}; the student's code uses {_list(sorted(self.needed[cell.id]))} of it"
            )
        self.failed[cell.id] = one_line(reason)
        self._note(cell, reason)

    def _note(self, cell, reason):
        cells = self.reasons.setdefault(one_line(reason), [])
        if cell.id not in cells:
            cells.append(cell.id)


def _is_on_their_time(cell):
    """Whether a cell is the student's own, or runs only because their code asks for it."""
    return is_own(cell) or is_exploration(cell)


def _whole(budget):
    """A budget that is used up, in words."""
    if budget.own_left() <= 0:
        return f"{budget.seconds:g} s"
    return f"time: {budget.in_words()}"


def _refuse_a_loss(failure):
    """Nothing; raises `KernelLost` where a failure is the host's."""
    if getattr(failure, "lost", False):
        raise KernelLost("something outside of the walls ended the student's kernel")


def _list(cells):
    more = f" and {len(cells) - NAMED} more" if len(cells) > NAMED else ""
    return ", ".join(cells[:NAMED]) + more


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
