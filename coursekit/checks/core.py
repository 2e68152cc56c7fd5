"""The comparisons behind every check: call an answer, compare it, say what is wrong.

The order is the same everywhere: the answer exists, it runs, its type and shape are right,
its numbers are finite, its values are right. The first failure ends the check.
"""

import copy
import functools
import signal
import threading
import time
import traceback
from contextlib import contextmanager, nullcontext

import numpy as np

from coursekit.checks.defaults import fresh_defaults
from coursekit.checks.limits import CALL_SECONDS, WALL_TIMES, StillRunning
from coursekit.checks.results import (
    describe,
    is_tensor,
    numbers_in,
    plain,
    shape_text,
    sizes_text,  # noqa: F401  (for the units' checks)
)

SAME = 1e-5  # numbers nearer than this, absolute or relative, are one known wrong result
PASSED = "public checks passed; hidden tests run when it is graded"
FORM_IS_RIGHT = "the form is right; whether the value is, grading will tell"


class CheckFailed(Exception):
    """A check that failed. The text is written for the student and is all that is shown."""

    def _render_traceback_(self):
        # IPython asks an exception for its own rendering: a student can't use a test's frames.
        return str(self).splitlines()


class NotAttempted(CheckFailed):
    """The answer is still the released stub."""


class TimedOut(CheckFailed):
    """The answer ran into the time limit of one call."""


class WrongValues(CheckFailed):
    """The answer has the right shape but other numbers; keeps both arrays for a picture."""

    def __init__(self, message, expected, got):
        super().__init__(message)
        self.expected, self.got = expected, got


class Messages(dict):
    """{mistake: what the student reads after "Looks like:"}; a hidden test says the same words."""

    def known(self, table):
        """Return a function from a wrong outcome to the message of its row, or to None.

        table: rows of known wrong results and their mistakes, [(numbers, mistake)].
        """

        def message_of(outcome):
            if isinstance(outcome, type):  # the class of an exception
                return None
            return next((self[mistake] for wrong, mistake in table if _same(outcome, wrong)), None)

        return message_of


def _same(outcome, wrong):
    try:
        outcome = np.asarray(plain(outcome), dtype=float)
    except (TypeError, ValueError):  # text, uneven rows, complex numbers: none of the known ones
        return False
    alike = outcome.shape == np.shape(wrong)
    return alike and np.allclose(outcome, wrong, rtol=SAME, atol=SAME)


def visible(check):
    """Turn a check that raises `CheckFailed` into one that prints and returns nothing.

    A check that could look at less than the values returns the line to print for a pass. It runs
    under the defaults under which grading calls the answers.
    """

    @functools.wraps(check)
    def run(*answers):
        try:
            with fresh_defaults():
                passed = check(*answers) or PASSED
        except CheckFailed as failure:
            print(failure)
            if isinstance(failure, WrongValues) and np.ndim(failure.expected) == 2:
                from coursekit import pictures

                pictures.show_comparison(failure.expected, failure.got)
        else:
            print(f"{check.__name__}: {passed}")

    return run


def visible_as(name, check, *first, doc=None):
    """Return the visible check `name`, which runs `check(*first, *answers)`.

    `doc` is its docstring where `check` doesn't say what this one looks at.
    """

    def run(*answers):
        return check(*first, *answers)

    run.__name__ = run.__qualname__ = name
    run.__doc__ = doc or check.__doc__
    return visible(run)


def together(name, *checks):
    """Return the visible check `name`: the cases of several visible checks, in their order."""

    def run_all(*answers):
        passed = [check.__wrapped__(*answers) for check in checks]
        return next(filter(None, passed), None)

    names = ", ".join(check.__name__ for check in checks)
    return visible_as(name, run_all, doc=f"The cases of {names}.")


def attempt(function, *arguments):
    """Return `function(*arguments)`, or None with a note while the function is still the stub."""
    try:
        result = function(*arguments)
    except NotImplementedError:
        result = None
    if result is None:
        print(f"{getattr(function, '__name__', 'the function')}: not attempted yet")
    return result


# Of the thread that runs the cells, for others help it: with sixteen threads of torch a process
# computes for seconds in no time.
computed_so_far = getattr(time, "thread_time", time.process_time)


@contextmanager
def time_limit(seconds):
    """Raise `StillRunning` inside the block once this thread has computed for `seconds`.

    However busy the computer is, it is raised after `WALL_TIMES` as many by the clock on the wall.
    Only where the platform has an alarm signal and in the main thread, which is where a
    notebook's cells run; elsewhere the block runs without a limit.
    """
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    start, computed_before = time.monotonic(), computed_so_far()

    def look(signum, frame):
        wall, computed = time.monotonic() - start, computed_so_far() - computed_before
        left = min(seconds - computed, WALL_TIMES * seconds - wall)
        if left <= 0:
            raise StillRunning(seconds, computed, wall)
        signal.setitimer(signal.ITIMER_REAL, left)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def answered(name, value):
    """Return `value`; raise `NotAttempted` while it is None or Ellipsis."""
    if value is None or value is Ellipsis:
        raise NotAttempted(f"{name}: not attempted yet")
    return value


def call(name, function, *arguments, case="", looks_like=None):
    """Call a student's function on copies of `arguments` and return what it returns.

    Every exception becomes a `CheckFailed` that names the case and the student's line.
    `looks_like(outcome)` may name the mistake; for an exception its outcome is the class.
    """
    return _run(name, function, [copied(argument) for argument in arguments], case, looks_like)


def built(name, cls, *arguments):
    """Return `cls(*arguments)` of a student's class; or a `CheckFailed` that says what is wrong."""
    return call(name, answered(name, cls), *arguments, case=call_text(name, *arguments))


def calling(step, answer, *first):
    """`step(answer, *first, *arguments)` as a function of the arguments, to hand to `call`.

    It limits its time itself where the answer does.
    """
    run = functools.partial(step, answer, *first)
    if hasattr(answer, "keeps_time"):
        run.keeps_time = True
    return run


def expect_array(name, got, expected, *, case="", looks_like=None, tolerance=1e-6):
    """Raise unless `got` has the shape and values of `expected`.

    `tolerance` is relative to the largest expected magnitude, so that a float32 result passes
    and a result that was cut to integers doesn't. NaN and infinity never pass, neither in `got`
    nor in `expected`, which then is no number to compare with.

    >>> expect_array("double", [2.0, 4.0], [2, 4], case="1 and 2")
    >>> expect_array("double", [2.0, 5.0], [2, 4], case="1 and 2")
    Traceback (most recent call last):
    coursekit.checks.core.WrongValues: double: wrong values  (1 and 2)
      at [1]: expected 4.0, got 5.0
    """
    expected = np.asarray(expected, dtype=float)
    array = as_numbers(name, got, case)
    if array.shape != expected.shape:
        numbers = f"expected {shape_text(expected)}, got {shape_text(array)}"
        raise failed(name, "wrong shape", case, numbers, _message(looks_like, array))
    if not np.isfinite(array).all():
        where = first_place(~np.isfinite(array))
        numbers = f"at {list(where)}: expected {number(expected[where])}, got {array[where]}"
        raise failed(name, "not a finite number", case, numbers)
    if not np.isfinite(expected).all():  # everything would be near enough to it
        raise ValueError(f"{name}: what is expected is not finite  ({case})")
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    wrong = np.abs(array - expected) > tolerance * scale
    if wrong.any():
        where = first_place(wrong)
        place = f"at {list(where)}: " if where else ""
        numbers = f"{place}expected {number(expected[where])}, got {number(array[where])}"
        text = report(name, "wrong values", case, numbers, _message(looks_like, array))
        raise WrongValues(text, expected, array)


def expect_int(name, got, expected, *, case="", looks_like=None):
    """Raise unless `got` is a whole number of an integer type equal to `expected`.

    >>> expect_int("size", 3, 3, case="size(5, 3)")
    >>> expect_int("size", 3.0, 3, case="size(5, 3)")
    Traceback (most recent call last):
    coursekit.checks.core.CheckFailed: size: expected an int, got float 3.0  (size(5, 3))
    """
    answered(name, got)
    if isinstance(got, (bool, np.bool_)) or not isinstance(got, (int, np.integer)):
        what = f"expected an int, got {describe(got)}"
        raise failed(name, what, case, message=_message(looks_like, got))
    if int(got) != expected:
        numbers = f"expected {expected}, got {int(got)}"
        raise failed(name, "wrong value", case, numbers, _message(looks_like, got))


def expect_raises(name, function, *arguments, case):
    """Raise unless calling the answer on `arguments` raises ValueError.

    >>> expect_raises("count", int, "five", case="the text 'five'")
    >>> expect_raises("count", len, "five", case="the text 'five'")
    Traceback (most recent call last):
    coursekit.checks.core.CheckFailed: count: expected a ValueError  (the text 'five')
      returned int 4
      Looks like: bad input is not refused; check it first and `raise ValueError(...)`.
    """
    result, error = _outcome(name, function, [copied(argument) for argument in arguments])
    if isinstance(error, ValueError):
        return
    if error is not None:
        outcome = _in_words(error)
    else:
        outcome = "returned " + ("None" if result is None else describe(result))
    message = "bad input is not refused; check it first and `raise ValueError(...)`."
    raise failed(name, "expected a ValueError", case, outcome, message)


def expect_unchanged(name, function, *arguments, case):
    """Raise if calling the answer changes one of its array arguments in place.

    >>> expect_unchanged("total", np.sum, np.ones(2), case="two ones")
    >>> expect_unchanged("shuffled", lambda a: a.sort() or a, np.array([2, 1]), case="2 and 1")
    Traceback (most recent call last):
    coursekit.checks.core.CheckFailed: shuffled: your function changed its input  (2 and 1)
      argument 1 is another array after the call than before
      Looks like: the input is changed in place; work on a new array or a copy.
    """
    given = [copied(argument) for argument in arguments]
    run = calling(_in_place, function) if callable(function) else function
    _run(name, run, given, case)
    for position, (before, after) in enumerate(zip(arguments, given, strict=True)):
        is_array = isinstance(before, np.ndarray) or is_tensor(before)
        if is_array and not np.array_equal(plain(before), plain(after)):
            text = f"argument {position + 1} is another array after the call than before"
            message = "the input is changed in place; work on a new array or a copy."
            raise failed(name, "your function changed its input", case, text, message)


def _in_place(function, *arguments):
    """Call an answer so that what it does to its arguments shows in them, wherever it lives."""
    return getattr(function, "in_place", function)(*arguments)


def failed(name, what, case=None, text="", message=None):
    """Return the `CheckFailed` to raise; see `report`."""
    return CheckFailed(report(name, what, case, text, message))


def report(name, what, case=None, text="", message=None):
    """What a student reads about a failed check.

    name: the answer's. what: the problem. case: what the answer was called with; None where that
    says nothing. text: the numbers. message: names the mistake, where it is known.

    >>> print(report("double", "wrong value", "on 2", "expected 4, got 2", "a factor is missing."))
    double: wrong value  (on 2)
      expected 4, got 2
      Looks like: a factor is missing.
    """
    place = "" if case is None else f"  ({case})"
    return f"{name}: {what}{place}" + (f"\n  {text}" if text else "") + hint(message)


def hint(message):
    """The line of a report that names the mistake; nothing for None."""
    return f"\n  Looks like: {message}" if message else ""


def _message(looks_like, outcome):
    return looks_like(outcome) if looks_like else None


def as_numbers(name, got, case=""):
    """Return `got` as a float array, or raise `CheckFailed` if it has no real numbers."""
    array = numbers_in(answered(name, got))
    if array is None:
        raise failed(name, f"expected an array of real numbers, got {describe(got)}", case)
    return array.astype(float)


def positive_int(name, answer, in_words=None):
    """Return an answer that is a whole number above 0; or raise `CheckFailed`.

    `in_words(answer)` names any other answer, by default with its type.
    """
    answered(name, answer)
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)) or answer < 1:
        got = (in_words or describe)(answer)
        raise failed(name, f"expected a positive whole number, got {got}")
    return answer


def copied(value):
    """A copy of an array, a tensor or a container of them; anything else as it is."""
    if is_tensor(value):
        return value.detach().clone()
    if type(value) is dict:
        return {key: copied(one) for key, one in value.items()}
    if isinstance(value, (np.ndarray, list, tuple, dict)):
        return copy.deepcopy(value)
    return value


def call_text(name, *arguments):
    """'size(5, 3)' for a call with these arguments."""
    return f"{name}({', '.join(map(str, arguments))})"


def first_place(where):
    """The index of the first True of an array, as a tuple of ints."""
    return tuple(int(i) for i in np.argwhere(where)[0])


def number(value):
    """Write a float so that 7.0 stays 7.0 and 0.1 + 0.2 shows no noise."""
    return str(float(f"{float(value):.6g}"))


def _run(name, function, arguments, case, looks_like=None):
    """Call an answer, turning all that can go wrong into a message; see `call`."""
    result, error = _outcome(name, function, arguments)
    if isinstance(error, StillRunning):
        raise TimedOut(report(name, error, case, message=error.hint))
    if error is not None:
        message = _message(looks_like, type(error))
        raise failed(name, _in_words(error), case, _students_line(error), message) from error
    if result is None:
        message = "the function ends without a `return` of its result."
        raise failed(name, "returned None", case, message=message)
    return result


def _outcome(name, function, arguments):
    """What an answer returns and what it raises, one of them None, within the time limit.

    A function that limits its time itself has an attribute `keeps_time`.
    """
    answered(name, function)
    if not callable(function):
        raise failed(name, f"expected a function, got {describe(function)}")
    try:
        with nullcontext() if hasattr(function, "keeps_time") else time_limit(CALL_SECONDS):
            return function(*arguments), None
    except NotImplementedError:
        raise NotAttempted(f"{name}: not attempted yet") from None
    except (Exception, SystemExit) as error:
        return None, error


def _in_words(error):
    """An exception in words; one that comes from another process brings its own."""
    return getattr(error, "told", f"your code raised {type(error).__name__}: {error}")


def _students_line(error):
    """The last line of a notebook cell in a traceback, or an empty text."""
    if getattr(error, "lines", None):
        return f"at {error.lines[-1]}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        in_cell = "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input")
        if in_cell and frame.line:
            return f"at line {frame.lineno} of the cell: {frame.line}"
    return ""
