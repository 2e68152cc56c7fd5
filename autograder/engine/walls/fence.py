"""The second tier, where namespaces are refused: Landlock, a filter of system calls, limits.

A kernel behind it reads the system and this Python and nothing else, writes into a scratch folder
of its own and nowhere else, has no sockets but those it makes itself, and can neither see nor
signal other processes. As root each kernel has a user of its own; as an ordinary user it shares
the grader's, which Landlock can bear from Linux 6.12 on. What this doesn't hold is in `LACKS`.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from autograder.engine.inside import landlock
from autograder.engine.inside.isolation import READ_AND_SEARCH
from autograder.engine.walls.command import Command, in_memory, unused_uid
from autograder.engine.walls.sandbox import SandboxError, Settings, environment
from autograder.engine.walls.seccomp import filter_program
from autograder.engine.walls.started import Started, launch, new_line
from autograder.engine.walls.temporary import new_folder, remove_folder
from autograder.engine.walls.views import (
    ETC,
    SOURCE,
    SYSTEM,
    all_but,
    font_lists,
    hidden_paths,
    python_folders,
)

ABI_AS_ROOT, ABI_AS_USER = 3, 6  # Linux 6.2 and 6.12
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version")
SMALLEST = 4096  # bytes that a file counts even when it is empty

LACKS = (
    "names, sizes and times of files that it guesses can be asked for, though not read",
    "the host's name, its addresses and the names of its open sockets are known inside",
    "disk space is looked at every tenth of a second, not reserved: a kernel may exceed its"
    " scratch space for that long",
    "/tmp and /dev/shm can't be used, so semaphores between processes can't either",
    "kernels start cold: a torch notebook takes seconds longer",
)
LACKS_AS_USER = (
    "the limit on processes counts all of this user's: one submission may leave others that are"
    " graded at the same time without new processes",
)
LACKS_BELOW_ROOT = (
    "this Python can be read by root alone, so kernels may read what only its owner may: within"
    " the system's folders and this Python's, as ever",
)


def lacks():
    """What these walls don't hold on this host, in words."""
    if os.geteuid() != 0:
        return LACKS + LACKS_AS_USER
    return LACKS + (LACKS_BELOW_ROOT if kept_rights() else ())


@lru_cache(maxsize=1)
def kept_rights():
    """The capabilities that a kernel needs here to read this Python: as a rule none.

    As root its user can't read what lies below /root. Then it keeps the one to read files that
    only their owner may; Landlock still says which. Raises `SandboxError` unless kernels can be
    fenced in on this host, which is tried.
    """
    needed = ABI_AS_ROOT if os.geteuid() == 0 else ABI_AS_USER
    if filter_program() is None:
        raise SandboxError("no filter of system calls for this processor")
    if landlock.abi() < needed:
        raise SandboxError(f"Landlock {needed} is needed, this kernel has {landlock.abi()}")
    for kept in [(), (READ_AND_SEARCH,)] if os.geteuid() == 0 else [()]:
        problem = _problem(kept)
        if problem is None:
            return kept
    raise SandboxError(f"a kernel can't be fenced in: {problem}")


def _problem(kept):
    """Why a process can't be fenced in so that it reads this Python; None where it can."""
    tried = [sys.executable, os.__file__, find_spec("IPython").origin]
    folder = Scratch()
    ours, theirs = new_line()
    with ours, theirs:
        command = _command(Settings(), theirs, folder, kept, tried)
        numbers = [theirs.fileno(), *(file.fileno() for file in command.files)]
        streams = {"capture_output": True, "text": True}
        done = subprocess.run(
            command.arguments, pass_fds=numbers, env=command.environment, **streams
        )
        command.close()
    folder.remove()
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def start(settings):
    """Start a kernel; returns its `Started`."""
    folder = Scratch()
    ours, theirs = new_line()
    with theirs:
        process = launch(
            _command(settings, theirs, folder, kept_rights()), theirs, folder=folder.path
        )
    return StartedFenced(process, ours, folder)


class Scratch:
    """The folder that a kernel may write to: its home and its temporary files."""

    def __init__(self):
        self.path = new_folder("kernel")
        self.uid = unused_uid() if os.geteuid() == 0 else os.geteuid()
        self.temporary = f"{self.path}/tmp"
        fonts = Path(self.path, ".matplotlib")
        for made in (self.temporary, fonts):
            os.mkdir(made)
        for path in font_lists():
            shutil.copy(path, fonts)
        if os.geteuid() == 0:
            for path in (self.path, self.temporary, fonts, *fonts.iterdir()):
                os.chown(path, self.uid, self.uid)

    def bytes(self):
        """What lies in it, by the blocks on disk; a folder that can't be read counts nothing."""
        total = 0
        for folder, _, files in os.walk(self.path):
            for name in files:
                with contextlib.suppress(OSError):
                    total += SMALLEST + os.lstat(os.path.join(folder, name)).st_blocks * 512
        return total

    def remove(self):
        remove_folder(self.path)


def _command(settings, line, folder, kept, tried=()):
    """The `Command` for one kernel. tried: files that are only opened, then it ends."""
    orders = {
        "abi": landlock.abi(),
        "filter": filter_program(fenced=True).hex(),
        "home": folder.path,
        "kept": kept,
        "rules": _rules(settings, folder.path),
        "try": tried,
        "uid": folder.uid,
    }
    file = in_memory(json.dumps(orders).encode())
    launcher = [sys.executable, "-I", "-X", "faulthandler", str(SOURCE / "fence.py")]
    variables = environment(folder.path) | {"TMPDIR": folder.temporary}
    return Command([*launcher, str(line.fileno()), str(file.fileno())], variables, [file])


def _rules(settings, scratch):
    """[(path, rights)]: all that a kernel may do to files."""
    hidden = hidden_paths(settings)
    rules = [(path, landlock.READ) for path in (*SYSTEM, *ETC, *FACTS, str(SOURCE))]
    for folder in ("/usr", *python_folders()):
        for path, whole in all_but(folder, hidden):
            rules.append((path, landlock.READ if whole else landlock.LIST))
    rules += [(path, landlock.USE) for path in DEVICES]
    return [*rules, (scratch, landlock.everything(landlock.abi()))]


class StartedFenced(Started):
    """A kernel in the second tier; its first process ends all that is below it."""

    def __init__(self, process, line, folder):
        super().__init__(process, line)
        self.scratch = folder

    def limits(self, limits):
        """As a user the limit on processes counts those that are there, too."""
        found = limits.of_a_process()
        if os.geteuid() != 0:
            found["RLIMIT_NPROC"] += tasks_of_this_user()
        return found

    def open_folders(self):
        """None: what it can write to lies on disk."""

    def disk(self):
        return self.scratch.bytes()

    def loose(self):
        """Nothing: it can write to no folder in memory, and only its open files hold sockets."""
        return 0

    def end_kernel(self):
        self.process.terminate()

    def close(self):
        super().close()
        self.scratch.remove()


def tasks_of_this_user():
    """How many threads the grader's user has on this host."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == os.geteuid():
                count += len(os.listdir(process / "task"))
        except OSError:  # it has ended meanwhile
            continue
    return count
