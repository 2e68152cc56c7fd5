"""Warm kernels: a template process per unit that forks a ready kernel for each submission.

Importing torch and its friends costs a cold kernel seconds; a fork of a process that has imported
them costs milliseconds. The template lives in one sandbox, and each child leaves it for walls of
its own (`inside/template.py`, `inside/isolation.py`). Where a host doesn't allow that, kernels
start cold, and that is said once.
"""

import array
import atexit
import json
import logging
import select
import socket
import struct
import subprocess
import time
from collections.abc import Iterable

from autograder.engine.rules import Rules
from autograder.engine.walls.bubblewrap import template_command
from autograder.engine.walls.command import unused_uid
from autograder.engine.walls.processes import kill
from autograder.engine.walls.sandbox import SandboxError, Settings

IMPORT_SECONDS, FORK_SECONDS = 60, 20
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
    """One template process in its sandbox; `fork` gives kernels, `served` of them so far."""

    served = 0

    def __init__(self, settings):
        """Start it and wait until it has imported; raises `SandboxError` if it can't serve."""
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command, orders = template_command(settings, theirs.fileno())
            self.process = subprocess.Popen(
                command.arguments,
                pass_fds=[theirs.fileno(), *(file.fileno() for file in command.files)],
                env=command.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        for file in command.files:
            file.close()
        try:
            self.line.settimeout(IMPORT_SECONDS)
            self.line.send(json.dumps(orders).encode())
            ready = json.loads(self.line.recv(1 << 16))
        except (OSError, ValueError):
            complaint = self._complaint()
            self.close()
            raise SandboxError(f"no template process: {complaint}") from None
        if ready["threads"] != 1:  # a fork would copy locks that nobody opens again
            self.close()
            raise SandboxError(f"no template process: it has {ready['threads']} threads")

    def fork(self, channel):
        """A new kernel process that holds `channel`; raises `SandboxError` where none comes."""
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        numbers = array.array("i", [channel.fileno(), theirs.fileno()])
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
        with theirs:
            try:
                self.line.sendmsg([str(unused_uid()).encode()], rights)
            except OSError:
                ours.close()
                raise SandboxError("the template process has ended") from None
        forked = Forked(ours)
        self.served += 1
        return forked

    def alive(self):
        return self.process.poll() is None

    def close(self):
        """End it, and with it all kernels that are left of it."""
        self.line.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def _complaint(self):
        self.process.kill()
        text = self.process.stderr.read(4000).decode(errors="replace").strip()
        return (text.splitlines() or [f"exit code {self.process.wait()}"])[-1]


class Forked:
    """The first process of a forked kernel's namespaces, with the methods of a `Popen`.

    `pid` is its number here, `returncode` what the kernel ended with: 128 and more for signals.
    """

    def __init__(self, ending):
        self.ending, self.said, self.returncode, self.pid = ending, "", None, None
        ending.settimeout(FORK_SECONDS)
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
            kill(self.pid)

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


def warm_process(settings: Settings, channel: socket.socket) -> Forked | None:
    """A forked kernel process for these settings, or None where a cold one has to start."""
    key = repr(settings)
    if not settings.preload or key in _refused:
        return None
    try:
        return _template(key, settings).fork(channel)
    except SandboxError as problem:
        template = _templates.pop(key, None)
        if template is not None:
            template.close()
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
        template = Template(settings)
    _templates[key] = template
    return template


@atexit.register
def close_templates():
    """End the template processes of this process."""
    while _templates:
        _templates.popitem()[1].close()
