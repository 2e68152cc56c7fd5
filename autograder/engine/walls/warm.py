"""Warm kernels: a template process per unit that forks a ready kernel for each submission.

Importing torch and its friends costs a cold kernel seconds; a fork of a process that has imported
them costs milliseconds. The template lives in one sandbox, and each child leaves it for walls of
its own (`inside/template.py`, `inside/isolation.py`). Where a host doesn't allow that, kernels
start cold, and that is said once.
"""

import array
import atexit
import contextlib
import hashlib
import json
import logging
import os
import select
import socket
import struct
import subprocess
import time
from collections.abc import Iterable

from autograder.engine.rules import Rules
from autograder.engine.walls.bubblewrap import template_command
from autograder.engine.walls.command import unused_uid
from autograder.engine.walls.processes import children, kill
from autograder.engine.walls.sandbox import SandboxError, Settings
from autograder.engine.walls.started import launch
from autograder.engine.walls.temporary import new_folder, remove_folder

IMPORT_SECONDS, FORK_SECONDS, END_SECONDS = 60, 20, 5
KERNEL_MODULES = (  # what every kernel imports until it is ready, and nearly every notebook
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger",
    "IPython.extensions.storemagic",
    "asyncio", "comm", "encodings.idna", "faulthandler", "numpy", "numpy.random",
    "matplotlib.pyplot", "matplotlib_inline.backend_inline",
)  # fmt: skip
LATER = {"torch.optim": ("torch._dynamo",)}  # what a module imports when it is first used
MOST_TEMPLATES = 2  # at a time in one process; each holds its modules in memory
KILLED = 128 + 9  # by SIGKILL, which Windows doesn't name


class Template:
    """A template process in its sandbox, as the process that started it holds it.

    `fork` gives kernels, `served` of them so far. With `listener` it serves other processes, too.
    """

    served = 0

    def __init__(self, settings, listener=None):
        """Start it; it imports while this process goes on."""
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            lines = [theirs, listener] if listener else [theirs]
            command, orders = template_command(settings, [one.fileno() for one in lines])
            self.process = launch(command, *lines)
        with contextlib.suppress(OSError):  # it has ended; whoever needs it will hear why
            self.line.send(json.dumps(orders).encode())

    def ready(self):
        """Wait until it has imported; raises `SandboxError` if it can't serve."""
        try:
            self.line.settimeout(IMPORT_SECONDS)
            ready = self.line.recv(1)
        except OSError:
            ready = b""
        if not ready:
            complaint = self._complaint()
            self.close()
            raise SandboxError(f"no template process: {complaint}")
        return self

    def fork(self, channel):
        """A new kernel process that holds `channel`; raises `SandboxError` where none comes."""
        forked = _fork(self.line, channel, FORK_SECONDS)
        self.served += 1
        return forked

    def alive(self):
        return self.process.poll() is None

    def close(self):
        """End it, and with it all kernels that are left of it."""
        self.line.close()
        deadline = time.monotonic() + END_SECONDS
        # bubblewrap, killed before its first process is told to follow it, would leave that behind.
        while self.alive() and not children(self.process.pid) and time.monotonic() < deadline:
            time.sleep(0.005)
        for child in children(self.process.pid):
            kill(child)
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def _complaint(self):
        self.process.kill()
        text = self.process.stderr.read(4000).decode(errors="replace").strip()
        return (text.splitlines() or [f"exit code {self.process.wait()}"])[-1]


def _fork(line, channel, seconds):
    """Ask for a kernel on a line to a template."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    numbers = array.array("i", [channel.fileno(), theirs.fileno()])
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
    with theirs:
        try:
            line.sendmsg([str(unused_uid()).encode()], rights)
        except OSError:
            ours.close()
            raise SandboxError("the template process has ended") from None
    return Forked(ours, seconds)


class SharedTemplates:
    """Template processes for a pool of workers, which are told where: `use_templates_in(folder)`.

    They belong to the process that starts the workers: the end of one worker, whatever it did,
    ends no kernel of the others.
    """

    def __init__(self):
        self.folder, self.name, self.template = new_folder("templates"), None, None

    def expect(self, settings: Settings) -> None:
        """Start the template for these settings, in place of the last one; returns at once."""
        name = _name(settings)
        if name == self.name or not settings.preload:
            return
        self._end()
        with contextlib.suppress(OSError, SandboxError), _listener(self.folder, name) as listener:
            self.name, self.template = name, Template(settings, listener)

    def close(self) -> None:
        """End it and all kernels that are left of it."""
        self._end()
        remove_folder(self.folder)

    def _end(self):
        if self.template:
            self.template.close()
        self.name = self.template = None


def _listener(folder, name):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listener.bind(os.path.join(folder, name))
        listener.listen(1000)
    except OSError:  # such as a path that is too long
        listener.close()
        raise
    return listener


class Connected:
    """Another process's template."""

    served = 0

    def __init__(self, path):
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.line.connect(path)
        except OSError:
            self.line.close()
            raise

    def fork(self, channel):
        """As a `Template`'s; the first one waits for what it imports."""
        forked = _fork(self.line, channel, FORK_SECONDS if self.served else IMPORT_SECONDS)
        self.served += 1
        return forked

    def alive(self):
        return True  # or it will be seen

    def close(self):
        self.line.close()


class Forked:
    """The first process of a forked kernel's namespaces, with the methods of a `Popen`.

    `pid` is its number here, `returncode` what the kernel ended with: 128 and more for signals.
    """

    def __init__(self, ending, seconds):
        self.ending, self.said, self.returncode, self.pid = ending, "", None, None
        self.killed = False  # by us
        ending.settimeout(seconds)
        try:
            data, parts, _, _ = ending.recvmsg(1, socket.CMSG_SPACE(12))
            if data != b".":
                self.said = data.decode(errors="replace")
                raise SandboxError(f"no warm kernel: {self._rest() or 'it ended at once'}")
        except TimeoutError:
            raise SandboxError("no warm kernel: the template doesn't answer") from None
        ((_, _, content),) = [one for one in parts if one[1] == socket.SCM_CREDENTIALS]
        self.pid = struct.unpack("3i", content)[0]

    def poll(self):
        """The return code, or None while it runs."""
        while self.returncode is None and select.select([self.ending], [], [], 0)[0]:
            self._take(self.ending.recv(1000))
        return self.returncode

    def wait(self, timeout=None):
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired("a warm kernel", timeout)
            select.select([self.ending], [], [], left)
        return self.returncode

    def kill(self):
        """End all processes of its namespace."""
        if self.poll() is None:
            self.killed = True
            kill(self.pid)

    @property
    def lost(self):
        """Whether something outside of its walls ended it, with its template perhaps."""
        return self.poll() is not None and not self.said and not self.killed

    def complaint(self):
        """What it said of its end."""
        self.poll()
        return self.said

    def close(self):
        self.ending.close()

    def _take(self, data):
        self.said += data.decode(errors="replace")
        if not data:
            self.returncode = int(self.said) if self.said.isdecimal() else KILLED

    def _rest(self):
        while data := self.ending.recv(1000):
            self.said += data.decode(errors="replace")
        return self.said


def preloaded(imports: Iterable[str], rules: Rules | None = None) -> tuple[str, ...]:
    """The modules for `Settings.preload`, from those that a unit's lesson imports and its rules."""
    later = [name for one in imports for name in LATER.get(one, ())]
    refusals = rules.refusals() if rules else ()
    refused = [function.rpartition(".")[0] for function, _ in refusals]
    return tuple(dict.fromkeys((*KERNEL_MODULES, *imports, *later, *refused)))


_templates = {}  # settings -> Template, the one that was used last at the end
_refused = set()  # settings whose templates don't work here
_shared = {}  # "folder" -> where other processes' templates listen


def use_templates_in(folder: str) -> None:
    """Take kernels from the `SharedTemplates` in this folder, where there are those we need."""
    _shared["folder"] = folder


def warm_process(settings: Settings, channel: socket.socket) -> Forked | None:
    """A forked kernel process for these settings, or None where a cold one has to start."""
    key = _name(settings)
    if not settings.preload or key in _refused:
        return None
    try:
        return _template(key, settings).fork(channel)
    except SandboxError as problem:
        template = _templates.pop(key, None)
        if template is not None:
            template.close()
        if isinstance(template, Connected):
            _shared.clear()
            return warm_process(settings, channel)  # from one of our own
        if template is None or not template.served:  # not an accident, but how this host is
            if not _refused:
                logging.getLogger(__name__).warning("kernels start cold on this host: %s", problem)
            _refused.add(key)
        return None


def _template(key, settings):
    template = _templates.pop(key, None)
    if template is not None and not template.alive():
        template.close()
        template = None
    if template is None:
        while len(_templates) >= MOST_TEMPLATES:
            _templates.pop(next(iter(_templates))).close()
        template = _connected(settings) or Template(settings).ready()
    _templates[key] = template
    return template


def _connected(settings):
    if "folder" in _shared:
        with contextlib.suppress(OSError):
            return Connected(os.path.join(_shared["folder"], _name(settings)))
    return None


def _name(settings):
    """A file's name for what a template is made of."""
    made_of = (settings.preload, settings.hidden, settings.rules.absent, settings.limits.scratch)
    return hashlib.blake2b(repr(made_of).encode(), digest_size=8).hexdigest()


@atexit.register
def close_templates():
    """End the template processes of this process."""
    while _templates:
        _templates.popitem()[1].close()
