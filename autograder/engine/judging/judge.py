"""Runs a grade cell: the instructor's source, in this process, on stand-ins.

The outputs are written here and nowhere else, in the form in which nbgrader reads a score:
an error is no points, a number as the last expression is that many, anything else is all.
"""

import ast
import io
import math
import numbers
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.engine.reading.inert import inert_outputs
from autograder.engine.seeds import seeded
from coursekit.checks.core import CheckFailed

FRAMES = 4  # of the student's own lines, shown below a message


def judge(
    source: str, names: Callable[[], dict], points: float, seed: int
) -> tuple[list[NotebookNode], Exception | None]:
    """Run a grade cell on `names()`: (outputs, the exception that ended it or None)."""
    from autograder.engine.judging.shown import shown_figures  # not where messages are only told

    printed, failure, value = io.StringIO(), None, None
    with (
        seeded(seed),
        redirect_stdout(printed),
        redirect_stderr(printed),
        shown_figures() as figures,
    ):
        try:
            value = _run(source, names())
        except Exception as error:
            failure = error
    outputs = [new_output("stream", name="stdout", text=printed.getvalue()), *figures]
    outputs += [error_output(failure)] if failure else _partial(value, points)
    return inert_outputs(one for one in outputs if one.get("text") != ""), failure


def error_output(error: Exception) -> NotebookNode:
    """The output that tells a failure: its message and the student's lines that led to it."""
    name, text = type(error).__name__, str(error)
    if isinstance(error, CheckFailed):
        text += _called_from(error.__cause__)
    else:
        text = getattr(error, "told", f"this answer could not be judged: {name}: {text:.300}")
    return new_output("error", ename=name, evalue=text[:300], traceback=text.splitlines())


def _called_from(error):
    """The student's own calls above the line that the message names already."""
    lines = getattr(error, "lines", [])[-FRAMES:-1]
    return "".join(f"\n  called from {line}" for line in reversed(lines))


def _run(source, names):
    """Execute a cell; the value of its last line, if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<grade cell>", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<grade cell>", "eval"), names)


def _partial(value, points):
    """The output that gives a part of the points; none where all of them are given."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return []
    value = float(value)
    clamped = min(max(value, 0.0), points) if math.isfinite(value) else 0.0
    return [new_output("execute_result", data={"text/plain": repr(clamped)}, execution_count=None)]
