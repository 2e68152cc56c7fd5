"""One submission in, one result out: no gradebook, no state, no exception for what came in."""

import copy
import logging
import platform
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version

from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade

from autograder.engine.intake import Unreadable, one_line, read_submission
from autograder.engine.judge import error_output
from autograder.engine.repair import repair
from autograder.engine.run import NotebookRun
from autograder.engine.sandbox import SandboxError, Settings
from autograder.hidden import fresh_seed
from coursekit.checks.core import CheckFailed

METADATA = "autograder"  # where the graded notebook keeps what the table and the page show


@dataclass(frozen=True)
class Result:
    """What grading one submission gave.

    `scores` holds None for what a person has to grade. `messages` are what the student is told
    where points are missing, `repairs` and `notes` what the instructor is. `seconds` are wall
    times. `notebook` is the graded notebook, with the outputs that nbgrader reads scores from.
    """

    assignment: str
    notebook_name: str
    scores: dict[str, float | None]
    points: dict[str, float]
    messages: dict[str, str]
    repairs: list[str]
    notes: list[str]
    seed: int
    seconds: dict[str, float]
    versions: dict[str, str]
    notebook: NotebookNode

    def as_dict(self):
        """All but the notebook, ready for JSON."""
        return {key: value for key, value in asdict(self).items() if key != "notebook"}


def grade_submission(path, unit, seed=None, settings=None, below=None):
    """Grade the notebook file `path` against a `ReleasedUnit`; always returns a `Result`.

    seed: of the hidden tests' inputs; a fresh one by default. settings: the sandbox's. below:
    the folder of all submissions, under which no link is followed. Raises `SandboxError` when
    this host can't run kernels, which is nobody's zero.
    """
    seed = fresh_seed() if seed is None else seed
    settings = settings or Settings(rules=unit.rules, hidden=unit.hidden)
    start = time.monotonic()
    repairs, seconds = [], {}
    try:
        submission = read_submission(path, below)
        notebook, repairs = repair(submission, unit.notebook)
        run = NotebookRun(notebook, unit, settings, seed)
        run.run()
        notes, seconds = [*submission.notes, *run.notes], run.seconds
    except Unreadable as reason:
        notebook, notes = _ungraded(unit, str(reason)), [str(reason)]
    except SandboxError:
        raise
    except Exception as error:  # a fault of ours; it must not stop the others
        logging.getLogger(__name__).exception("grading %s failed", path)
        reason = one_line(f"not graded, the autograder failed: {type(error).__name__}: {error}")
        notebook, notes = _ungraded(unit, reason), [reason]
    notebook.metadata[METADATA] = {"seed": seed, "notes": notes, "repairs": repairs}
    return Result(
        assignment=unit.assignment,
        notebook_name=unit.topic,
        scores={c.metadata.nbgrader.grade_id: determine_grade(c)[0] for c in _grades(notebook)},
        points=unit.points,
        messages=_messages(notebook),
        repairs=repairs,
        notes=notes,
        seed=seed,
        seconds={**seconds, "total": round(time.monotonic() - start, 3)},
        versions=_versions(),
        notebook=notebook,
    )


def _grades(notebook):
    return [cell for cell in notebook.cells if is_grade(cell)]


def _ungraded(unit, reason):
    """The released notebook with no points for anything, and the reason in every grade cell."""
    notebook = copy.deepcopy(unit.notebook)
    for cell in _grades(notebook):
        if cell.cell_type == "code":
            cell.outputs = [error_output(CheckFailed(reason))]
    return notebook


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
    packages = ("convnet-workbook", "ipykernel", "nbgrader", "numpy")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}
