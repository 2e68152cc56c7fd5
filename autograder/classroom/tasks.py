"""What goes to a worker and what it does with it; both ends may be different machines."""

import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime

from autograder.classroom.keys import project_digest
from autograder.engine.grade import grade
from autograder.engine.reading.intake import HandedIn
from autograder.engine.walls.sandbox import SandboxError, Settings
from autograder.engine.walls.tiers import ensure_walls

UNITS = 4  # released units that a worker keeps; each takes a few MB
STUCK = 70  # exit code of a worker that got stuck


@dataclass(frozen=True)
class Task:
    """One submission to grade: all that a worker needs but the released unit."""

    student: str
    unit: str  # digest of the released unit
    handed: HandedIn
    project: str  # digest of our sources, which have to be the worker's, too
    seed: int
    settings: Settings
    key: str  # of the result; for the main process
    timestamp: datetime | None  # of the hand-in; for the main process


_units = {}  # digest -> ReleasedUnit
_one_at_a_time = threading.Lock()  # judging captures stdout, and that is the process's


def grade_task(task, unit=None):
    """The `Result` of a task; None where this worker needs the `ReleasedUnit` with it first.

    So a unit goes to each worker about once, with any executor. Raises `SandboxError` where
    this host can't run kernels, or has another version of the project. A worker that hangs
    long after all limits ends itself.
    """
    with _one_at_a_time:
        if task.project != project_digest():
            raise SandboxError(
                f"the worker on {socket.gethostname()} has another version of the project\n"
                "  install the same one there"
            )
        unit = _known(task.unit, unit)
        if unit is None:
            return None
        ensure_walls(task.settings)
        patience = 2 * task.settings.limits.notebook_seconds + 60
        stuck = threading.Timer(patience, os._exit, [STUCK])
        stuck.daemon = True
        stuck.start()
        try:
            return grade(task.handed, unit, task.seed, task.settings).packed()
        finally:
            stuck.cancel()


def _known(digest, unit):
    """The unit from this worker's memory, after putting `unit` there if it came along."""
    if unit is not None and digest not in _units:
        while len(_units) >= UNITS:
            del _units[next(iter(_units))]
        _units[digest] = unit
    return _units.get(digest)
