"""The first tier: bubblewrap's arguments, and whether they work here.

The sandbox has no network, sees the system and this Python read-only, and has a home, /tmp and
/dev/shm of limited size that vanish with it. Neither the course nor the autograder nor a
forbidden library is in view.
"""

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from autograder.engine.walls.command import Command, in_memory, unused_uid
from autograder.engine.walls.program import bubblewrap_program
from autograder.engine.walls.sandbox import HOME, IN_MEMORY, SandboxError, Settings, environment
from autograder.engine.walls.seccomp import filter_program
from autograder.engine.walls.views import (
    ETC,
    SOURCE,
    SYSTEM,
    font_lists,
    hidden_paths,
    python_folders,
    within,
)

INSIDE = "/opt/kernel"  # our side of the wire, read-only
SETPRIV = "/usr/bin/setpriv"

# Ways to start bubblewrap, the first that works is taken. Root needs no namespace of users, and
# each sandbox then has a user of its own outside, too. Root without the right to make namespaces
# becomes that user first.
AS_ROOT, AS_USER, LOWERED = "as root", "as a user", "as a user that root became"


@lru_cache(maxsize=1)
def way():
    """How sandboxes are made on this host; raises `SandboxError` where they can't be."""
    reasons = []
    for one in [AS_ROOT, LOWERED] if os.geteuid() == 0 else [AS_USER]:
        reason = _problem(one)
        if reason is None:
            return one
        reasons.append(reason)
    raise SandboxError(f"bubblewrap can't make a sandbox here: {reasons[0]}")


def _problem(way):
    """Why a sandbox can't be made in this way; None where it can."""
    command = _bubblewrap(Settings(), ["/usr/bin/env", "true"], way)
    numbers = [file.fileno() for file in command.files]
    done = subprocess.run(command.arguments, pass_fds=numbers, capture_output=True, text=True)
    command.close()
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"])[0]


def kernel_command(settings: Settings, channel: int) -> Command:
    """The `Command` for one kernel that holds the file descriptor `channel`."""
    launcher = [sys.executable, "-I", "-X", "faulthandler"]
    command = [*launcher, f"{INSIDE}/server.py", str(channel)]
    return _bubblewrap(settings, command, way())


def template_command(settings: Settings, lines: list[int]) -> tuple[Command, dict]:
    """(`Command`, orders) for a template process that holds the file descriptors `lines`.

    The orders are what it reads first. Each of its children makes the walls that bubblewrap would
    have made around a kernel, so the template itself may still make them.
    """
    folders = dict.fromkeys(IN_MEMORY, settings.limits.scratch)
    shown = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable)]
    if any(within(str(path), folders) for path in shown):
        raise SandboxError(f"{sys.prefix} lies in a folder that each kernel has for itself")
    kept = [f"{HOME}/.matplotlib/{path.name}" for path in font_lists()]
    orders = {
        "modules": settings.preload,
        "folders": folders,
        "kept": kept,
        "home": HOME,
        "filter": (filter_program() or b"").hex(),
    }
    command = [sys.executable, "-I", "-X", "faulthandler", f"{INSIDE}/template.py"]
    command += map(str, lines)
    return _bubblewrap(settings, command, way(), template=True), orders


def _bubblewrap(settings, command, way, template=False):
    """`command` inside bubblewrap; template: keep what it takes to make walls of one's own."""
    program = bubblewrap_program()
    options = _options(settings, way, template)
    files = [in_memory(b"\0".join(map(os.fsencode, options)) + b"\0")]
    # Through a file, for the command line of a process can be read from inside.
    arguments = [program, "--args", str(files[0].fileno())]
    program_filter = None if template else filter_program()
    if program_filter:
        files.append(in_memory(program_filter))
        arguments += ["--seccomp", str(files[1].fileno())]
    inside = _drop_root(unused_uid()) if way == AS_ROOT and not template else []
    outside = _drop_root(unused_uid()) if way == LOWERED else []
    return Command([*outside, *arguments, "--", *inside, *command], {}, files)


def _options(settings, way, template):
    limits = settings.limits
    scratch = ["--perms", "0777", "--size", str(limits.scratch), "--tmpfs"]
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--die-with-parent", "--new-session", "--clearenv"]
    if way != AS_ROOT:
        options += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        options += [] if template else ["--disable-userns"]
    large_pages = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"} if template else {}
    for name, value in (environment(HOME) | large_pages).items():
        options += ["--setenv", name, value]
    options += _system_view()
    options += ["--proc", "/proc", "--dev", "/dev", *_no_memory_without_a_folder()]
    options += [part for folder in IN_MEMORY for part in (*scratch, folder)]
    options += _python_view(settings)  # after /tmp, where this Python may lie
    options += _font_list()
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]


def _no_memory_without_a_folder():
    """/dev/zero, mapped, is memory that processes share and nobody can count."""
    return ["--dev-bind", "/dev/null", "/dev/zero"]


def _system_view():
    options = ["--ro-bind", "/usr", "/usr"]
    for path in SYSTEM:
        if os.path.islink(path):
            options += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            options += ["--ro-bind", path, path]
    for path in ETC:
        options += ["--ro-bind-try", path, path]
    return options


def _python_view(settings):
    """This Python and its packages, less what the kernel may not see; outer folders first."""
    shown = python_folders()
    steps = {path: ["--ro-bind", path, path] for path in shown}
    steps |= {path: _cover(path) for path in hidden_paths(settings)}
    steps[INSIDE] = ["--ro-bind", str(SOURCE), INSIDE]
    options = []
    for path in sorted(steps, key=lambda path: path.count("/")):
        for parent in reversed(Path(path).parents):
            seen = within(str(parent), ["/usr", *shown])
            options += [] if seen else ["--perms", "0755", "--dir", parent]
        options += steps[path]
    return list(map(str, options))


def _cover(path):
    """Nothing where `path` is."""
    if os.path.isdir(path):
        return ["--perms", "0755", "--size", "4096", "--tmpfs", path, "--remount-ro", path]
    return ["--ro-bind", "/dev/null", path]


def _font_list():
    """matplotlib's list of fonts: making it anew costs each kernel a second or more."""
    folder = f"{HOME}/.matplotlib"
    options = ["--perms", "0777", "--dir", folder]
    for path in font_lists():
        options += ["--ro-bind", str(path), f"{folder}/{path.name}"]
    return options


def _drop_root(uid):
    user = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    rights = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    return [SETPRIV, *user, *rights, "--"]
