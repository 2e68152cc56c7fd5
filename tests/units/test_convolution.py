"""Unit 01: right answers of many kinds pass, and the visible tables are the bank's results."""

import re

import nbformat
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from support.course import COURSE
from support.right_answers import GUARD, RIGHT_CONV2D
from support.units import grade_in_process, namespace

from autograder.hidden import convolution as hidden
from autograder.mistakes.convolution import BANK
from coursekit.checks import convolution as checks
from coursekit.checks.core import CheckFailed

UNIT = COURSE.unit("convolution")
QUESTIONS = ["conv2d_shape", "conv2d_values", "conv2d_channels", "conv2d_strides"]


@pytest.mark.parametrize("name", RIGHT_CONV2D)
def test_independent_right_conv2d_gets_full_marks(name):
    answers = namespace(UNIT, conv2d=GUARD + RIGHT_CONV2D[name])
    lost, messages = grade_in_process(UNIT, answers)
    assert not lost, messages


@pytest.mark.parametrize(
    "source",
    [
        "def conv1d(s, m):\n"
        "    return sum(np.pad(np.multiply(s, w), (k, len(m) - 1 - k)) for k, w in enumerate(m))",
        "def conv1d(s, m):\n"
        "    return [sum(s[i] * m[t - i] for i in range(len(s)) if 0 <= t - i < len(m))"
        " for t in range(len(s) + len(m) - 1)]",
        "def conv1d(s, m):\n"
        "    p = np.pad(np.asarray(s, float), len(m) - 1)\n"
        "    return np.array([p[t : t + len(m)] @ m[::-1] for t in range(len(s) + len(m) - 1)])",
    ],
    ids=["shifted", "lists", "padded"],
)
def test_independent_right_conv1d_gets_full_marks(source):
    lost, messages = grade_in_process(UNIT, namespace(UNIT, conv1d="import numpy as np\n" + source))
    assert not lost, messages


@pytest.mark.parametrize(
    "body",
    [
        "np.tensordot(sw(inpt, kernel.shape)[::stride, ::stride, 0], kernel, 3)",
        "np.einsum('ijabc,abc->ij', sw(inpt, kernel.shape)[::stride, ::stride, 0], kernel)",
        "(sw(inpt, kernel.shape)[::stride, ::stride, 0] * kernel).sum(axis=(2, 3, 4))",
    ],
    ids=["tensordot", "einsum", "products"],
)
def test_independent_fast_conv2d_is_fast_enough(body):
    source = (
        "from numpy.lib.stride_tricks import sliding_window_view as sw\nimport numpy as np\n"
        f"def conv2d_fast(inpt, kernel, stride):\n    return {body}"
    )
    lost, messages = grade_in_process(UNIT, namespace(UNIT, conv2d_fast=source))
    assert not lost, messages


def test_right_values_that_spoil_their_input_lose_the_values():
    def conv2d(inpt, kernel, stride):
        windows = sliding_window_view(inpt.astype(float), kernel.shape)[::stride, ::stride, 0]
        out = np.tensordot(windows, kernel, 3)
        inpt[:] = 0
        return out

    with pytest.raises(CheckFailed, match="changed its input"):
        hidden.conv2d_values(conv2d)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_answers_of_nan_or_infinity_lose_every_question(bad):
    def conv2d(inpt, kernel, stride):
        shape = [(n - k) // stride + 1 for n, k in zip(inpt.shape[:2], kernel.shape, strict=False)]
        return np.full(shape, bad)

    for question in QUESTIONS[1:]:
        with pytest.raises(CheckFailed, match="not a finite number"):
            getattr(hidden, question)(conv2d)


def rows_of_visible_tables():
    for _, arguments, _, table in checks.CASES:
        for wrong, message in table:
            yield "conv2d", arguments, wrong, message
    for wrong, message in checks.WRONG_CONV1D:
        yield "conv1d", (checks.SIGNAL, checks.MASK), wrong, message


@pytest.mark.parametrize(
    ("answer", "arguments", "wrong", "message"), list(rows_of_visible_tables())
)
def test_visible_table_holds_what_the_mistake_really_gives(answer, arguments, wrong, message):
    told = checks.MESSAGES[message]
    mistake = next(m for m in BANK if m.answer == answer and m.message == told)
    np.testing.assert_allclose(mistake.outcome(arguments), wrong)


@pytest.mark.parametrize(("_", "arguments", "expected", "__"), checks.CASES)
def test_visible_cases_are_right(_, arguments, expected, __):
    image, kernel, stride = arguments
    windows = sliding_window_view(image, kernel.shape)[::stride, ::stride, 0]
    np.testing.assert_array_equal(np.tensordot(windows, kernel, 3), expected)


def grids_of_the_statement():
    """The image and the kernel that the statement of the by-hand exercise shows."""
    cells = nbformat.read(UNIT.source, as_version=4).cells
    statement = next(cell.source for cell in cells if cell.id == "exercise_by_hand")
    rows = [line.split() for line in re.findall(r"^[\d ]+$", statement, re.MULTILINE)]
    image = [[int(n) for n in row[:4]] for row in rows if row]
    return np.array(image), np.array([[int(n) for n in row[4:]] for row in rows if len(row) == 7])


def laid_on(image, kernel):
    return np.tensordot(sliding_window_view(image, kernel.shape), kernel, 2)


def test_hand_computed_answer_is_the_one_of_the_statement():
    image, kernel = grids_of_the_statement()
    names = namespace(UNIT)
    assert names["hand_convolved"] == laid_on(image, kernel).tolist() == [[8, 20], [14, 25]]
    assert names["hand_pooled"] == [[25]]


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (lambda kernel: kernel[::-1, ::-1], "the kernel is flipped"),
        (lambda kernel: kernel.T, "rows and columns are swapped"),
    ],
    ids=["flipped", "transposed"],
)
def test_wrong_hand_computation_of_the_statement_is_named(turn, told):
    image, kernel = grids_of_the_statement()
    with pytest.raises(CheckFailed, match=told):
        hidden.hand_convolved(laid_on(image, turn(kernel)))
