"""No walls: a kernel with all the rights of the grader, for one's own code, on any platform.

The judge's line is a TCP connection of this host, because that is what Linux, macOS and Windows
have in common.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time

from autograder.engine.walls.processes import end_all
from autograder.engine.walls.sandbox import environment
from autograder.engine.walls.started import END_SECONDS, START_SECONDS
from autograder.engine.walls.temporary import new_folder, remove_folder
from autograder.engine.walls.views import SOURCE

# What Windows needs to start a program at all.
OF_WINDOWS = ("COMSPEC", "PATHEXT", "SYSTEMDRIVE", "SYSTEMROOT", "WINDIR")


def start(settings):
    """Start a kernel; returns its `StartedBare`."""
    return StartedBare()


class StartedBare:
    """A kernel without walls, with the methods of a `Started`."""

    lost = False  # or nobody could tell: the student's code can end whatever it likes

    def __init__(self):
        self.folder = new_folder("kernel")
        self.token = secrets.token_hex(16)
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.process = self._launch(server.getsockname()[1])
            try:
                self.line = self._accept(server)
            except OSError:
                self.line = socket.socket()

    def _launch(self, port):
        from jupyter_client.launcher import launch_kernel  # only where there are no walls

        variables = {name: os.environ[name] for name in OF_WINDOWS if name in os.environ}
        variables |= environment(self.folder) | {"TMPDIR": self.folder, "TEMP": self.folder}
        command = [sys.executable, "-I", "-X", "faulthandler", str(SOURCE / "server.py")]
        return launch_kernel(
            [*command, "--connect", str(port), self.token],
            independent=False,
            env=variables,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def _accept(self, server):
        """The connection of our kernel, and of nobody else who knocks."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            server.settimeout(0.2)
            try:
                line, _ = server.accept()
            except TimeoutError:
                continue
            line.settimeout(2)
            if secrets.compare_digest(line.recv(len(self.token)), self.token.encode()):
                return line
            line.close()
        raise TimeoutError("the kernel doesn't answer")

    def meet(self):
        """Nothing is left to do: whoever knows the token is the kernel."""
        self.line.settimeout(START_SECONDS)
        self.line.getpeername()

    def limits(self, limits):
        """Those that count this process alone: others count all that the user runs."""
        found = limits.of_a_process() if sys.platform == "linux" else {}
        return {name: value for name, value in found.items() if name != "RLIMIT_NPROC"}

    def disk(self):
        """Nobody counts: the disk is the student's own."""
        return 0

    def loose(self):
        """Nobody counts: other programs' is among it."""
        return 0

    def interrupt(self, number=signal.SIGINT):
        if sys.platform == "win32":
            from jupyter_client.win_interrupt import send_interrupt

            send_interrupt(self.process.win32_interrupt_event)
        elif self.process.poll() is None:
            self.process.send_signal(number)

    def end(self):
        """End the kernel and what it started, but for what has left its group."""
        end_all(self.process)
        self.process.wait(END_SECONDS)

    def complaint(self):
        self.process.kill()
        lines = self.process.stderr.read().decode(errors="replace").strip().splitlines()
        return (lines or [""])[-1]

    def close(self):
        self.line.close()
        self.process.stderr.close()
        remove_folder(self.folder)
