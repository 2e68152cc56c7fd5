"""Starts and ends sandboxed kernels for jupyter_client, as a kernel provisioner.

The kernel and the grader share one socket pair. Over it the launcher inside hands out the
folder of the kernel's sockets, already opened: it lies in the sandbox's own memory, so no
folder of the host can be filled from inside, and the grader reaches it as /proc/self/fd/N.
The kernel of Linux tells the launcher's process id with that message.
"""

import array
import asyncio
import contextlib
import inspect
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import time

from jupyter_client.provisioning import KernelProvisionerBase

from autograder.engine.inside import wire
from autograder.engine.processes import children, kill
from autograder.engine.sandbox import SOCKETS, SandboxError, Settings, kernel_command
from autograder.engine.warm import Forked, warm_process
from coursekit.checks import fixtures

START_SECONDS = 30
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class SandboxProvisioner(KernelProvisionerBase):
    """Runs the kernel inside the sandbox that the kernel manager's `settings` describe."""

    process = None  # bubblewrap's outer process, or the first one of a warm kernel
    channel = None  # our end of the socket pair: the judge's line to the kernel
    folder = None  # the opened folder of the kernel's sockets
    handle = None  # pidfd of the kernel process itself
    command = None

    @property
    def has_process(self):
        return self.process is not None

    async def pre_launch(self, **arguments):
        return await super().pre_launch(cmd=[], **arguments)

    async def launch_kernel(self, cmd, **arguments):
        settings = getattr(self.parent, "settings", None) or Settings()
        self.process = self._start_warm(settings)
        if self.process is None:
            self._start_cold(settings)
        try:
            self._receive_sockets()
            self._send_settings(settings)
        except (OSError, EOFError) as error:
            complaint = self._complaint() or error
            await self.kill()
            raise SandboxError(f"a kernel did not start: {complaint}") from None
        return self.connection_info

    def _start_warm(self, settings):
        with self._line() as theirs:
            process = warm_process(settings, theirs)
        if process is None:
            self.channel.close()
        return process

    def _start_cold(self, settings):
        with self._line() as theirs:
            self.command = kernel_command(settings, theirs.fileno())
            numbers = [theirs.fileno(), *(file.fileno() for file in self.command.files)]
            self.process = subprocess.Popen(
                self.command.arguments,
                pass_fds=numbers,
                env=self.command.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        for file in self.command.files:
            file.close()

    def _line(self):
        """A new line to the kernel; returns the kernel's end."""
        self.channel, theirs = socket.socketpair()
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        return theirs

    def _receive_sockets(self):
        """The folder of the kernel's sockets, and which process it is."""
        self.channel.settimeout(START_SECONDS)
        space = socket.CMSG_SPACE(4) + socket.CMSG_SPACE(12)
        data, parts, _, _ = self.channel.recvmsg(1, space)
        if not data:
            raise EOFError("it ended at once")
        for _, kind, content in parts:
            if kind == socket.SCM_RIGHTS:
                self.folder = array.array("i", content[:4])[0]
            elif kind == socket.SCM_CREDENTIALS:
                self.pid = struct.unpack("3i", content)[0]
        self.handle = os.pidfd_open(self.pid)

    def _send_settings(self, settings):
        key = secrets.token_hex(16)
        common = {"transport": "ipc", "signature_scheme": "hmac-sha256"}
        common |= {name: number for number, name in enumerate(PORTS, 1)}
        rules, limits = settings.rules, settings.limits.of_a_process()
        if settings.walls == "none":
            del limits["RLIMIT_NPROC"]  # it would count all processes of the grader's user
        sockets = self.command.sockets if self.command else SOCKETS
        pieces = wire.pack(
            {
                "connection": common | {"ip": f"{sockets}/k", "key": key},
                "limits": limits,
                "rule": rules.rule,
                "absent": rules.absent,
                "refused": rules.refusals(),
                "makers": inspect.getsource(fixtures),
            }
        )
        for piece in pieces:
            self.channel.sendall(piece)
        address = f"/proc/self/fd/{self.folder}/k"
        self.connection_info = common | {"ip": address, "key": key.encode()}

    def _complaint(self):
        """The last line of what the start wrote to stderr, without waiting for more."""
        if isinstance(self.process, Forked):
            return self.process.complaint()
        ready, _, _ = select.select([self.process.stderr], [], [], 1)
        text = os.read(self.process.stderr.fileno(), 4000) if ready else b""
        return (text.decode(errors="replace").strip().splitlines() or [""])[-1]

    async def poll(self):
        return self.process.poll() if self.process else 0

    async def wait(self):
        while await self.poll() is None:
            await asyncio.sleep(0.02)
        return await self.poll()

    async def send_signal(self, signum):
        """To the kernel itself; bubblewrap would end at an interrupt."""
        if self.handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, signum)

    async def kill(self, restart=False):
        """End the sandbox with everything in it."""
        if not self.process:
            return
        if self.command and self.command.folder:  # no walls: what left the group stays alive
            kill(-self.process.pid)
        if isinstance(self.process, Forked):
            self.process.kill()
        # The first process of the sandbox: all others go with it, then bubblewrap itself.
        for child in children(self.process.pid):
            kill(child)
        deadline = time.monotonic() + 5
        while self.process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        self.process.kill()
        self.process.wait()

    async def terminate(self, restart=False):
        await self.kill(restart)

    async def cleanup(self, restart=False):
        for number in (self.folder, self.handle):
            if number is not None:
                os.close(number)
        self.folder = self.handle = None
        if self.channel:
            self.channel.close()
        if self.process:
            (self.process if isinstance(self.process, Forked) else self.process.stderr).close()
        self.process = None
        if self.command and self.command.folder:
            self.command.folder.cleanup()
