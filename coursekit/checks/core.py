"""The comparisons behind every check: call an answer, compare it, say what is wrong.

The order is the same everywhere: the answer exists, it runs, its type and shape are right,
its numbers are finite, its values are right. The first failure ends the check.
"""

import copy
import functools
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, nullcontext

import numpy as np

CALL_SECONDS = 5.0  # longest time one call of a student's function may take
PASSED = "public checks passed; hidden tests run when it is graded"
FORM_IS_RIGHT = "the form is right; whether the value is, grading will tell"


class CheckFailed(Exception):
    """A check that failed. The text is written for the student and is all that is shown."""

    def _render_traceback_(self):
        # IPython asks an exception for its own rendering: the frames of a test help nobody.
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


def visible(check):
    """Turn a check that raises `CheckFailed` into one that prints and returns nothing.

    A check that could look at less than the values returns the line to print for a pass.
    """

    @functools.wraps(check)
    def run(*answers):
        try:
            passed = check(*answers) or PASSED
        except CheckFailed as failure:
            print(failure)
            if isinstance(failure, WrongValues) and np.ndim(failure.expected) == 2:
                from coursekit import pictures

                pictures.show_comparison(failure.expected, failure.got)
        else:
            print(f"{check.__name__}: {passed}")

    return run


def attempt(function, *arguments):
    """Return `function(*arguments)`, or None with a note while the function is still the stub."""
    try:
        result = function(*arguments)
    except NotImplementedError:
        result = None
    if result is None:
        print(f"{getattr(function, '__name__', 'the function')}: not attempted yet")
    return result


@contextmanager
def time_limit(seconds):
    """Raise `TimeoutError` inside the block after `seconds`.

    Only where the platform has an alarm signal and in the main thread, which is where a
    notebook's cells run; elsewhere the block runs without a limit.
    """
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def stop(signum, frame):
        raise TimeoutError(f"still running after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
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


def expect_array(name, got, expected, *, case="", looks_like=None, tolerance=1e-6):
    """Raise unless `got` has the shape and values of `expected`.

    `tolerance` is relative to the largest expected magnitude, so that a float32 result passes
    and a result that was cut to integers doesn't. NaN and infinity never pass.
    """
    expected = np.asarray(expected, dtype=float)
    array = as_numbers(name, got, case)
    if array.shape != expected.shape:
        raise CheckFailed(
            f"{name}: wrong shape  ({case})\n"
            f"  expected {shape_text(expected)}, got {shape_text(array)}" + _hint(looks_like, array)
        )
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise CheckFailed(
            f"{name}: not a finite number  ({case})\n"
            f"  at {list(where)}: expected {number(expected[where])}, got {array[where]}"
        )
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    wrong = np.abs(array - expected) > tolerance * scale
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        place = f"at {list(where)}: " if where else ""
        raise WrongValues(
            f"{name}: wrong values  ({case})\n"
            f"  {place}expected {number(expected[where])}, got {number(array[where])}"
            + _hint(looks_like, array),
            expected,
            array,
        )


def expect_int(name, got, expected, *, case="", looks_like=None):
    """Raise unless `got` is a whole number of an integer type equal to `expected`."""
    answered(name, got)
    if isinstance(got, (bool, np.bool_)) or not isinstance(got, (int, np.integer)):
        raise CheckFailed(
            f"{name}: expected an int, got {describe(got)}  ({case})" + _hint(looks_like, got)
        )
    if int(got) != expected:
        raise CheckFailed(
            f"{name}: wrong value  ({case})\n"
            f"  expected {expected}, got {int(got)}" + _hint(looks_like, got)
        )


def expect_raises(name, function, *arguments, case):
    """Raise unless calling the answer on `arguments` raises ValueError."""
    result, error = _outcome(name, function, [copied(argument) for argument in arguments])
    if isinstance(error, ValueError):
        return
    if error is not None:
        outcome = _told(error)
    else:
        outcome = "returned " + ("None" if result is None else describe(result))
    raise CheckFailed(
        f"{name}: expected a ValueError  ({case})\n"
        f"  {outcome}\n"
        "  Looks like: bad input is not refused; check it first and `raise ValueError(...)`."
    )


def expect_unchanged(name, function, *arguments, case):
    """Raise if calling the answer changes one of its array arguments in place."""
    given = [copied(argument) for argument in arguments]
    _run(name, function, given, case)
    for position, (before, after) in enumerate(zip(arguments, given, strict=True)):
        is_array = isinstance(before, np.ndarray) or is_tensor(before)
        if is_array and not np.array_equal(plain(before), plain(after)):
            raise CheckFailed(
                f"{name}: your function changed its input  ({case})\n"
                f"  argument {position + 1} is another array after the call than before\n"
                "  Looks like: the input is changed in place; work on a new array or a copy."
            )


def as_numbers(name, got, case=""):
    """Return `got` as a float array, or raise `CheckFailed` if it isn't real numbers."""
    answered(name, got)
    try:
        array = np.asarray(plain(got))
    except (ValueError, TypeError, RuntimeError):  # uneven rows; no data; tensors with gradients
        array = None
    if array is None or array.dtype.kind not in "iuf":
        raise CheckFailed(
            f"{name}: expected an array of real numbers, got {describe(got)}  ({case})"
        )
    return array.astype(float)


def is_tensor(value):
    """Whether `value` is a torch tensor; imports nothing."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def plain(value):
    """A torch tensor as a numpy array, without its gradient; anything else as it is."""
    return value.detach().cpu().numpy() if is_tensor(value) else value


def copied(value):
    """A copy of an array, a tensor or a container of them; anything else as it is."""
    if is_tensor(value):
        return value.detach().clone()
    if type(value) is dict:
        return {key: copied(one) for key, one in value.items()}
    if isinstance(value, (np.ndarray, list, tuple, dict)):
        return copy.deepcopy(value)
    return value


def describe(value):
    """Name the type of a value for a message, with the shape where it has one."""
    if is_tensor(value):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a tensor of {shape_text(value)} and dtype {dtype}"
    if isinstance(value, np.ndarray):
        return f"an array of {shape_text(value)} and dtype {value.dtype}"
    return f"{type(value).__name__} {value!r:.40}"


def shape_text(array):
    """'3 x 4' for an array of shape (3, 4); 'a single number' for a 0-d one."""
    return "shape " + " x ".join(map(str, array.shape)) if array.ndim else "a single number"


def number(value):
    """Write a float so that 7.0 stays 7.0 and 0.1 + 0.2 shows no noise."""
    return str(float(f"{float(value):.6g}"))


def _run(name, function, arguments, case, looks_like=None):
    """Call an answer, turning all that can go wrong into a message; see `call`."""
    result, error = _outcome(name, function, arguments)
    if isinstance(error, TimeoutError):
        raise TimedOut(
            f"{name}: {error}  ({case})\n"
            "  Looks like: a loop that never ends; does its index grow on every turn?"
        )
    if error is not None:
        text = f"{name}: {_told(error)}  ({case})"
        raise CheckFailed(text + _students_line(error) + _hint(looks_like, type(error))) from error
    if result is None:
        raise CheckFailed(
            f"{name}: returned None  ({case})\n"
            "  Looks like: the function ends without a `return` of its result."
        )
    return result


def _outcome(name, function, arguments):
    """What an answer returns and what it raises, one of them None, within the time limit.

    A function that limits its time itself has an attribute `keeps_time`.
    """
    answered(name, function)
    if not callable(function):
        raise CheckFailed(f"{name}: expected a function, got {describe(function)}")
    try:
        with nullcontext() if hasattr(function, "keeps_time") else time_limit(CALL_SECONDS):
            return function(*arguments), None
    except NotImplementedError:
        raise NotAttempted(f"{name}: not attempted yet") from None
    except (Exception, SystemExit) as error:
        return None, error


def _hint(looks_like, outcome):
    message = looks_like(outcome) if looks_like else None
    return f"\n  Looks like: {message}" if message else ""


def _told(error):
    """An exception in words; one that comes from another process brings its own."""
    return getattr(error, "told", f"your code raised {type(error).__name__}: {error}")


def _students_line(error):
    """The last line of a notebook cell in a traceback, if there is one."""
    if getattr(error, "lines", None):
        return f"\n  at {error.lines[-1]}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        in_cell = "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input")
        if in_cell and frame.line:
            return f"\n  at line {frame.lineno} of the cell: {frame.line}"
    return ""
