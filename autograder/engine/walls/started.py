"""A started kernel process: how the grader reaches it, interrupts it and ends it.

The kernel and the grader share one socket pair, the judge's line, and nothing else. With the first
byte that comes over it, Linux tells the process id of the kernel.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import time

from autograder.engine.limits import Limits
from autograder.engine.walls.memory import memory_of_folders, memory_of_sockets
from autograder.engine.walls.processes import children, kill
from autograder.engine.walls.sandbox import IN_MEMORY

START_SECONDS, END_SECONDS = 30, 5


def new_line() -> tuple[socket.socket, socket.socket]:
    """(our end, the kernel's end) of a new line between the judge and a kernel."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def launch(command, *lines, folder=None):
    """Start a `Command` that holds the other ends of our `lines`, and close its files here."""
    process = subprocess.Popen(
        command.arguments,
        pass_fds=[one.fileno() for one in (*lines, *command.files)],
        env=command.environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    command.close()
    return process


class Started:
    """A kernel behind walls. `line` is the judge's, `process` the first one of the sandbox."""

    def __init__(self, process, line):
        self.process, self.line = process, line
        self.handle = None  # pidfd of the kernel process itself
        self.kernel = None  # its process id
        self.folders = []  # open ones of its own, in memory
        self.ended = False  # by us

    def meet(self):
        """Wait until the kernel's process says that it is there, and learn which one it is."""
        self.line.settimeout(START_SECONDS)
        data, parts, _, _ = self.line.recvmsg(1, socket.CMSG_SPACE(12))
        if not data:
            raise EOFError("it ended at once")
        ((_, _, content),) = [one for one in parts if one[1] == socket.SCM_CREDENTIALS]
        self.kernel = struct.unpack("3i", content)[0]
        self.handle = os.pidfd_open(self.kernel)
        self.open_folders()

    def open_folders(self):
        """Open what it can write to, before its student's code can be in the way."""
        for folder in IN_MEMORY:
            self.folders.append(os.open(f"/proc/{self.kernel}/root{folder}", os.O_PATH))

    def limits(self, limits: Limits) -> dict[str, int]:
        """What each process inside is limited to, by the names in `resource`."""
        return limits.of_a_process()

    def disk(self) -> int:
        """Bytes of this host's disk that the kernel has filled; its folders are in memory."""
        return 0

    def loose(self) -> int:
        """Bytes of memory that none of its processes has, at most."""
        return memory_of_folders(self.folders) + memory_of_sockets(self.kernel)

    def interrupt(self, number=signal.SIGINT):
        """A signal to the kernel itself; bubblewrap would end at an interrupt."""
        if self.handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, number)

    def end(self):
        """End the sandbox with everything in it."""
        self.ended = self.ended or self.process.poll() is None
        self.end_kernel()
        deadline = time.monotonic() + END_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        self.process.kill()
        self.process.wait()

    def end_kernel(self):
        """The first process of the sandbox: all others go with it, then bubblewrap itself."""
        for child in children(self.process.pid):
            kill(child)

    @property
    def lost(self) -> bool:
        """Whether something outside of the walls ended the sandbox: nothing inside can."""
        return (self.process.poll() or 0) < 0 and not self.ended

    def complaint(self) -> str:
        """The last line of what the start wrote to stderr, without waiting for more."""
        ready, _, _ = select.select([self.process.stderr], [], [], 1)
        text = os.read(self.process.stderr.fileno(), 4000) if ready else b""
        return (text.decode(errors="replace").strip().splitlines() or [""])[-1]

    def close(self):
        """Close all that was opened for it."""
        if self.handle is not None:
            os.close(self.handle)
        self.handle = None
        while self.folders:
            os.close(self.folders.pop())
        self.line.close()
        self.close_process()

    def close_process(self):
        self.process.stderr.close()


class StartedWarm(Started):
    """A kernel forked from a template; its process is a `Forked`."""

    def end_kernel(self):
        self.process.kill()

    @property
    def lost(self) -> bool:
        return self.process.lost

    def complaint(self) -> str:
        return self.process.complaint()

    def close_process(self):
        self.process.close()
