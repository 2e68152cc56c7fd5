"""Stand-ins: the student's names as a test sees them, while the objects stay in the kernel.

Calling one sends plain data to the kernel and gets plain data back; what isn't data comes back
as another stand-in. A stand-in refuses `==`, truth and conversion to an array: what it says
about itself must not pass for a result.
"""

from contextlib import contextmanager, suppress

import numpy as np

from autograder.engine.clock import Allowance, allowance_of
from autograder.engine.inside import wire
from autograder.engine.limits import MIB, Room
from autograder.engine.reading.intake import one_line

# A student's exception arrives as one of these, the closest to its own class. Exceptions that
# steer Python itself (StopIteration, SystemExit ...) are none of them.
ORDINARY = (
    ArithmeticError, AssertionError, AttributeError, BufferError, EOFError,
    FloatingPointError, ImportError, IndexError, KeyError, LookupError, MemoryError,
    ModuleNotFoundError, NameError, NotImplementedError, OSError, OverflowError,
    RecursionError, ReferenceError, RuntimeError, SyntaxError, TypeError, UnboundLocalError,
    UnicodeError, ValueError, ZeroDivisionError,
)  # fmt: skip
KINDS = {kind.__name__: kind for kind in ORDINARY}
OF_AN_ANSWER = 1000  # bytes that a result counts for even where it is none
MAX_WORDS = 100  # characters of what is said of an object
MAX_LINE = 300  # characters of an exception's text that a test sees


class StudentError(Exception):
    """The student's code raised something that is no ordinary exception."""


class NotPassed(Exception):
    """What the student's code returned can't be passed on."""

    @property
    def told(self):
        return f"what your code returned can't be passed on: {self}"


@contextmanager
def judged(kernel, allowance, question="", cell=None, room=None):
    """A `Channel` to the student's names; at the end `printed` holds what calls printed.

    `allowance`, or its seconds, is what all calls have together. `question` is the one that is
    judged, for rules that hold in one question only; `cell` is what `KernelGone.whose` may name;
    `room` is the submission's, a `Room`.
    """
    kernel.watch.begin(cell)
    channel = Channel(kernel, room or Room(kernel.limits), allowance_of(allowance), question)
    try:
        yield channel
    finally:
        if kernel.alive():
            channel.printed = _end(kernel)


def _end(kernel):
    """Let nothing of a grade cell be left in the kernel; returns what was printed."""
    try:
        end = {"do": "done", "id": 0, "question": None, "with": [], "drop": [], "changes": False}
        with kernel.grace() as grace:
            kernel.send(wire.pack(end), grace)
            reply, buffers = kernel.receive(grace)
        text = wire.decode(reply.get("value"), buffers)
        return text if isinstance(text, str) else ""
    except (OSError, EOFError, AttributeError, wire.WireError):  # a TimeoutError, too
        kernel.kill()
        return ""


class Channel:
    """The judge's line to a kernel that is serving, for one grade cell.

    Every request has its own time limit, and all of them together have `allowance`. After a call
    that ran out of time or killed the kernel, all further ones fail in the same way at once.
    """

    def __init__(self, kernel, room, allowance: Allowance, question):
        self.kernel, self.room, self.question = kernel, room, question
        self.limits = kernel.limits
        self.left = self.limits.answer  # bytes of further results
        self.allowance = allowance
        self.failure = None
        self.printed = ""  # by the student's code; known when all is judged
        self.dropped = []
        self.number = 0

    def ask(self, do: str, *arguments, changes: bool = False):
        """Let the kernel do one thing; returns its value or raises the student's exception.

        The kernel works on copies, and what it does to them stays there; with `changes` arrays
        among the arguments get the content that they have there afterwards, as a local call would
        give them. So that is for copies only, never for what a test computes with.
        """
        if self.failure:
            raise self.failure
        buffers = []
        nodes = [wire.encode(_as_handle(one), buffers) for one in arguments]
        self.number += 1
        request = {"id": self.number, "question": self.question, "do": do, "with": nodes}
        request |= {"drop": self.dropped, "changes": changes}
        self.dropped = []
        reply, buffers = self._exchange(wire.pack(request, buffers))
        if "error" in reply:
            raise _exception(reply["error"])
        try:
            value = wire.decode(reply.get("value"), buffers, self._stand_in, self._count)
            if changes:
                _write_back(reply.get("changed"), buffers, arguments)
        except wire.WireError as error:
            raise NotPassed(str(error)) from None
        return value

    def _count(self, size):
        """Take the bytes of a result from what this question and this submission may hold."""
        self.left -= size + OF_AN_ANSWER
        self.room.answers -= size + OF_AN_ANSWER
        for left, limit, whole in (
            (self.left, self.limits.answer, "one question"),
            (self.room.answers, self.limits.answers, "a submission"),
        ):
            if left < 0:
                most = f"{limit / MIB:.3g} MiB"
                self.failure = NotPassed(f"the results of {whole} may have {most} together")
                raise self.failure

    def _exchange(self, pieces):
        call = self.allowance.part(self.limits.call_seconds)
        try:
            with call.running(self.kernel.clock):
                self.kernel.send(pieces, call)
                return self._reply(call)
        except TimeoutError:
            self.failure = call.error()
            self._stop()
        except (EOFError, OSError):
            self.failure = self.kernel.gone()
        except wire.WireError as error:
            self.kernel.kill()
            self.failure = NotPassed(f"it is no reply ({error})")
        except BaseException:  # Ctrl-C: the next request must not get this one's reply
            self.kernel.kill()
            raise
        raise self.failure

    def _reply(self, allowance):
        reply, buffers = self.kernel.receive(allowance)
        if not isinstance(reply, dict) or reply.get("id") != self.number:
            raise wire.WireError("it answers another question")
        return reply, buffers

    def _stop(self):
        """Interrupt the call; where that doesn't help, end the kernel."""
        self.kernel.interrupt()
        try:
            with self.kernel.grace(self.limits) as grace:
                self._reply(grace)
        except (TimeoutError, EOFError, OSError, wire.WireError):
            self.kernel.kill()

    def _stand_in(self, handle):
        kind = CallableStandIn if handle.can_be_called else StandIn
        return kind(self, handle)


class StandIn:
    """An object in the student's kernel."""

    # Tests leave time limits to the channel, which can also end what ignores an interrupt.
    keeps_time = True

    def __init__(self, channel, handle):
        self._channel, self._handle = channel, handle

    def __repr__(self):
        name = f" {self._handle.name}" if self._handle.name else ""
        return f"<{self._handle.kind}{name}>"

    def _in_words(self):
        """What a visible check would call it (`coursekit.checks.results`); it decides nothing."""
        with suppress(Exception):  # it may be gone, slow, or raise: then there is its kind
            words = _texts(self._channel.ask("in_words", self))
            if len(words) == 2:
                return [one_line(word)[:MAX_WORDS] for word in words]
        return [one_line(repr(self))] * 2

    def __getattr__(self, name):
        if name.startswith("_"):  # numpy and copy ask for such names of their own accord
            raise AttributeError(name)
        return self._channel.ask("attribute", self, name)

    def __getitem__(self, key):
        return self._channel.ask("item", self, key)

    def __len__(self):
        length = self._channel.ask("length", self)
        if type(length) is not int or length < 0:
            raise NotPassed("its length is no number")
        return length

    def __iter__(self):
        iterator = self._channel.ask("iterator", self)
        while item := self._channel.ask("next", iterator):
            if type(item) is not list:
                raise NotPassed("it can't be gone through")
            yield item[0]

    def __del__(self):
        self._channel.dropped.append(self._handle.number)

    def _refuse(self, *_):
        raise TypeError(f"expected data, got {self!r}")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __array__ = __int__ = __float__ = __index__ = __contains__ = _refuse
    __hash__ = object.__hash__


class CallableStandIn(StandIn):
    """A function, a class or another object in the student's kernel that can be called."""

    def __call__(self, *arguments, **options):
        return self._channel.ask("call", self, options, *arguments)

    def in_place(self, *arguments):
        """A call after which arrays among the arguments are what the call made of them."""
        return self._channel.ask("call", self, {}, *arguments, changes=True)


def _as_handle(value):
    if isinstance(value, StandIn):
        return value._handle
    if isinstance(value, dict):
        return {key: _as_handle(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_as_handle, value))
    return value


def _write_back(changed, buffers, arguments):
    """Give arrays that the call changed in place their new content."""
    for position, node in changed or []:
        before, after = arguments[position], wire.decode(node, buffers)
        if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
            if before.shape == after.shape and before.flags.writeable:
                before[...] = after
        elif hasattr(before, "copy_") and getattr(after, "shape", None) == before.shape:
            before.detach().copy_(after)


def _exception(described):
    """The student's exception, from plain data that nobody vouches for."""
    described = described if isinstance(described, dict) else {}
    kinds = [kind for kind in _texts(described.get("kinds")) if kind in KINDS]
    name, text = (_texts([described.get(key)]) or [""] for key in ("name", "text"))
    name, text = name[0][:MAX_LINE], text[0][:MAX_LINE]
    if "Exception" not in _texts(described.get("kinds")):  # SystemExit, KeyboardInterrupt ...
        kinds = []
    error = KINDS[kinds[0]](text) if kinds else StudentError(text)
    # On one line each: further lines of a message are the grader's own.
    error.told = one_line(f"your code raised {name}: {text}")
    error.lines = [one_line(line) for line in _texts(described.get("lines"))][-8:]
    return error


def _texts(value):
    texts = value if isinstance(value, list) else []
    return [wire.written(one) for one in texts if isinstance(one, str)]
