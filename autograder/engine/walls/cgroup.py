"""A control group of memory around a kernel, where this process may make one.

The watch looks ten times a second and counts as well as it can from outside. Linux itself counts
everything at each page, so where groups are delegated to this user it holds the bound as well:
what grows faster than the watch looks, or in a way that it doesn't know, ends there. See
cgroups(7); both versions are known, of the second what systemd delegates to a user's programs.
"""

import atexit
import contextlib
import itertools
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PREFIX = "autograder-"
ROOM = 1.25  # times the limit: the watch comes first where it can, for it knows whose doing it was
NAMES = {  # version: the files of a limit, of swapping, of how often it was enforced
    1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control"),
    2: ("memory.max", "memory.swap.max", "memory.events"),
}
ROOT = Path("/sys/fs/cgroup")
_numbers, _to_remove = itertools.count(), []


@dataclass(frozen=True)
class Delegated:
    """A folder in which this process may make groups."""

    folder: Path
    version: int


class Group:
    """The control group of one kernel."""

    def __init__(self, where: Delegated, memory: int):
        """Make it; raises `OSError` where that isn't possible. memory: bytes."""
        self.limit, self.swap, self.events = NAMES[where.version]
        self.folder = where.folder / f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        self.folder.mkdir()
        most = int(memory * ROOM)
        self._write(self.limit, most)
        with contextlib.suppress(OSError):  # a host without swap may lack the file
            self._write(self.swap, 0 if where.version == 2 else most)  # version 1 counts both

    def take(self, pids: list[int]) -> None:
        """Move processes into it; what they start from then on is in it, too."""
        for pid in pids:
            with contextlib.suppress(OSError):  # it has ended
                self._write("cgroup.procs", pid)

    def enforced(self) -> bool:
        """Whether Linux ended a process of it because of the limit."""
        kills = re.search(r"^oom_kill (\d+)", _read(self.folder / self.events), re.MULTILINE)
        return kills is not None and int(kills[1]) > 0

    def remove(self) -> None:
        """Remove it, now or when the next one is made: its processes may still be ending."""
        _to_remove.append(self.folder)
        remove_ended()

    def _write(self, name, value):
        (self.folder / name).write_text(f"{value}", encoding="ascii")


def new_group(memory: int) -> Group | None:
    """A group for a kernel that may use so many bytes; None where there can be none."""
    remove_ended()
    with contextlib.suppress(OSError):
        return Group(where, memory) if (where := delegated()) else None
    return None


@atexit.register
def remove_ended() -> None:
    """Remove the groups of closed kernels whose processes have all ended."""
    for folder in list(_to_remove):
        with contextlib.suppress(OSError):
            folder.rmdir()
            _to_remove.remove(folder)


@lru_cache(maxsize=1)
def delegated() -> Delegated | None:
    """Where this process may make groups of memory and move its children there: that is tried."""
    for where in candidates():
        if _works(where):
            _sweep(where.folder)
            return where
    return None


def candidates() -> Iterator[Delegated]:
    """This process's own group and those above it, nearest first."""
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            yield Delegated(ROOT / "memory" / path.strip("/"), 1)
        elif not controllers:
            own = ROOT / path.strip("/")
            above = [one for one in (own, *own.parents) if one.is_relative_to(ROOT)]
            yield from (Delegated(one, 2) for one in above)


def _works(where):
    if where.version == 2 and "memory" not in _read(where.folder / "cgroup.subtree_control"):
        return False
    try:
        group = Group(where, 2**30)
    except OSError:
        return False
    with subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL) as child:
        group.take([child.pid])
        moved = group.folder.name in _read(Path(f"/proc/{child.pid}/cgroup"))
        child.kill()
    group.remove()
    return moved


def _sweep(folder):
    """Remove what killed graders have left; a group with a process in it can't be removed."""
    for group in folder.glob(f"{PREFIX}*"):
        owner = group.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                group.rmdir()


def _read(path):
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
