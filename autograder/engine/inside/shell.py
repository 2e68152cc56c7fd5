"""IPython's shell without Jupyter around it: runs cells, sends their outputs as they come.

A cell means here what it means in a notebook: magics, `display`, rich outputs, top-level await,
tracebacks. Nobody answers `input()`, and widgets are objects that nobody sees.
"""

import ast
import base64
import builtins
import contextlib
import getpass
import io
import math
import os
import signal
import sys
import tempfile
import threading
import time
import traceback

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

SHOWN = ("text/plain", "image/png", "image/jpeg")  # of a rich output; the grader keeps no others
FLUSH_SECONDS = 0.1  # what is printed is sent at least this often, so that a crash keeps it
FLUSH_CHARACTERS = 4096
SMALLEST = 100  # bytes that any output counts for


class Outbox:
    """Sends the outputs of the cell that runs, up to a limit, from this process alone.

    `send(message)` sends one frame. What a child process prints reaches the files behind the
    streams (`Printed`), and so the end of the cell.
    """

    def __init__(self, send, most):
        self.transmit, self.most = send, most
        self.pid, self.lock = os.getpid(), threading.RLock()
        self.number = None  # of the cell that runs
        self.left = 0
        self.sending = self.interrupted = False

    def begin(self, number):
        self.number, self.left = number, self.most

    def end(self):
        """Nothing is sent from here on: a thread that goes on printing has no cell any more."""
        with self.lock:
            self.number = None

    def ours(self):
        return self.number is not None and os.getpid() == self.pid

    def send(self, kind, content, size):
        """Send an output of about `size` bytes, if there is still room for it."""
        with self.lock:
            if self.ours() and self.left > 0:
                self.left -= size + SMALLEST
                self._send({"id": self.number, "kind": kind, "content": content})

    def _send(self, message):
        """Send a frame whole: an interrupt meanwhile waits for its end."""
        main = threading.current_thread() is threading.main_thread()
        self.sending = main
        try:
            self.transmit(message)
        finally:
            self.sending = False if main else self.sending
        if main and self.interrupted:
            self.interrupt()

    def interrupt(self, *_):
        """What SIGINT does while a cell runs."""
        self.interrupted = self.sending
        if not self.sending:
            raise KeyboardInterrupt


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a cell."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name, number, outbox):
        self.name, self.number, self.outbox = name, number, outbox
        self.waiting, self.size, self.sent = [], 0, 0.0

    def writable(self):
        return True

    def isatty(self):
        return False

    def fileno(self):
        return self.number

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() != self.outbox.pid:
            os.write(self.number, text.encode("utf-8", "replace"))
            return len(text)
        self.waiting.append(text)
        self.size += len(text)
        ends = "\n" in text or "\r" in text
        late = ends and time.monotonic() > self.sent + FLUSH_SECONDS
        if late or self.size > FLUSH_CHARACTERS:
            self.flush()
        return len(text)

    def close(self):
        """A notebook's streams stay open."""
        self.flush()

    def flush(self):
        """Send what was written; in one piece, whichever threads wrote it."""
        with self.outbox.lock:
            text, self.waiting, self.size = "".join(self.waiting), [], 0
            self.sent = time.monotonic()
            if text:
                self.outbox.send("stream", {"name": self.name, "text": text}, len(text))


class Printed:
    """What reaches the file descriptors 1 and 2 past Python: C code, child processes."""

    def __init__(self):
        self.files = {}
        for name, number in (("stdout", 1), ("stderr", 2)):
            self.files[name] = file = tempfile.TemporaryFile()  # noqa: SIM115
            os.dup2(file.fileno(), number)

    def take(self, outbox):
        """Send what came since the last time."""
        for number, (name, file) in enumerate(self.files.items(), 1):
            with contextlib.suppress(OSError, ValueError):  # the student's code may have closed it
                if size := os.fstat(file.fileno()).st_size:
                    data = os.pread(file.fileno(), min(size, outbox.most), 0)
                    os.ftruncate(file.fileno(), 0)
                    os.lseek(number, 0, os.SEEK_SET)
                    text = data.decode("utf-8", "replace")
                    outbox.send("stream", {"name": name, "text": text}, len(text))


class Publisher(DisplayPublisher):
    """Sends what is displayed."""

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
        flush()
        content, size = _shown(data)
        kind = "update_display_data" if update else "display_data"
        self.shell.outbox.send(kind, {"data": content, "metadata": {}}, size)

    def clear_output(self, wait=False):
        flush()
        self.shell.outbox.send("clear_output", {"wait": wait}, 0)


class Hook(DisplayHook):
    """Sends the value of a cell's last expression."""

    def write_output_prompt(self):
        """No prompt: the page has its own."""

    def write_format_data(self, format_dict, md_dict=None):
        flush()
        content, size = _shown(format_dict)
        self.shell.outbox.send("execute_result", {"data": content, "metadata": {}}, size)

    def finish_displayhook(self):
        self._is_active = False


class ZMQInteractiveShell(InteractiveShell):
    """A notebook's shell, by the name that notebooks know it by: some ask for it."""

    outbox = None

    def __init__(self, **options):
        self.source = ""  # of the cell that runs, or ran last
        self.reached = math.inf  # the line at which it was interrupted
        super().__init__(
            display_pub_class=Publisher,
            displayhook_class=Hook,
            compiler_class=CachingCompiler,
            **options,
        )
        self.config.setdefault("IPKernelApp", {})  # others ask for that
        self.set_hook("show_in_pager", page.as_hook(_not_shown), 99)
        builtins.input = getpass.getpass = _nobody_answers

    def enable_gui(self, gui=None):
        """No windows."""

    def ask_exit(self):
        """`exit()` in a notebook means its end for a person; here cells follow."""
        print("exit: ignored, the notebook goes on")

    def transform_cell(self, raw_cell):
        """Plain Python stays as it is; only for `%magic` and the like is it taken apart."""
        return raw_cell if _is_python(raw_cell) else super().transform_cell(raw_cell)

    def _showtraceback(self, etype, evalue, stb):
        flush()
        if etype is KeyboardInterrupt:
            self.reached = _line_reached(evalue.__traceback__)
        content = {"ename": etype.__name__, "evalue": _text(evalue), "traceback": list(stb)}
        self.outbox.send("error", content, sum(map(len, stb)))


def new_shell():
    """The shell of this process; made before there is a student's code, and before a fork."""
    quiet = Config({"HistoryManager": {"enabled": False}})  # it would have a thread, and a file
    return ZMQInteractiveShell.instance(config=quiet)


class Cells:
    """Runs cells one after the other in a shell and sends their outputs through `send`."""

    def __init__(self, shell, send, most, definitions=None):
        """definitions: the module of that name; what runs only definitions needs it."""
        self.shell, self.outbox = shell, Outbox(send, most)
        self.definitions = definitions
        os.makedirs(shell.ipython_dir, exist_ok=True)  # a template's home was another folder
        shell.outbox = self.outbox
        self.streams = [Stream("stdout", 1, self.outbox), Stream("stderr", 2, self.outbox)]
        sys.stdout, sys.stderr = self.streams
        self.printed = Printed()

    def run(self, number, source, only_definitions=False):
        """Run one cell; returns when all of its outputs are sent, whatever it raises.

        only_definitions: of its statements those that import or define; where it is the cell that
        ran last, those that it didn't come to.
        """
        self.outbox.begin(number)
        with self._left_out(source) if only_definitions else contextlib.nullcontext():
            self._run(source)

    @contextlib.contextmanager
    def _left_out(self, source):
        """Let statements that don't only define, or that have run, be left out."""
        after = self.shell.reached if source == self.shell.source else 0
        one = OnlyDefinitions(self.definitions.is_definition, after)
        self.shell.ast_transformers.append(one)
        try:
            yield
        finally:
            self.shell.ast_transformers.remove(one)

    def _run(self, source):
        self.shell.source, self.shell.reached = source, math.inf
        try:
            signal.signal(signal.SIGINT, self.outbox.interrupt)
            self.shell.run_cell(source, store_history=True)
        except BaseException as error:  # an interrupt between the cell and its end
            self.shell._showtraceback(type(error), error, traceback.format_exception(error))
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for stream in self.streams:
                stream.flush()
            self.printed.take(self.outbox)
            self.outbox.end()


class OnlyDefinitions(ast.NodeTransformer):
    """Leaves a cell the statements that begin after a line and only define."""

    def __init__(self, is_definition, after):
        self.is_definition, self.after = is_definition, after

    def visit_Module(self, module):
        kept = [one for one in module.body if one.lineno > self.after]
        module.body = list(filter(self.is_definition, kept))
        return module


def _line_reached(trace):
    """The line of a cell that an exception came through first, or 0."""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<ipython-input"):
            return trace.tb_lineno
        trace = trace.tb_next
    return 0


def flush():
    """Send what was printed before what comes now."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a student's own may be anything
            stream.flush()


def _shown(data):
    """(the parts of a rich output that are shown, as JSON, their size)."""
    shown = {kind: data[kind] for kind in SHOWN if kind in data}
    shown = {kind: _as_text(value) for kind, value in shown.items()}
    return shown, sum(map(len, shown.values()))


def _as_text(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _text(value):
    try:
        return str(value)
    except BaseException:
        return "(its text can't be shown)"


def _not_shown(*_, **__):
    """The pager: a notebook shows it beside the page."""


def _nobody_answers(prompt="", stream=None):
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _is_python(source):
    """Whether a cell needs none of IPython's own syntax, which no Python can be read as."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
