"""One submission in, one result out: no gradebook, no state, no exception for what came in."""

import copy
import logging
import platform
import time
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.metadata import version

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade, is_solution, is_task

from autograder.engine.intake import Unreadable, handed_in, one_line
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
    `failed` says that the autograder is to blame, not the submission: it has to be graded again.
    Once it is `packed`, `text` is the graded notebook and `notebook` only what scores come from.
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
    failed: bool = False
    text: str = ""

    def as_dict(self):
        """All but the notebook, ready for JSON."""
        return {
            key: value for key, value in asdict(self).items() if key not in ("notebook", "text")
        }

    def packed(self):
        """The same, ready to be written: what takes time is done, what travels is small."""
        if self.text:
            return self
        small = NotebookNode(self.notebook, cells=list(filter(_is_recorded, self.notebook.cells)))
        return replace(self, notebook=small, text=nbformat.writes(self.notebook))


def grade_submission(path, unit, seed=None, settings=None, below=None):
    """Grade the notebook file `path` against a `ReleasedUnit`; always returns a `Result`.

    below: the folder of all submissions, under which no link is followed. The rest is as in
    `grade`.
    """
    return grade(handed_in(path, below), unit, seed, settings)


def grade(handed, unit, seed=None, settings=None):
    """Grade what was `HandedIn` against a `ReleasedUnit`; always returns a `Result`.

    seed: of the hidden tests' inputs; a fresh one by default. settings: the sandbox's. Raises
    `SandboxError` when this host can't run kernels, which is nobody's zero.
    """
    seed = fresh_seed() if seed is None else seed
    settings = settings or Settings(rules=unit.rules, hidden=unit.hidden)
    start = time.monotonic()
    try:
        submission = handed.submission()
        notebook, repairs = repair(submission, unit.notebook)
        run = NotebookRun(notebook, unit, settings, seed)
        run.run()
        notes = [*submission.notes, *run.notes, *handed.notes]
    except Unreadable as reason:
        return ungraded(unit, str(reason), seed, notes=handed.notes)
    except SandboxError:
        raise
    except Exception as error:  # a fault of ours; it must not stop the others
        logging.getLogger(__name__).exception("grading %s failed", handed.name)
        return failure(unit, error, seed)
    seconds = {**run.seconds, "total": round(time.monotonic() - start, 3)}
    return _result(unit, notebook, seed, notes, repairs, seconds)


def ungraded(unit, reason, seed, failed=False, notes=()):
    """The `Result` of what can't be graded: no points, and the reason in every grade cell."""
    notebook = copy.deepcopy(unit.notebook)
    for cell in _grades(notebook):
        if cell.cell_type == "code":
            cell.outputs = [error_output(CheckFailed(reason))]
    return _result(unit, notebook, seed, [reason, *notes], failed=failed)


def failure(unit, error, seed):
    """The `Result` where the autograder itself failed."""
    text = f"not graded, the autograder failed: {type(error).__name__}: {error}"
    return ungraded(unit, one_line(text), seed, failed=True)


def _result(unit, notebook, seed, notes, repairs=(), seconds=None, failed=False):
    notebook.metadata[METADATA] = {"seed": seed, "notes": notes, "repairs": [*repairs]}
    return Result(
        assignment=unit.assignment,
        notebook_name=unit.topic,
        scores={c.metadata.nbgrader.grade_id: determine_grade(c)[0] for c in _grades(notebook)},
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
    packages = ("convnet-workbook", "ipykernel", "nbgrader", "numpy")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}
