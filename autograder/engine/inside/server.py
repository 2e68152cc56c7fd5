"""What runs inside the sandbox: IPython's shell, and the answers to the judge's calls.

Started as `python -I server.py FD`, where FD is one end of a socket pair, or where there are no
walls as `python -I server.py --connect PORT TOKEN`. In order: say that it is there, read the
settings, set the limits, put the unit's rules in force, then do what the grader asks, one request
at a time: run a cell, or call the student's code while a grade cell is judged.

All of this runs with the student's code in one process and can be tampered with by it. That is
no loss: nothing here knows a test, an expected value or a score, and the judge believes
nothing that comes out of here but that it is the student's answer.
"""

import contextlib
import importlib
import importlib.util
import io
import os
import signal
import socket
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from functools import cache, wraps
from importlib.abc import MetaPathFinder
from pathlib import Path

MAX_TEXT = 2000  # characters of an exception's text
MAX_FRAMES = 8
MAX_PRINTED = 4000  # characters of what answers print while a grade cell is judged


def main():
    """Serve until the grader is gone."""
    connect = sys.argv[1] == "--connect"
    channel = connected(*sys.argv[2:]) if connect else inherited(sys.argv[1])
    wire, cells = beside("wire"), beside("shell")
    read = wire.reader(channel)
    settings, _ = wire.unpack(read)
    set_limits(settings["limits"])
    judged = Judged()
    forbid(settings["absent"], settings["rule"])
    refuse(settings["refused"], settings["rule"], judged)
    server = Server(channel, read, wire, judged, load_makers(settings["makers"]))
    definitions = beside("definitions")
    server.use(cells.Cells(cells.new_shell(), server.send, settings["output"], definitions))
    server.serve()


def prepare():
    """In a template: what each of its kernels would do first."""
    beside("wire")
    beside("definitions")
    beside("shell").new_shell()


def inherited(number):
    """The judge's line, an open file of this process."""
    channel = socket.socket(fileno=int(number))
    channel.send(b".")  # with it Linux tells the grader which process this is
    return channel


def connected(port, token):
    """The judge's line without walls: a connection to the grader, who knows us by the token."""
    channel = socket.create_connection(("127.0.0.1", int(port)))
    channel.sendall(token.encode())
    sys.argv[1:] = []
    return channel


@cache
def beside(name):
    """A module of this folder; the interpreter runs isolated from it."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"workbook_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_makers(source):
    """The functions that make a test's own objects: the grader's text, not the notebook's copy."""
    module = type(sys)("workbook_makers")
    exec(compile(source, module.__name__, "exec"), vars(module))
    return module


def set_limits(limits):
    """Lower this process's limits for good; its children inherit them."""
    if limits:
        import resource  # Windows has none
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


# --- the unit's rules: courtesy, not protection --------------------------------------------


class Judged:
    """The question for which the judge is calling the student's code right now, or None."""

    now = None


def forbid(names, rule):
    """Importing one of the modules tells the rule. (Their files aren't in the sandbox at all.)"""

    class Forbidden(MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if any(name == one or name.startswith(one + ".") for one in names):
                raise ModuleNotFoundError(f"{name} is not there when this is graded: {rule}")

    sys.meta_path.insert(0, Forbidden())


def refuse(refusals, rule, judged):
    """Let functions ('cv2.filter2D') raise while the judge calls; the lesson may use them.

    Each comes with the question that it is refused in, None for all.
    """
    for dotted, question in refusals:
        module_name, _, name = dotted.rpartition(".")
        module = importlib.import_module(module_name)
        if hasattr(module, name):
            refusing = _refusing(getattr(module, name), dotted, question, rule, judged)
            setattr(module, name, refusing)


def _refusing(function, dotted, question, rule, judged):
    @wraps(function)
    def refusing(*arguments, **options):
        if judged.now is not None and question in (None, judged.now):
            raise RuntimeError(f"{dotted} can't be used in an answer: {rule}")
        return function(*arguments, **options)

    return refusing


# --- answering the judge -------------------------------------------------------------------


class Server:
    """Does what the judge asks, one request at a time, and sends back plain data or handles."""

    def __init__(self, channel, read, wire, judged, makers):
        self.channel, self.read, self.wire, self.judged = channel, read, wire, judged
        self.makers, self.pid = makers, os.getpid()
        self.names = {}  # the student's
        self.kept, self.last, self.printed = {}, 0, Printed()

    def use(self, cells):
        """Take over the shell that runs cells; its names are the student's."""
        self.cells, self.names = cells, cells.shell.user_ns

    def serve(self):
        """Answer requests until the grader is gone: then nobody needs this process."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.send({"id": 0, "ready": True})
            while True:
                message, buffers = self.wire.unpack(self.read)
                reply = (
                    self.run(message) if message["do"] == "run" else self.answer(message, buffers)
                )
                self.end_of_a_fork()
                self.send(*reply)
        except (EOFError, OSError):
            os._exit(0)

    def run(self, message):
        """Run a cell, which sends its outputs itself; the reply is that it has ended."""
        with contextlib.suppress(BaseException):  # an interrupt that came late
            only = message.get("only_definitions", False)
            self.cells.run(message["id"], message["source"], only)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return {"id": message["id"], "end": True}, []

    def end_of_a_fork(self):
        """Where the student's code forked and both came back, the judge has one partner only."""
        if os.getpid() != self.pid:
            os._exit(0)

    def answer(self, message, buffers):
        """The reply to one request, ready to be sent, whatever the student's code does."""
        try:
            for number in message["drop"]:
                self.kept.pop(number, None)
            arguments = self.wire.decode(message["with"], buffers, self.take)
            operation = getattr(self, "do_" + message["do"])
            return self.result(message, operation, *arguments)
        except BaseException as error:  # whatever it is: the judge has to be told
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return {"id": message["id"], "error": describe(error)}, []

    def result(self, message, operation, *arguments):
        watched = arguments if message["changes"] else ()
        before = [self.bytes_of(argument) for argument in watched]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            self.judged.now = message["question"]
            with redirect_stdout(self.printed), redirect_stderr(self.printed):
                value = operation(*arguments)
        finally:
            self.judged.now = None
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        buffers = []
        node = self.wire.encode(value, buffers, self.keep)
        changed = [
            [position, self.wire.encode(argument, buffers)]
            for position, argument in enumerate(watched)
            if before[position] is not None and before[position] != self.bytes_of(argument)
        ]
        return {"id": message["id"], "value": node, "changed": changed}, buffers

    def bytes_of(self, argument):
        """The bytes of an array or a tensor, to see whether the call changed them."""
        if not self.wire.is_array(argument):
            return None
        buffers = []
        self.wire.encode(argument, buffers)
        return bytes(buffers[0])

    def send(self, message, buffers=()):
        try:
            pieces = self.wire.pack(message, buffers, self.wire.MAX_REPLY)
        except self.wire.WireError as error:
            pieces = self.wire.pack({"id": message["id"], "error": describe(error)})
        for piece in pieces:
            self.channel.sendall(piece)

    def keep(self, value):
        """A handle for what is not data."""
        self.last += 1
        self.kept[self.last] = value
        kind = "class" if isinstance(value, type) else type(value).__name__
        name = getattr(value, "__name__", "")
        name = name if isinstance(name, str) else ""
        return self.wire.Handle(self.last, kind, name, callable(value))

    def take(self, handle):
        return self.kept[handle.number]

    def do_name(self, name):
        if name not in self.names:
            raise NameError(f"name {name!r} is not defined")
        return self.names[name]

    def do_call(self, function, options, *arguments):
        return function(*arguments, **options)

    def do_make(self, maker, options, *arguments):
        """An object of the test's own, made where the answers are: a net, a loader."""
        return getattr(self.makers, maker)(*arguments, **options)

    def do_attribute(self, value, name):
        return getattr(value, name)

    def do_item(self, value, key):
        return value[key]

    def do_length(self, value):
        return len(value)

    def do_iterator(self, value):
        return _Iterator(iter(value))

    def do_done(self):
        """What was printed since the last time; nothing else is left of this grade cell."""
        self.kept.clear()
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
        text, self.printed = self.printed.getvalue(), Printed()
        return text

    def do_next(self, iterator):
        """[item], or [] at the end: a student's StopIteration can't end a test's loop."""
        return iterator.next()


class Printed(io.StringIO):
    """Keeps the first characters of what is printed."""

    def write(self, text):
        super().write(text[: MAX_PRINTED - self.tell()])
        return len(text)


class _Iterator:
    """An iterator that is never mistaken for data."""

    def __init__(self, iterator):
        self.iterator = iterator

    def next(self):
        try:
            return [next(self.iterator)]
        except StopIteration:
            return []


def describe(error):
    """An exception as plain data: its kinds, its text, and the student's lines that led to it."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    try:
        text = str(error)
    except BaseException:
        text = "(its text can't be shown)"
    return {
        "kinds": kinds,
        "name": type(error).__name__[:80],
        "text": text[:MAX_TEXT],
        "lines": _students_lines(error),
    }


def _students_lines(error):
    """'line 3 of the cell: total += ...' for the frames of notebook cells, innermost last."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<ipython-input"):
            lines.append(f"line {frame.lineno} of the cell: {frame.line or ''}"[:200])
    return lines[-MAX_FRAMES:]


if __name__ == "__main__":
    main()
