"""A started kernel process: how the grader reaches it, interrupts it and ends it.

The kernel and the grader share one socket pair, the judge's line. Over it the launcher inside
hands out the folder of the kernel's sockets, already opened: it may lie in the sandbox's own
memory, so no folder of the host can be filled from inside, and the grader reaches it as
/proc/self/fd/N. The kernel of Linux tells the launcher's process id with that message.
"""

import array
import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import time

from autograder.engine.limits import Limits
from autograder.engine.walls.processes import children, kill

START_SECONDS, END_SECONDS = 30, 5
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def new_line() -> tuple[socket.socket, socket.socket]:
    """(our end, the kernel's end) of a new line between the judge and a kernel."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def launch(command, line, folder=None):
    """Start a `Command` that holds our `line`'s other end, and close our copies of its files."""
    process = subprocess.Popen(
        command.arguments,
        pass_fds=[line.fileno(), *(file.fileno() for file in command.files)],
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

    def __init__(self, process, line, sockets):
        self.process, self.line, self.sockets = process, line, sockets
        self.folder = None  # the opened folder of the kernel's sockets
        self.handle = None  # pidfd of the kernel process itself
        self.kernel = None  # its process id

    def meet(self):
        """Wait until the kernel's launcher says where its sockets are and which process it is."""
        self.line.settimeout(START_SECONDS)
        space = socket.CMSG_SPACE(4) + socket.CMSG_SPACE(12)
        data, parts, _, _ = self.line.recvmsg(1, space)
        if not data:
            raise EOFError("it ended at once")
        for _, kind, content in parts:
            if kind == socket.SCM_RIGHTS:
                self.folder = array.array("i", content[:4])[0]
            elif kind == socket.SCM_CREDENTIALS:
                self.kernel = struct.unpack("3i", content)[0]
        self.handle = os.pidfd_open(self.kernel)

    def connection(self) -> tuple[dict, dict]:
        """({what the kernel listens on}, {where the grader reaches that}) as jupyter_client's."""
        common = {"transport": "ipc"} | {name: number for number, name in enumerate(PORTS, 1)}
        outside = f"/proc/self/fd/{self.folder}/k"
        return common | {"ip": f"{self.sockets}/k"}, common | {"ip": outside}

    def limits(self, limits: Limits) -> dict[str, int]:
        """What each process inside is limited to, by the names in `resource`."""
        return limits.of_a_process()

    def disk(self) -> int:
        """Bytes of this host's disk that the kernel has filled; its folders are in memory."""
        return 0

    def interrupt(self, number=signal.SIGINT):
        """A signal to the kernel itself; bubblewrap would end at an interrupt."""
        if self.handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, number)

    def end(self):
        """End the sandbox with everything in it."""
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

    def complaint(self) -> str:
        """The last line of what the start wrote to stderr, without waiting for more."""
        ready, _, _ = select.select([self.process.stderr], [], [], 1)
        text = os.read(self.process.stderr.fileno(), 4000) if ready else b""
        return (text.decode(errors="replace").strip().splitlines() or [""])[-1]

    def close(self):
        """Close all that was opened for it."""
        for number in (self.folder, self.handle):
            if number is not None:
                os.close(number)
        self.folder = self.handle = None
        self.line.close()
        self.close_process()

    def close_process(self):
        self.process.stderr.close()


class StartedWarm(Started):
    """A kernel forked from a template; its process is a `Forked`."""

    def end_kernel(self):
        self.process.kill()

    def complaint(self) -> str:
        return self.process.complaint()

    def close_process(self):
        self.process.close()
