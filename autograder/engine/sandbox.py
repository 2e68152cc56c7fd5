"""The walls around a student's kernel: bubblewrap's arguments, and whether they hold here.

The sandbox has no network, sees the system and this Python read-only, and has a home, /tmp and
/dev/shm of limited size that vanish with it. Neither the course nor the autograder nor a
forbidden library is in view.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path

from autograder.engine.limits import Limits
from autograder.engine.seccomp import filter_program

HOME = "/home/student"
SOCKETS = "/run/kernel"
INSIDE = "/opt/kernel"  # our side of the wire, read-only
SOURCE = Path(__file__).parent / "inside"
PACKAGES = ("autograder", "coursekit")  # never in view, wherever they are installed
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
FIRST_UID = 700_000_000  # far from any user's
REMEDY = (
    "install bubblewrap (`apt install bubblewrap`) and allow user namespaces "
    "(`sysctl kernel.unprivileged_userns_clone=1`, or in a container run with them enabled); "
    "`autograder doctor` tells more, `--sandbox none` grades without walls"
)
ELSEWHERE = (
    "grading needs Linux: on Windows WSL 2, on macOS and Windows a Linux container; "
    "docs/grading.md says how"
)


class SandboxError(Exception):
    """A sandbox can't be made on this host; the message says why and what to do."""


@dataclass(frozen=True)
class Rules:
    """What a unit's students may not use in their answers, and the sentence that says so.

    `absent`: modules that aren't in the sandbox's view of the files. `refused`: functions that
    raise while a test calls the student's code; lesson cells may use them. `refused_for`:
    {question: functions that raise in the test of this one}.
    """

    rule: str = "the unit's rules don't allow it"
    absent: tuple = ()
    refused: tuple = ()
    refused_for: dict = field(default_factory=dict)

    def refusals(self):
        """[function, the question it is refused in or None for all] of every refused function."""
        everywhere = [[function, None] for function in self.refused]
        return everywhere + [
            [function, question]
            for question, functions in self.refused_for.items()
            for function in functions
        ]


@dataclass(frozen=True)
class Settings:
    """All that a sandboxed kernel is started with."""

    limits: Limits = field(default_factory=Limits)
    rules: Rules = field(default_factory=Rules)
    hidden: tuple = ()  # folders that must not be in view even where the system's are
    preload: tuple = ()  # modules of a warm start (`warm.py`); () is a cold one
    walls: str = "bubblewrap"  # or "none": no protection, for hosts that can't do better


@dataclass(frozen=True)
class Command:
    """How to start a kernel: the command line, its environment and the files it inherits."""

    arguments: list
    environment: dict
    files: list  # open file objects, passed on by number
    sockets: str  # where the kernel makes its sockets
    folder: object = None  # a TemporaryDirectory, where there are no walls


def kernel_command(settings, channel):
    """The `Command` for one kernel that holds the file descriptor `channel`."""
    if sys.platform != "linux":
        raise SandboxError(ELSEWHERE)
    launcher = ["-I", "-X", "faulthandler"]
    if settings.walls == "none":
        folder = tempfile.TemporaryDirectory(prefix="kernel-")
        sockets = f"{folder.name}/s"
        arguments = [sys.executable, *launcher, str(SOURCE / "kernel.py"), str(channel), sockets]
        return Command(arguments, environment(folder.name), [], sockets, folder)
    command = [sys.executable, *launcher, f"{INSIDE}/kernel.py", str(channel), SOCKETS]
    return bubblewrap(settings, command)


def template_command(settings, line):
    """(`Command`, orders) for a template process that holds the file descriptor `line`.

    The orders are what it reads first. Each of its children makes the walls that bubblewrap would
    have made around a kernel, so the template itself may still make them.
    """
    folders = dict.fromkeys(("/dev/shm", "/tmp", HOME), settings.limits.scratch)
    shown = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable)]
    if any(_within(str(path), folders) for path in shown):
        raise SandboxError(f"{sys.prefix} lies in a folder that each kernel has for itself")
    kept = [f"{HOME}/.matplotlib/{path.name}" for path in _font_lists()]
    orders = {
        "modules": settings.preload,
        "folders": {**folders, SOCKETS: 65536},
        "kept": kept,
        "home": HOME,
        "sockets": SOCKETS,
        "filter": (filter_program() or b"").hex(),
    }
    command = [sys.executable, "-I", "-X", "faulthandler", f"{INSIDE}/template.py", str(line)]
    return bubblewrap(settings, command, template=True), orders


def environment(home):
    """The variables a kernel sees: nothing of the grader's own."""
    return {
        "COURSE_DEVICE": "cpu",  # what coursekit.device reads
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        # One thread each: more make small arrays slower and use up the processes.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def bubblewrap(settings, command, template=False):
    """`command` inside bubblewrap; raises `SandboxError` where it is missing.

    template: keep what it takes to make walls of one's own.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError(f"bubblewrap is not installed\n  {REMEDY}")
    root = os.geteuid() == 0
    files = [_in_memory(b"\0".join(map(os.fsencode, _options(settings, root, template))) + b"\0")]
    # Through a file, for the command line of a process can be read from inside.
    arguments = [program, "--args", str(files[0].fileno())]
    program_filter = None if template else filter_program()
    if program_filter:
        files.append(_in_memory(program_filter))
        arguments += ["--seccomp", str(files[1].fileno())]
    drop = _drop_root(unused_uid()) if root and not template else []
    return Command([*arguments, "--", *drop, *command], {}, files, SOCKETS)


def _options(settings, root, template):
    limits = settings.limits
    scratch = ["--perms", "0777", "--size", str(limits.scratch), "--tmpfs"]
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    if not root:
        options += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        options += [] if template else ["--disable-userns"]
    for name, value in environment(HOME).items():
        options += ["--setenv", name, value]
    options += _system_view()
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += [*scratch, "/dev/shm", *scratch, "/tmp", *scratch, HOME]
    options += ["--perms", "0777", "--size", "65536", "--tmpfs", SOCKETS]
    options += _python_view(settings)  # after /tmp, where this Python may lie
    options += _font_list()
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]


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
    shown = {str(Path(sys.prefix)), str(Path(sys.base_prefix)), str(Path(sys.executable).parent)}
    shown |= {str(Path(sys.executable).resolve().parent.parent)}
    steps = {path: ["--ro-bind", path, path] for path in shown if not _within(path, ["/usr"])}
    visible = ["/usr", *shown]
    for path in [*map(str, settings.hidden), *_package_paths((*PACKAGES, *settings.rules.absent))]:
        if _within(path, visible) and path not in shown:
            steps[path] = _cover(path)
    steps[INSIDE] = ["--ro-bind", str(SOURCE), INSIDE]
    options = []
    for path in sorted(steps, key=lambda path: path.count("/")):
        for parent in reversed(Path(path).parents):
            options += [] if _within(str(parent), visible) else ["--perms", "0755", "--dir", parent]
        options += steps[path]
    return list(map(str, options))


def _cover(path):
    """Nothing where `path` is."""
    if os.path.isdir(path):
        return ["--perms", "0755", "--size", "4096", "--tmpfs", path, "--remount-ro", path]
    return ["--ro-bind", "/dev/null", path]


def _within(path, folders):
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _package_paths(names):
    """Where modules lie, without importing them; those that aren't installed are left out."""
    for name in names:
        top, *rest = name.split(".")
        spec = importlib.util.find_spec(top)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            path = Path(folder, *rest)
            yield from (str(one) for one in (path, path.with_suffix(".py")) if one.exists())


def _font_list():
    """matplotlib's list of fonts: making it anew costs each kernel a second or more."""
    folder = f"{HOME}/.matplotlib"
    options = ["--perms", "0777", "--dir", folder]
    for path in _font_lists():
        options += ["--ro-bind", str(path), f"{folder}/{path.name}"]
    return options


def _font_lists():
    import matplotlib

    return list(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))


def _drop_root(uid):
    user = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    rights = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    return ["/usr/bin/setpriv", *user, *rights, "--"]


_numbers = count()


def unused_uid():
    """A user of its own for each sandbox, so that the limit on processes counts only its own."""
    return FIRST_UID + os.getpid() * 16 + next(_numbers) % 16


def _in_memory(content):
    file = os.fdopen(os.memfd_create("sandbox"), "w+b")
    file.write(content)
    file.flush()
    file.seek(0)
    return file


@lru_cache(maxsize=1)
def ensure_walls():
    """Raise `SandboxError` unless a sandbox can really be made on this host."""
    if sys.platform != "linux":
        raise SandboxError(ELSEWHERE)
    command = bubblewrap(Settings(), ["/usr/bin/true"])
    numbers = [file.fileno() for file in command.files]
    done = subprocess.run(command.arguments, pass_fds=numbers, capture_output=True, text=True)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise SandboxError(f"bubblewrap can't make a sandbox here: {reason[0]}\n  {REMEDY}")
