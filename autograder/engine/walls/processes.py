"""Processes by their ids, read from /proc: children, and the end."""

import contextlib
import os
import signal
from pathlib import Path

EXITING = 4  # of a process's flags


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


def is_ending(pid: int) -> bool:
    """Whether a process is about to end; its files may be closed before it is seen to be gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # gone, or a system without /proc
        return False
    return bool(int(fields[6]) & EXITING)


def end_all(process):
    """End a `Popen` that leads a group, and its group where the system has groups."""
    if hasattr(os, "killpg"):
        kill(-process.pid)
    process.kill()
