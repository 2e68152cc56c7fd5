"""A student's kernel as the grader sees it: cells go in, bounded and harmless outputs come out.

Whatever arrives from the kernel may be forged. So only messages of known types are looked at,
sizes are limited at the sockets, and nothing that is said here decides about a score.
"""

import signal
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import zmq
from jupyter_client import KernelManager
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Any

from autograder.engine.inside import wire
from autograder.engine.judging.standins import Channel, KernelGone
from autograder.engine.reading.inert import inert_outputs
from autograder.engine.walls.sandbox import SandboxError
from autograder.engine.walls.watch import Watch

SPECS = str(Path(__file__).parent / "kernelspecs")
START_SECONDS = 60
# How long to wait for a cell's last outputs after its reply. Where they were lost in a flood
# those of the next cells often are, too.
LAST_OUTPUTS_SECONDS, AFTER_A_FLOOD = 0.5, 0.02
CELL_TIMEOUT = "CellTimeout"
WAITING_MESSAGES = 10  # in a socket's queue; more are dropped


class _BoundedSockets:
    """Limits what can pile up in the grader's memory; has to be set before a socket connects."""

    def _create_connected_socket(self, channel, identity=None):
        kinds = {"iopub": zmq.SUB, "shell": zmq.DEALER, "control": zmq.DEALER}
        created = self.context.socket(kinds[channel])
        created.linger = 0
        created.rcvhwm = WAITING_MESSAGES
        created.maxmsgsize = self.settings.limits.message
        created.reconnect_ivl = 20
        created.connect(self._make_url(channel))
        return created


class SandboxClient(_BoundedSockets, BlockingKernelClient):
    """A client with bounded sockets."""

    settings = Any()


class SandboxManager(_BoundedSockets, KernelManager):
    """A manager whose kernels run in the sandbox."""

    settings = Any()


class Kernel:
    """A running kernel in a sandbox of its own; a context manager that ends it."""

    def __init__(self, settings):
        self.settings, self.limits = settings, settings.limits
        self.watch = None
        self.patience = LAST_OUTPUTS_SECONDS
        self.reason = None  # why it was ended, where a cell didn't heed the interrupt
        self.folder = tempfile.TemporaryDirectory(prefix="grading-")
        specs = KernelSpecManager(kernel_dirs=[SPECS], ensure_native_kernel=False)
        self.manager = SandboxManager(
            kernel_name="sandbox",
            kernel_spec_manager=specs,
            connection_file=f"{self.folder.name}/connection.json",
            settings=settings,
        )

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Start it and wait until it answers; raises `SandboxError` if it doesn't."""
        try:
            self.manager.start_kernel()
            self.provisioner = self.manager.provisioner
            self.pid = self.provisioner.process.pid
            self.started = self.provisioner.started
            self.client = SandboxClient(
                **self.manager.get_connection_info(session=True),
                context=self.manager.context,
                settings=self.settings,
            )
            self.client.start_channels(stdin=False, hb=False, control=False)
            self.shell = self.client.shell_channel.socket
            self.iopub = self.client.iopub_channel.socket
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise
        self.watch = Watch(self.pid, self.limits, self.alive, self.started.disk)
        self.watch.start()
        return self

    def close(self):
        """End the sandbox and everything that was opened for it."""
        if self.watch:
            self.watch.stop()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.context.destroy(linger=0)  # and with it all sockets
        self.folder.cleanup()

    # --- cells ---

    def run(
        self, source: str, seconds: float, cell: NotebookNode | None = None
    ) -> list[NotebookNode]:
        """Run one cell; return its outputs, an error for running out of time among them.

        Raises `KernelGone` with the outputs so far in `.outputs` when the kernel ended; `cell`
        is what `KernelGone.whose` may name then or later.
        """
        self.watch.begin(cell)
        outputs = Outputs(self.limits)
        request = self.client.execute(source, allow_stdin=False, stop_on_error=False)
        if not self._collect(request, outputs, seconds):
            outputs.add_error(CELL_TIMEOUT, f"stopped after {seconds:.3g} s")
        return outputs.kept

    @contextmanager
    def judged(self, seconds, question="", cell=None):
        """A `Channel` to the student's names; at the end `printed` holds what calls printed.

        `question` is the one that is judged, for rules that hold in one question only; `cell` is
        as in `run`.
        """
        self.watch.begin(cell)
        channel = Channel(self, self.limits, seconds, question)
        try:
            yield channel
        finally:
            if self.alive():
                channel.printed = self._end_serving()

    def _end_serving(self):
        """Send the kernel back to its own loop; returns what was printed."""
        try:
            end = {"do": "done", "id": 0, "question": None, "with": [], "drop": []}
            self.send(wire.pack(end), self.limits.grace_seconds)
            reply, buffers = self.receive(self.limits.grace_seconds)
            text = wire.decode(reply.get("value"), buffers)
            return text if isinstance(text, str) else ""
        except (OSError, EOFError, AttributeError, wire.WireError):  # a TimeoutError, too
            self.kill()
            return ""

    def _collect(self, request, outputs, seconds):
        """Gather outputs until the kernel replies; whether it did so in time.

        A cell that is out of time is interrupted, and the kernel ended if that doesn't help.
        """
        in_time = self._gather(request, outputs, seconds)
        if not in_time and self.alive():
            self.interrupt()
            if not self._gather(request, outputs, self.limits.grace_seconds):
                self.kill(f"stopped after {seconds:.3g} s; it did not heed the interrupt")
        if not self.alive():
            raise _with_outputs(self.gone(), outputs)
        return in_time

    def _gather(self, request, outputs, seconds):
        """Read messages until `request` is answered and its outputs are in: whether it was."""
        poller = zmq.Poller()
        poller.register(self.iopub, zmq.POLLIN)
        poller.register(self.shell, zmq.POLLIN)
        deadline, replied, idle = time.monotonic() + seconds, False, False
        while time.monotonic() < deadline and not (replied and idle) and self.alive():
            ready = dict(poller.poll(20))
            if self.iopub in ready:
                kind, content = self._message(self.iopub, request)
                idle |= kind == "status" and content.get("execution_state") == "idle"
                outputs.add(kind, content)
            elif self.shell in ready and self._message(self.shell, request)[0] == "execute_reply":
                replied = True
                deadline = time.monotonic() + self.patience
        if replied:
            self.patience = LAST_OUTPUTS_SECONDS if idle else AFTER_A_FLOOD
        return replied

    def _message(self, source, request):
        """(type, content) of the next message if it belongs to `request`, else (None, {}).

        Signatures aren't looked at: the student's code has the key, and nobody else the sockets.
        """
        try:
            session = self.client.session
            _, parts = session.feed_identities(source.recv_multipart())
            header, parent, _, content = map(session.unpack, parts[1:5])
            if parent["msg_id"] == request:
                return header["msg_type"], dict(content)
        except Exception:  # forged or broken in any way at all: it isn't there
            pass
        return None, {}

    def _wait_until_ready(self):
        """Until the kernel answers and its broadcasts arrive."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.alive():
            request = self.client.kernel_info()
            until = time.monotonic() + 0.25
            while time.monotonic() < until:
                if self.iopub.poll(50) and self._message(self.iopub, request)[0] == "status":
                    return
        ended = self.why_ended()
        complaint = self.started.complaint() or f"{ended}; does `autograder setup` name something?"
        raise SandboxError(f"a kernel did not start: {complaint}")

    # --- the judge's line ---

    def send(self, pieces: list[bytes], seconds: float) -> None:
        """Send a frame; raises `TimeoutError` when the kernel doesn't take it in time."""
        line, deadline = self.provisioner.started.line, time.monotonic() + seconds
        for piece in pieces:
            line.settimeout(max(0.001, deadline - time.monotonic()))
            line.sendall(piece)

    def receive(self, seconds: float) -> tuple[dict, list]:
        """Receive one frame: (message, buffers); raises `TimeoutError`, `EOFError`."""
        read = wire.reader(self.provisioner.started.line, time.monotonic() + seconds)
        return wire.unpack(read, wire.MAX_REPLY)

    # --- life and death ---

    def alive(self) -> bool:
        process = self.provisioner.process
        return process is not None and process.poll() is None

    def interrupt(self):
        self.manager.signal_kernel(signal.SIGINT)

    def kill(self, reason=None):
        """End the sandbox now, for `reason`."""
        self.reason = self.reason or reason
        self.manager.shutdown_kernel(now=True)

    def gone(self) -> KernelGone:
        """A `KernelGone` that says why, and whose doing it is where that is known."""
        gone = KernelGone(self.why_ended())
        gone.whose = self.watch.whose
        return gone

    def why_ended(self) -> str:
        """Why the kernel is gone, in words."""
        process = self.provisioner.process
        if process is not None:
            try:
                process.wait(1)
            except Exception:
                self.kill()
        if self.reason or (self.watch and self.watch.reason):
            return self.reason or self.watch.reason
        code = process.returncode if process else None
        code = 128 - code if code is not None and code < 0 else code  # without walls: Popen's
        if code is not None and code > 128:
            return f"killed by {signal.Signals(code - 128).name}"
        return f"exit code {code}" if code is not None else "stopped"


class Outputs:
    """The outputs of one cell, up to the limits."""

    def __init__(self, limits):
        self.kept, self.characters, self.bytes = [], limits.output, limits.picture
        self.cut_off = False

    def add(self, kind, content):
        """Take in a message if it is an output of a known kind."""
        if kind == "clear_output":
            self.kept.clear()
        if kind not in ("stream", "display_data", "execute_result", "error") or self.cut_off:
            return
        output = {"output_type": "display_data" if kind == "execute_result" else kind, **content}
        for one in inert_outputs([output]):
            self._add(one)

    def add_error(self, name, text):
        """An error of the grader's own."""
        line = f"{name}: {text}"
        self.kept.append(new_output("error", ename=name, evalue=text, traceback=[line]))

    def _add(self, output):
        pictures = [v for k, v in output.get("data", {}).items() if k.startswith("image/")]
        self.bytes -= sum(map(len, pictures))
        self.characters -= _length(output)
        if self.bytes < 0 or self.characters < 0:
            self.cut_off = True
            if output.output_type == "stream":
                output.text = output.text[: self.characters]
                self._append(output)
            self._append(new_output("stream", name="stdout", text="\n... output cut off ...\n"))
        else:
            self._append(output)

    def _append(self, output):
        last = self.kept[-1] if self.kept else {}
        streams = output.output_type == last.get("output_type") == "stream"
        if streams and output.name == last["name"]:
            last["text"] += output.text
        else:
            self.kept.append(output)


def _length(output):
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    return sum(map(len, [*texts, output.get("data", {}).get("text/plain", "")]))


def _with_outputs(error, outputs):
    error.outputs = outputs.kept
    return error
