"""How much memory a sandbox holds, also what no process of it has mapped.

Counted are what its processes have resident, swapped out and in tables of pages, what its folders
in memory hold, and for each open file and socket what may wait in its buffer at most. What can't
be counted so is refused by the filter of system calls (`seccomp.py`).
"""

import contextlib
import os
from pathlib import Path

WAITING = 256 * 1024  # bytes that may wait in a pipe or a socket: Linux' ordinary limit is 208 KiB
EMPTY_FILE = 1024  # bytes that a file in memory takes when nothing is in it
OF_A_PROCESS = ("VmRSS", "VmSwap", "VmPTE")  # in /proc/<pid>/status
SHARES = ("Pss", "SwapPss")  # in /proc/<pid>/smaps_rollup


def memory_by_process(pids: list[int], enough: int) -> dict[int, int]:
    """{process id: bytes of memory} of these processes.

    Resident sizes count shared pages, and open files those that were inherited, once for each
    process; only where the sum is more than `enough` are the true shares looked up, which takes
    longer.
    """
    held = {one: _held(one) + WAITING * _count(one) for one in pids}
    if sum(held.values()) <= enough:
        return held
    seen = set()
    return {one: _share(one) + WAITING * _files_of_its_own(one, seen) for one in pids}


def memory_of_folders(folders: list[int]) -> int:
    """Bytes that the file systems in memory hold below these open folders."""
    total = 0
    for folder in folders:
        found = os.statvfs(folder)
        total += (found.f_blocks - found.f_bfree) * found.f_frsize
        total += (found.f_files - found.f_ffree) * EMPTY_FILE
    return total


def memory_of_sockets(pid: int) -> int:
    """Bytes that may wait in all sockets of the network that a process sees.

    Connections that nobody has accepted yet are among them, which are no process's open files.
    """
    with contextlib.suppress(OSError):
        return WAITING * (Path(f"/proc/{pid}/net/unix").read_bytes().count(b"\n") - 1)
    return 0  # it has ended, and its sandbox with it


def _held(pid):
    return _sum(f"/proc/{pid}/status", OF_A_PROCESS)


def _share(pid):
    """Its share of what it holds; all of it where that can't be known."""
    share = _sum(f"/proc/{pid}/smaps_rollup", SHARES)
    return share + _sum(f"/proc/{pid}/status", ("VmPTE",)) if share else _held(pid)


def _sum(path, names):
    """Bytes, from lines such as `VmRSS:  12 kB`; 0 where the process has ended."""
    total = 0
    with contextlib.suppress(OSError):
        for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            total += int(value.split()[0]) * 1024 if name in names else 0
    return total


def _count(pid):
    """How many files a process has open."""
    with contextlib.suppress(OSError):
        folder = f"/proc/{pid}/fd"
        return os.stat(folder).st_size or len(os.listdir(folder))  # 0 before Linux 6.2
    return 0


def _files_of_its_own(pid, seen):
    """How many of its open files are in none of the processes before; adds them to `seen`."""
    count, folder = 0, f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        for number in os.listdir(folder):
            with contextlib.suppress(OSError):
                name = os.readlink(f"{folder}/{number}")
                count += name not in seen
                if not name.startswith("anon_inode:"):  # they have no name of their own
                    seen.add(name)
    return count
