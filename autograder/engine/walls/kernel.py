"""A student's kernel as the grader sees it: cells go in, bounded and harmless outputs come out.

One line leads to it (`inside/wire.py`). Whatever arrives on it may be forged: so sizes are limited
before anything is read, only outputs of known kinds are looked at, and nothing that is said here
decides about a score.
"""

import contextlib
import select
import signal
import subprocess

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.engine.clock import Allowance, Clock, allowance_of
from autograder.engine.inside import commands, wire
from autograder.engine.limits import Limits, Room
from autograder.engine.reading.inert import inert_outputs, picture_size
from autograder.engine.walls.sandbox import SandboxError
from autograder.engine.walls.tiers import backend_of
from autograder.engine.walls.watch import Watch
from coursekit.checks.limits import StillRunning

START_SECONDS = 60
LOOK_SECONDS = 0.2  # between two looks at whether a silent kernel is still there
CELL_TIMEOUT = "CellTimeout"
LEAST = 50  # characters that an output, or a line of a traceback, counts for
BROKEN = "its line to the grader is broken"
LEFT_OUT = {  # what a cell may be run without: the kernel's word for it, a person's
    "elsewhere": "what there is in Colab or on Kaggle only does nothing while grading",
    "magics": "a magic that isn't there while grading was left out",
    "packages": commands.SENTENCE,
}


class KernelGone(Exception):
    """The student's code ended its kernel; `whose` is the cell that did it, if that is known.

    `lost`: it wasn't the student's code, but something outside of the walls. `late`: it was ended
    because a cell was out of time.
    """

    whose, lost, late = None, False, False

    @property
    def told(self):
        return f"your code ended its kernel: {self}"


class Kernel:
    """A running kernel in a sandbox of its own; a context manager that ends it."""

    def __init__(self, settings):
        self.settings, self.limits = settings, settings.limits
        self.watch = self.started = None
        self.reason = None  # why it was ended, where a cell didn't heed the interrupt
        self.number = 0  # of the last cell
        self.left_out = []  # of the last cell, in words
        self.clock = Clock()
        self.stopped = None  # how the last cell was stopped, in words, where it was
        self.late = False  # as `KernelGone.late`

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Start it and wait until it answers; raises `SandboxError` if it doesn't."""
        self.started = backend_of(self.settings.walls).start(self.settings)
        try:
            self.started.meet()
            self.process, self.pid = self.started.process, self.started.process.pid
            with Allowance(START_SECONDS, wall=START_SECONDS).running(self.clock) as patience:
                self.send(wire.pack(self._orders()), patience)
                self.receive(patience)
        except (OSError, EOFError, wire.WireError) as error:
            complaint = (
                self.started.complaint() or f"{error}; does `autograder setup` name something?"
            )
            self.close()
            raise SandboxError(f"a kernel did not start: {complaint}") from None
        except BaseException:
            self.close()
            raise
        self.watch = Watch(self.pid, self.limits, self.alive, self.started, self.clock)
        self.watch.start()
        return self

    def _orders(self):
        """What the kernel has to know, and nothing else of the course."""
        rules = self.settings.rules
        return {
            "limits": self.started.limits(self.limits),
            "output": self.limits.output + self.limits.picture,
            "rule": rules.rule,
            "absent": rules.absent,
            "refused": rules.refusals(),
            "makers": self.settings.makers,
            "lesson": self.settings.lesson,
        }

    def close(self):
        """End the sandbox and everything that was opened for it."""
        if self.watch:
            self.watch.stop()
        if self.started:
            self.started.end()
            self.started.close()
        if self.watch:
            self.watch.close()
        self.started = None

    # --- cells ---

    def run(
        self,
        source: str,
        allowance: Allowance | float,
        cell: NotebookNode | None = None,
        room: Room | None = None,
        only_definitions: bool = False,
    ) -> list[NotebookNode]:
        """Run one cell; return its outputs, an error for running out of time as the last of them.

        allowance: or its seconds. only_definitions: only its imports and definitions run, each by
        itself and quietly.
        Raises `KernelGone` with the outputs so far in `.outputs` when the kernel ended; `cell`
        is what `KernelGone.whose` may name then or later. `room` is what all cells' outputs share.
        """
        self.watch.begin(cell)
        outputs = Outputs(self.limits, room or Room(self.limits))
        self.number += 1
        self.left_out, self.stopped = [], None
        request = {"do": "run", "id": self.number, "source": source}
        request["only_definitions"] = only_definitions
        try:
            with allowance_of(allowance).running(self.clock) as running:
                in_time = self._collect(request, outputs, running)
        except (EOFError, OSError):
            raise _with_outputs(self.gone(), outputs) from None
        except wire.WireError:
            self.kill(BROKEN)
            raise _with_outputs(self.gone(), outputs) from None
        if not in_time:
            outputs.add_error(CELL_TIMEOUT, self.stopped)
        return outputs.kept

    def _collect(self, request, outputs, allowance):
        """Send a request, gather outputs until the cell ends; whether it did so in time.

        A cell that is out of time is interrupted, and the kernel ended if that doesn't help.
        """
        with contextlib.suppress(StillRunning):  # it doesn't take the request, or says no end
            self.send(wire.pack(request), allowance)
            if self._gather(outputs, allowance):
                return True
        self.stopped = f"stopped after {allowance.in_words()}"
        self.interrupt()
        with self.grace() as grace, contextlib.suppress(StillRunning):
            if self._gather(outputs, grace):
                return False
        self.late = True
        self.kill(f"{self.stopped}; it did not heed the interrupt")
        raise EOFError

    def grace(self, limits: Limits | None = None):
        """The allowance of what has been interrupted, running."""
        return Allowance((limits or self.limits).grace_seconds).running(self.clock)

    def _gather(self, outputs, allowance):
        """Read frames until the cell has ended; whether it has within its time."""
        while (left := allowance.left()) > 0:
            if not select.select([self.started.line], [], [], min(left, LOOK_SECONDS))[0]:
                if not self.alive():  # what it has left may hold the line
                    raise EOFError
                continue
            # A frame that has begun is read to its end: the next one is found behind it only.
            if left > self.limits.grace_seconds:
                message, _ = self.receive(allowance, self.limits.message)
            else:
                with self.grace() as grace:
                    message, _ = self.receive(grace, self.limits.message)
            if not isinstance(message, dict) or message.get("id") != self.number:
                continue
            if message.get("end"):
                said = message.get("left_out")
                said = said if isinstance(said, list) else []
                self.left_out = [text for word, text in LEFT_OUT.items() if word in said]
                return True
            outputs.add(message.get("kind"), message.get("content"))
        return False

    # --- the line ---

    def send(self, pieces: list[bytes], allowance: Allowance) -> None:
        """Send a frame; raises `TimeoutError` when the kernel doesn't take it in time."""
        wire.send(self.started.line, pieces, allowance.wait)

    def receive(self, allowance: Allowance, most: int = wire.MAX_REPLY) -> tuple[dict, list]:
        """Receive one frame: (message, buffers); raises `TimeoutError`, `EOFError`."""
        return wire.unpack(wire.reader(self.started.line, allowance.wait), most)

    def quiet(self) -> bool:
        """Whether nothing goes on in it beyond what it was started with, which is looked at."""
        return self.alive() and self.watch.quiet()

    # --- life and death ---

    def alive(self) -> bool:
        return self.started is not None and self.process.poll() is None

    def interrupt(self):
        self.started.interrupt(signal.SIGINT)

    def kill(self, reason=None):
        """End the sandbox now, for `reason`."""
        self.reason = self.reason or reason
        self.started.end()

    def gone(self) -> KernelGone:
        """A `KernelGone` that says why, and whose doing it is where that is known."""
        gone = KernelGone(self.why_ended())
        gone.whose, gone.late = self.watch.whose, self.late
        gone.lost = self.reason is None and self.watch.reason is None and self.started.lost
        return gone

    def why_ended(self) -> str:
        """Why the kernel is gone, in words."""
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.kill()
        if reason := self.reason or self.watch.why_ended():
            return reason
        code = self.process.returncode
        code = 128 - code if code is not None and code < 0 else code  # without walls: Popen's
        if code is not None and code > 128:
            return f"killed by {signal.Signals(code - 128).name}"
        return f"exit code {code}" if code is not None else "stopped"


class Outputs:
    """The outputs of one cell, up to its limits and as far as the notebook has room for them.

    All that is kept counts, and each item for `LEAST` characters at least.
    """

    def __init__(self, limits, room):
        self.kept, self.characters, self.bytes = [], limits.output, limits.picture
        self.room, self.cut_off = room, False

    def add(self, kind, content):
        """Take in what may be an output of a known kind."""
        if kind == "clear_output":
            self.kept.clear()
        if kind not in ("stream", "display_data", "execute_result", "error") or self.cut_off:
            return
        if not isinstance(content, dict):
            return
        output = {"output_type": "display_data" if kind == "execute_result" else kind, **content}
        for one in inert_outputs([output]):
            self._add(one)

    def add_error(self, name, text):
        """An error of the grader's own."""
        line = f"{name}: {text}"
        self.kept.append(new_output("error", ename=name, evalue=text, traceback=[line]))

    def _add(self, output):
        pictures = picture_size(output)
        length = _length(output) - (LEAST if self._goes_on(output) else 0)
        self.bytes -= pictures
        self.characters -= length
        self.room.left -= length + pictures
        if min(self.bytes, self.characters, self.room.left) < 0:
            self.cut_off = True
            if output.output_type == "stream":  # its beginning still fits
                over = -min(self.characters, self.room.left)
                output.text = output.text[: max(0, len(output.text) - over)]
                self._append(output)
            self._append(new_output("stream", name="stdout", text="\n... output cut off ...\n"))
        else:
            self._append(output)

    def _append(self, output):
        if self._goes_on(output):
            self.kept[-1]["text"] += output.text
        else:
            self.kept.append(output)

    def _goes_on(self, output):
        """Whether it is more of the stream that came last."""
        last = self.kept[-1] if self.kept else {}
        streams = output.output_type == last.get("output_type") == "stream"
        return streams and output.name == last["name"]


def _length(output):
    """What an output counts for, without its pictures."""
    lines = output.get("traceback", [])
    texts = [output.get(part, "") for part in ("text", "ename", "evalue")]
    texts += [*lines, output.get("data", {}).get("text/plain", "")]
    return sum(map(len, texts)) + LEAST * (1 + len(lines))


def _with_outputs(error, outputs):
    error.outputs = outputs.kept
    return error
