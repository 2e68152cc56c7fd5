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


SLEEPING = frozenset("SIZX")  # states of /proc/<pid>/stat: what neither runs nor would if it could
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def time_used(pids: list[int]) -> tuple[float | None, bool]:
    """(seconds that these processes have computed, whether all their threads wait).

    What children that have ended computed counts where their parent waited for them. None where
    this host can't tell.
    """
    found = [_stat(f"/proc/{one}/stat") for one in pids]
    found = {pid: stat for pid, stat in zip(pids, found, strict=True) if stat}
    if not found:
        return _time_without_proc(pids), False
    seconds = sum(sum(map(int, stat[11:15])) for stat in found.values()) / TICKS
    return seconds, all(_asleep(pid, stat) for pid, stat in found.items())


def _stat(path):
    """The fields of such a file from the state on; none where the process has ended."""
    try:
        return Path(path).read_bytes().rpartition(b")")[2].decode().split()
    except OSError:
        return []


def _asleep(pid, stat):
    if stat[0] not in SLEEPING or stat[17] == "1":  # number of threads
        return stat[0] in SLEEPING
    threads = []
    with contextlib.suppress(OSError):
        threads = os.listdir(f"/proc/{pid}/task")
    states = (_stat(f"/proc/{pid}/task/{one}/stat")[:1] for one in threads)
    return all(SLEEPING.issuperset(state) for state in states)


def _time_without_proc(pids):
    """Seconds that the processes and their children computed, on macOS and Windows."""
    try:
        import psutil  # Jupyter brings it along
    except ImportError:
        return None
    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            for one in [process, *process.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += sum(one.cpu_times()[:2])
    return total


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
