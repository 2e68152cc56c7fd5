"""Processes by their ids, read from /proc: children, memory, the end."""

import contextlib
import os
import signal
from pathlib import Path


def children(pid: int) -> list[int]:
    """Ids of the processes that `pid` started, from any of its threads."""
    found = []
    with contextlib.suppress(OSError):  # it ended meanwhile
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_bytes().split())
    return found


def descendants(pid: int) -> list[int]:
    """Ids of the children of `pid`, their children, and so on."""
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def kill(pid: int) -> None:
    """End a process, or with a negative `pid` a group, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if pid < 0 else os.kill)(abs(pid), signal.SIGKILL)


def end_all(process):
    """End a `Popen` that leads a group, and its group where the system has groups."""
    if hasattr(os, "killpg"):
        kill(-process.pid)
    process.kill()


def memory_by_process(pid: int, enough: int) -> dict[int, int]:
    """{process id: bytes of memory} of a process and all its descendants.

    Resident sizes count shared pages once for each process; only where their sum is more than
    `enough` are the true shares looked up, which takes longer.
    """
    resident = {one: _resident(one) for one in [pid, *descendants(pid)]}
    if sum(resident.values()) <= enough:
        return resident
    return {one: _share(one) for one in resident}


def _resident(pid):
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _share(pid):
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):  # ended, or it hid itself: count all it has
        return _resident(pid)
