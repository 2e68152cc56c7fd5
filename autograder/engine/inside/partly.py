"""What of a cell runs without the rest: its imports and definitions, each by itself."""

import ast
import re
import signal
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout

AROUND = re.compile(r"\s*%%(capture|time)\b[^\n]*\n")  # cell magics that run their cell as it is
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


def unwrapped(source):
    """A cell without the magics that only stand around it."""
    while found := AROUND.match(source):
        source = source[found.end() :]
    return source


def after(nodes, ran, is_definition):
    """The definitions after a cell's first `ran` statements, the last of which failed.

    One that would replace what the cell has defined already is left out: the cell that ended
    early keeps what it had.
    """
    bound = set().union(*map(bound_by, nodes[:ran]))
    later = filter(is_definition, nodes[ran:])
    return [node for node in later if isinstance(node, IMPORTS) or not bound_by(node) & bound]


def bound_by(node):
    """The names that a statement binds, its functions' own names left out."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).partition(".")[0]}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    return set().union(*map(bound_by, ast.iter_child_nodes(node)))


def run_each(shell, nodes, cell_name):
    """Run statements one by one; what one of them prints or raises isn't shown.

    An interrupt, or the end of the time, ends them all.
    """
    stopped = shell.outbox.stopped
    for node in nodes:
        if shell.outbox.stopped != stopped:  # and what ran took no notice
            return
        try:
            with redirect_stdout(None), redirect_stderr(None):
                code = shell.compile(ast.Module([node], []), cell_name, "exec")
                exec(code, shell.user_global_ns, shell.user_ns)
        except (KeyboardInterrupt, OutOfTime):
            return
        except BaseException:
            continue


class OutOfTime(BaseException):
    """No code of a student's takes it for one of its own errors."""


@contextmanager
def time_limit(seconds):
    """Raise `OutOfTime` in the block after so many seconds, where the platform has an alarm."""
    if seconds is None or sys.platform == "win32":
        yield
        return

    def stop(*_):
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except OutOfTime:  # it came between two statements
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
