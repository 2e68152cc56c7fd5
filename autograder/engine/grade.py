"""One submission in, one result out: no gradebook, no state, no exception for what came in."""

import copy
import json
import logging
import platform
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path

from nbformat import NotebookNode

from autograder.engine.cells import is_grade, is_solution, is_task
from autograder.engine.judging.judge import error_output
from autograder.engine.reading.inert import plain_source
from autograder.engine.reading.intake import HandedIn, Submission, Unreadable, handed_in, one_line
from autograder.engine.reading.repair import is_theirs, repair
from autograder.engine.released import ReleasedUnit
from autograder.engine.seeds import fresh_seed
from autograder.engine.walls.sandbox import SandboxError, Settings
from coursekit.checks.core import CheckFailed

NBGRADERS_MARKS = re.compile(r"\b(BEGIN|END) (HIDDEN TESTS|MARK SCHEME)\b")
METADATA = "autograder"  # where the graded notebook keeps what the table and the page show


@dataclass(frozen=True)
class Result:
    """What grading one submission gave.

    `messages` are what the student is told where points are missing, `repairs` and `notes` what
    the instructor is. `seconds` are wall
    times. `notebook` is the graded notebook, with the outputs that nbgrader reads scores from.
    `failed` says that the autograder is to blame, not the submission: it has to be graded again.
    Once it is `packed`, `text` is the graded notebook and `notebook` only what scores come from.
    """

    assignment: str
    notebook_name: str
    points: dict[str, float]
    messages: dict[str, str]
    repairs: list[str]
    notes: list[str]
    seed: int
    seconds: dict[str, float]
    versions: dict[str, str]
    notebook: NotebookNode
    failed: bool = False
    text: str = ""

    @cached_property
    def scores(self) -> dict[str, float | None]:
        """{question: points, as nbgrader reads them}; None for what a person has to grade."""
        from nbgrader.utils import determine_grade

        cells = _grades(self.notebook)
        return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in cells}

    def as_dict(self) -> dict:
        """All but the notebook, ready for JSON."""
        known = {
            key: value for key, value in asdict(self).items() if key not in ("notebook", "text")
        }
        return known | {"scores": self.scores}

    def packed(self) -> "Result":
        """The same, ready to be written: what takes time is done, what travels is small."""
        if self.text:
            return self
        small = NotebookNode(self.notebook, cells=list(filter(_is_recorded, self.notebook.cells)))
        return replace(self, notebook=small, text=_text(self.notebook))


@dataclass
class Work:
    """One submission on its way through the stages; each fills in what the next ones read."""

    handed: HandedIn
    unit: ReleasedUnit
    seed: int
    settings: Settings
    submission: Submission | None = None
    notebook: NotebookNode | None = None  # the released one, with the student's answers
    repairs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def read(work: Work) -> None:
    """The bytes of a file as cells; raises `Unreadable` where they are no notebook."""
    work.submission = work.handed.submission()


def put_in_place(work: Work) -> None:
    """The student's answers in the released notebook."""
    work.notebook, work.repairs = repair(work.submission, work.unit.notebook)


def run_and_judge(work: Work) -> None:
    """Every cell run behind walls, every grade cell judged outside of them."""
    # Not where results are only recorded.
    from autograder.engine.run import KernelLost, NotebookRun

    run = NotebookRun(work.notebook, work.unit, work.settings, work.seed)
    try:
        run.run()
    except KernelLost:  # with its template, perhaps, which a cold one doesn't need
        put_in_place(work)
        cold = replace(work.settings, preload=())
        run = NotebookRun(work.notebook, work.unit, cold, work.seed)
        run.run()
    work.notes = [*work.submission.notes, *run.notes, *work.handed.notes]
    work.seconds = run.seconds


def make_readable(work: Work) -> None:
    """The student's sources and texts as pages show them; they ran as they were.

    nbgrader cuts what stands between its marks out of each cell, and gives a page up where they
    don't pair.
    """
    for cell in filter(is_theirs, work.notebook.cells):
        if cell.cell_type == "code":
            cell.source = plain_source(cell.source)
        cell.source = NBGRADERS_MARKS.sub("\\1\N{NO-BREAK SPACE}\\2", cell.source)


STAGES = [
    read,  # a file -> its cells
    put_in_place,  # cells -> the released notebook with the student's answers
    run_and_judge,  # that notebook -> the same with outputs, from which nbgrader reads scores
    make_readable,  # -> the same with sources that hide nothing
]


def grade_submission(
    path: Path | str,
    unit: ReleasedUnit,
    seed: int | None = None,
    settings: Settings | None = None,
) -> Result:
    """Grade the notebook file `path` against a `ReleasedUnit`, as `grade`."""
    return grade(handed_in(path), unit, seed, settings)


def grade(
    handed: HandedIn,
    unit: ReleasedUnit,
    seed: int | None = None,
    settings: Settings | None = None,
) -> Result:
    """Grade what was `HandedIn` against a `ReleasedUnit`; always returns a `Result`.

    seed: of the hidden tests' inputs; a fresh one by default. settings: the sandbox's. Raises
    `SandboxError` when this host can't run kernels: that costs no student anything.
    """
    seed = fresh_seed() if seed is None else seed
    settings = settings or unit.settings()
    work, start = Work(handed, unit, seed, settings), time.monotonic()
    try:
        for stage in STAGES:
            stage(work)
    except Unreadable as reason:
        return ungraded(unit, str(reason), seed, notes=handed.notes)
    except SandboxError:
        raise
    except Exception as error:  # a fault of ours; it must not stop the others
        logging.getLogger(__name__).exception("grading %s failed", handed.name)
        return failure(unit, error, seed)
    seconds = {**work.seconds, "total": round(time.monotonic() - start, 3)}
    return _result(unit, work.notebook, seed, work.notes, work.repairs, seconds)


def ungraded(
    unit: ReleasedUnit, reason: str, seed: int, failed: bool = False, notes: Iterable[str] = ()
) -> Result:
    """The `Result` of what can't be graded: no points, and the reason in every grade cell."""
    notebook = copy.deepcopy(unit.notebook)
    for cell in _grades(notebook):
        if cell.cell_type == "code":
            cell.outputs = [error_output(CheckFailed(reason))]
    return _result(unit, notebook, seed, [reason, *notes], failed=failed)


def failure(unit: ReleasedUnit, error: Exception, seed: int) -> Result:
    """The `Result` where the autograder itself failed."""
    text = f"not graded, the autograder failed: {type(error).__name__}: {error}"
    return ungraded(unit, one_line(text), seed, failed=True)


def _result(unit, notebook, seed, notes, repairs=(), seconds=None, failed=False):
    notebook.metadata[METADATA] = {"seed": seed, "notes": notes, "repairs": [*repairs]}
    return Result(
        assignment=unit.assignment,
        notebook_name=unit.topic,
        points=unit.points,
        messages=_messages(notebook),
        repairs=[*repairs],
        notes=notes,
        seed=seed,
        seconds=seconds or {"total": 0.0},
        versions=_versions(),
        notebook=notebook,
        failed=failed,
    )


def _text(notebook):
    """A notebook as JSON: as nbformat writes it, but each of the outermost values on one line.

    Writing a line for everything takes five times as long.
    """
    values = {key: json.dumps(value, ensure_ascii=False) for key, value in notebook.items()}
    return "{\n" + ",\n".join(f' "{key}": {values[key]}' for key in sorted(values)) + "\n}\n"


def _is_recorded(cell):
    return is_grade(cell) or is_solution(cell) or is_task(cell)


def _grades(notebook):
    return [cell for cell in notebook.cells if is_grade(cell)]


def _messages(notebook):
    """{question: what its grade cell says} where something is missing."""
    found = {}
    for cell in _grades(notebook):
        errors = [one for one in cell.get("outputs", []) if one.output_type == "error"]
        if errors:
            found[cell.metadata.nbgrader.grade_id] = "\n".join(errors[-1].traceback)
    return found


@lru_cache(maxsize=1)
def _versions():
    packages = ("convnet-workbook", "ipython", "nbgrader", "numpy")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}
