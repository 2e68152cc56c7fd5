"""Starts and ends sandboxed kernels for jupyter_client, as a kernel provisioner."""

import asyncio
import secrets

from jupyter_client.provisioning import KernelProvisionerBase

from autograder.engine.inside import wire
from autograder.engine.walls.sandbox import SandboxError, Settings
from autograder.engine.walls.tiers import backend_of


class SandboxProvisioner(KernelProvisionerBase):
    """Runs the kernel behind the walls that the kernel manager's `settings` ask for."""

    started = None

    @property
    def has_process(self):
        return self.started is not None

    @property
    def process(self):
        """The first process of the sandbox, or None."""
        return self.started and self.started.process

    async def pre_launch(self, **arguments):
        return await super().pre_launch(cmd=[], **arguments)

    async def launch_kernel(self, cmd, **arguments):
        settings = getattr(self.parent, "settings", None) or Settings()
        self.started = backend_of(settings.walls).start(settings)
        try:
            self.started.meet()
            self._send_settings(settings)
        except (OSError, EOFError) as error:
            complaint = self.started.complaint() or error
            await self.kill()
            raise SandboxError(f"a kernel did not start: {complaint}") from None
        return self.connection_info

    def _send_settings(self, settings):
        key, rules = secrets.token_hex(16), settings.rules
        inside, outside = self.started.connection()
        scheme = {"signature_scheme": "hmac-sha256"}
        pieces = wire.pack(
            {
                "connection": inside | scheme | {"key": key},
                "limits": self.started.limits(settings.limits),
                "rule": rules.rule,
                "absent": rules.absent,
                "refused": rules.refusals(),
                "makers": settings.makers,
            }
        )
        for piece in pieces:
            self.started.line.sendall(piece)
        self.connection_info = outside | scheme | {"key": key.encode()}

    async def poll(self):
        return self.process.poll() if self.process else 0

    async def wait(self):
        while await self.poll() is None:
            await asyncio.sleep(0.02)
        return await self.poll()

    async def send_signal(self, signum):
        if self.started:
            self.started.interrupt(signum)

    async def kill(self, restart=False):
        """End the sandbox with everything in it."""
        if self.started:
            self.started.end()

    async def terminate(self, restart=False):
        await self.kill(restart)

    async def cleanup(self, restart=False):
        if self.started:
            self.started.close()
        self.started = None
