"""Tells what this host offers for grading, by trying it in a real sandbox."""

import os
import platform
import socket
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.engine.limits import Limits
from autograder.engine.walls.hosts import is_linux, remedy
from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.program import bubblewrap_program, version_of, written
from autograder.engine.walls.sandbox import BUBBLEWRAP, FENCE, SandboxError, Settings
from autograder.engine.walls.started import StartedWarm
from autograder.engine.walls.tiers import BACKENDS, STRONGEST_FIRST, backend_of
from autograder.engine.walls.warm import preloaded

LONGEST = 70  # characters of a folder in which a socket can still have a name


@dataclass(frozen=True)
class Finding:
    """One thing that was tried; `good` is None where it is something to know."""

    good: bool | None
    text: str


# What is tried inside: a sentence, and an expression that is true where the wall holds.
PROBES = {
    "no network": "not can(lambda: socket.create_connection(('192.0.2.1', 80), 1))",
    "no sockets to the host of a virtual machine": "not can(lambda: socket.socket(40, 1))",
    "no sockets of other programs": "not can(lambda: connect({socket!r}))",
    "the course can't be read": "not can(lambda: open({file!r}))",
    "the autograder can't be imported": "not can(lambda: __import__('autograder.cli'))",
    "the system is read-only": "not any(can(lambda: open(d + '/probe', 'w')) for d in {places})",
    "no rights of root": "os.getuid() != 0 or not can(lambda: os.chroot('/'))",
    "no way to make new namespaces": "not in_a_fork(new_namespace)",
    "the number of processes is limited": "0 < processes_allowed() <= {processes}",
}
PROBES_OF = {  # what only one tier promises
    BUBBLEWRAP: {
        "the course is not in view": "not os.path.exists({file!r})",
        "other processes are out of sight": "2 <= len(processes()) < 9",
        "scratch space is limited": "shutil.disk_usage(os.getcwd()).total <= {scratch}",
    },
    FENCE: {
        "other processes are out of sight": "not can(processes)",
        "other processes can't be signalled": "not can(lambda: os.kill({pid}, 0))",
        "rights of files stay as they are": "os.chmod({file!r}, 0) is None and os.stat({file!r})"
        ".st_mode & 0o777 != 0",
        "limits of other processes stay": "not can(lambda: resource.prlimit({pid}, 0))",
        "no memory shared with other programs": "ctypes.CDLL(None).shmget(0, 4096, 0o1600) == -1",
    },
}
SETUP = """
import ctypes, os, resource, shutil, socket
def can(action):
    try:
        action()
    except (OSError, ImportError):
        return False
    return True
def connect(path):
    socket.socket(socket.AF_UNIX).connect(path)
def in_a_fork(action):
    pid = os.fork()  # one thread, as a namespace of users wants it
    if pid == 0:
        os._exit(0 if action() else 1)
    return os.waitpid(pid, 0)[1] == 0
def new_namespace():
    return ctypes.CDLL(None).unshare(0x10000000) == 0
def processes_allowed():
    return resource.getrlimit(resource.RLIMIT_NPROC)[1]
def processes():
    return [name for name in os.listdir('/proc') if name.isdigit()]
"""


def examine(hidden: Iterable[str] = ()) -> list[Finding]:
    """`Finding`s about this host, most basic first; stops at what makes the rest impossible.

    hidden: folders that no kernel may see, such as the course's.
    """
    findings = [Finding(True, f"{platform.system()} {platform.release()}, {_user()}")]
    try:
        backend = backend_of()
    except SandboxError as problem:
        return [*findings, Finding(False, str(problem))]
    for stronger in STRONGEST_FIRST[: STRONGEST_FIRST.index(backend)]:
        findings.append(Finding(None, f"not the first tier of walls: {_reason(stronger)}"))
    findings.append(Finding(True, f"{backend.title}{_version(backend)}"))
    findings += _tried(backend, tuple(hidden))
    return findings + [Finding(None, f"not held by these walls: {one}") for one in backend.lacks()]


def _user():
    if not is_linux():
        return "where no kernel can be walled in"
    return "as root: each sandbox gets a user of its own" if os.geteuid() == 0 else "as a user"


def _reason(backend):
    try:
        backend.ensure()
    except SandboxError as problem:
        return f"{problem}\n  {remedy(str(problem))}"
    return "it works now"


def _version(backend):
    if backend.name != BUBBLEWRAP:
        return ""
    program = bubblewrap_program()
    return f": {program}, {written(version_of(program))}"


def _tried(backend, hidden):
    settings = Settings(Limits(), hidden=hidden, walls=backend.name)
    yield from _probed(settings, "a kernel")
    if backend is BACKENDS[BUBBLEWRAP]:
        warm = Settings(Limits(), hidden=hidden, walls=backend.name, preload=preloaded(()))
        with Kernel(warm):  # its template starts with the first
            yield from _probed(warm, "a warm kernel")


def _probed(settings, what):
    """Findings from inside one kernel."""
    limits, start = settings.limits, time.monotonic()
    with Landmarks(settings.hidden) as marks, Kernel(settings) as kernel:
        warm = isinstance(kernel.started, StartedWarm)
        cold = " (cold: a fork of a warm process can't make its walls here)"
        yield Finding(
            True,
            f"{what} starts in {time.monotonic() - start:.2f} s"
            f"{cold if settings.preload and not warm else ''}",
        )
        most = kernel.started.limits(limits)["RLIMIT_NPROC"]
        filled = marks.places | {"processes": most + 50, "scratch": limits.scratch}
        kernel.run(SETUP, limits.cell_seconds)
        for text, expression in (PROBES | PROBES_OF[settings.walls]).items():
            outputs = kernel.run(f"print({expression.format(**filled)})", limits.cell_seconds)
            held = [one.get("text") for one in outputs] == ["True\n"]
            text = f"{what}: {text}"
            yield Finding(held, text if held else f"{text}: this wall does not hold: {outputs}")


class Landmarks:
    """A file and a socket of the grader's for probes to reach for; they can be reached from here.

    They lie in the first of `hidden` where that can be written to, for it is what must be safe.
    """

    def __init__(self, hidden):
        fitting = (one for one in hidden if os.access(one, os.W_OK) and len(one) < LONGEST)
        where = next(fitting, None)
        self.folder = tempfile.TemporaryDirectory(prefix="doctor-", dir=where)
        self.file, path = Path(self.folder.name, "file"), f"{self.folder.name}/socket"
        self.places = {"file": str(self.file), "socket": path, "pid": os.getpid()}
        self.places["places"] = ["/", "/usr", "/dev", "/run", self.folder.name]

    def __enter__(self):
        self.file.write_text("the grader's", encoding="utf-8")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.places["socket"])
        self.socket.listen()
        for path in (self.folder.name, *Path(self.folder.name).iterdir()):
            os.chmod(path, 0o755)  # rights alone wouldn't keep another user out
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.folder.cleanup()
