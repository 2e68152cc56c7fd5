"""Tells what this host offers for grading, by trying it in a real sandbox."""

import os
import platform
import time
from dataclasses import dataclass

from autograder.engine.kernel import Kernel
from autograder.engine.limits import Limits
from autograder.engine.sandbox import SandboxError, Settings, ensure_walls
from autograder.engine.seccomp import filter_program
from autograder.engine.warm import Forked, preloaded


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    good: bool
    text: str


# What is tried inside: a sentence, and an expression that is true where the wall holds.
PROBES = {
    "no network": "not can(lambda: socket.create_connection(('192.0.2.1', 80), 1))",
    "no sockets to the host of a virtual machine": "not can(lambda: socket.socket(40, 1))",
    "the course is not in view": "not os.path.exists({root!r} + '/nbgrader_config.py')",
    "the autograder is not in view": "not can(lambda: __import__('autograder'))",
    "the system is read-only": "not any(can(lambda: open(d + '/probe', 'w')) for d in {places})",
    "no rights of root": "os.getuid() != 0 or not can(lambda: os.chroot('/'))",
    "no way to make new namespaces": "ctypes.CDLL(None).unshare(0x10000000) == -1",
    "other processes are out of sight": "len([p for p in os.listdir('/proc') if p.isdigit()]) < 9",
    "the number of processes is limited": "resource.getrlimit(resource.RLIMIT_NPROC)[1] == {nproc}",
    "scratch space is limited": "shutil.disk_usage(os.getcwd()).total <= {scratch}",
}
SETUP = """
import ctypes, os, resource, shutil, socket
def can(action):
    try:
        action()
    except (OSError, ImportError):
        return False
    return True
"""


def examine(course):
    """`Finding`s about this host, most basic first; stops at what makes the rest impossible."""
    findings = [Finding(True, f"{platform.system()} {platform.release()}, {_user()}")]
    try:
        ensure_walls()
        findings.append(Finding(True, "bubblewrap makes sandboxes"))
        findings += _tried(course)
    except SandboxError as problem:
        findings.append(Finding(False, str(problem)))
    if filter_program() is None:
        machine = platform.machine()
        findings.append(Finding(False, f"no filter of system calls for {machine} processors"))
    return findings


def _user():
    return "as root: each sandbox gets a user of its own" if os.geteuid() == 0 else "as a user"


def _tried(course):
    limits, hidden = Limits(), (str(course.root),)
    yield from _probed(Settings(limits, hidden=hidden), "a kernel", course)
    warm = Settings(limits, hidden=hidden, preload=preloaded(()))
    with Kernel(warm):  # its template starts with the first
        yield from _probed(warm, "a warm kernel", course)


def _probed(settings, what, course):
    """Findings from inside one kernel."""
    limits = settings.limits
    filled = {"root": str(course.root), "places": ["/", "/usr", "/dev", "/run"]}
    filled |= {"nproc": limits.processes, "scratch": limits.scratch}
    start = time.monotonic()
    with Kernel(settings) as kernel:
        cold = "" if isinstance(kernel.provisioner.process, Forked) or not settings.preload else (
            " (cold: a fork of a warm process can't make its walls here)"
        )  # fmt: skip
        yield Finding(True, f"{what} starts in {time.monotonic() - start:.2f} s{cold}")
        kernel.run(SETUP, limits.cell_seconds)
        for text, expression in PROBES.items():
            outputs = kernel.run(f"print({expression.format(**filled)})", limits.cell_seconds)
            held = [one.get("text") for one in outputs] == ["True\n"]
            text = f"{what}: {text}"
            yield Finding(held, text if held else f"{text}: this wall does not hold: {outputs}")
