"""Visible checks of unit 01. Every expected number was worked out by hand."""

import numpy as np

from coursekit.checks.core import (
    FORM_IS_RIGHT,
    Messages,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    call,
    call_text,
    expect_array,
    expect_int,
    failed,
    positive_int,
    together,
    visible,
    visible_as,
)

# What the commonest wrong answers look like; the grader says the same words.
MESSAGES = Messages(
    derivative_sign="the sign is flipped: true convolution turns the mask around once more.",
    not_flipped_1d="the mask isn't flipped; that is cross-correlation.",
    kernel_flipped="the kernel is flipped; this exercise asks for no flip.",
    first_channel="only the first channel is summed.",
    channels_apart="the channels are not summed; the result has one number per place.",
    mean="the mean of the products, where their sum is asked.",
    stride_ignored="the stride is ignored.",
    window_not_strided="the result has the right size, but the window moves one pixel a step.",
    one_short="the last row and column are missing; how many places does the window fit?",
    no_plus_one="the + 1 is missing: the first place counts too.",
    not_int="a division with / gives a float; use // for a whole number.",
    ceiling="rounded up; a window that doesn't fit whole has no place (floor).",
)

# Public case of the 2-D exercises: image 3 x 4, kernel 2 x 2.
IMAGE = np.array([[1.0, 2, 0, 3], [0, 1, 2, 1], [3, 0, 1, 2]])[:, :, None]
KERNEL = np.array([[1.0, 0], [2, -1]])[:, :, None]
RESULT = np.array([[0.0, 2, 3], [6, 0, 2]])
# For channels and strides the kernel is the same after a half turn: one case alone names a flip.
TURNABLE = np.array([[1.0, 2], [2, 1]])[:, :, None]
TURNABLE_RESULT = np.array([[6.0, 6, 11], [8, 6, 8]])
# A second channel of ones under a kernel of ones adds 4 everywhere.
IMAGE_2 = np.concatenate([IMAGE, np.ones((3, 4, 1))], axis=2)
KERNEL_2 = np.concatenate([TURNABLE, np.ones((2, 2, 1))], axis=2)
RESULT_2 = TURNABLE_RESULT + 4

WRONG_CONV2D = [
    ([[4.0, 0, 7], [2, 4, 2]], "kernel_flipped"),
    ([[0.0, 0.5, 0.75], [1.5, 0, 0.5]], "mean"),
    ([[0.0, 2]], "one_short"),
]
WRONG_CHANNELS = [
    (TURNABLE_RESULT, "first_channel"),
    (np.stack([TURNABLE_RESULT, np.full((2, 3), 4.0)], axis=2), "channels_apart"),
]
WRONG_STRIDE = [
    (TURNABLE_RESULT, "stride_ignored"),
    ([[6.0, 6]], "window_not_strided"),
]
CASES = [  # text, arguments, expected, known wrong results
    ("image 3x4x1, kernel 2x2x1, stride 1", (IMAGE, KERNEL, 1), RESULT, WRONG_CONV2D),
    ("image 3x4x2, kernel 2x2x2, stride 1", (IMAGE_2, KERNEL_2, 1), RESULT_2, WRONG_CHANNELS),
    ("image 3x4x1, kernel 2x2x1, stride 2", (IMAGE, TURNABLE, 2), [[6.0, 11]], WRONG_STRIDE),
]

# Public case of conv1d: signal 1 2 3, mask 1 0 -1.
SIGNAL, MASK = np.array([1.0, 2, 3]), np.array([1.0, 0, -1])
FULL = np.array([1.0, 2, 2, -2, -3])
WRONG_CONV1D = [(-FULL, "not_flipped_1d")]


@visible
def derivative_mask(mask):
    """Three numbers; on the ramp I[t] = t the middle of the convolution is 1."""
    array = as_numbers("derivative_mask", mask)
    if array.shape != (3,):
        raise failed("derivative_mask", f"expected 3 numbers, got shape {array.shape}")
    slope = np.convolve([0.0, 1, 2], array, mode="valid")[0]
    expect_array(
        "derivative_mask",
        slope,
        1.0,
        case="ramp 0 1 2: slope in the middle",
        looks_like=MESSAGES.known([(-1.0, "derivative_sign")]),
    )


@visible
def conv1d(function):
    """1 2 3 convolved with 1 0 -1 is 1 2 2 -2 -3."""
    case = "signal 1 2 3, mask 1 0 -1"
    got = call("conv1d", function, SIGNAL, MASK, case=case)
    expect_array("conv1d", got, FULL, case=case, looks_like=MESSAGES.known(WRONG_CONV1D))
    case = "signal 5, mask 2: one number each"
    got = call("conv1d", function, np.array([5.0]), np.array([2.0]), case=case)
    expect_array("conv1d", got, [10.0], case=case)


def _expect_form(name, shape, in_words, answer):
    got = as_numbers(name, answer).shape
    if got != shape:
        raise failed(name, f"expected {in_words}, got shape {got}")
    return FORM_IS_RIGHT


FORMS = {"hand_convolved": ((2, 2), "2 rows of 2 numbers"), "hand_pooled": ((1, 1), "[[number]]")}
hand_convolved, hand_pooled = (
    visible_as(name, _expect_form, name, *form, doc=f"Only the form: {form[1]}.")
    for name, form in FORMS.items()
)


@visible
def size_40_5(answer):
    """Only the form: a positive whole number."""
    positive_int("size_40_5", answer, in_words="{!r:.40}".format)
    return FORM_IS_RIGHT


SIZES = {  # the check, what it looks at, and its cases: arguments, expected, known wrong results
    "output_size": ("A kernel of 3 fits 3 times into 5.", [((5, 3), 3, [(2, "no_plus_one")])]),
    "output_size_strided": (
        "A kernel of 3 in steps of 2 fits twice into 5 and also twice into 6.",
        [((5, 3, 2), 2, [(1, "no_plus_one")]), ((6, 3, 2), 2, [(3, "ceiling"), (2.5, "not_int")])],
    ),
    "output_size_general": (
        "5 pixels padded by 1: a kernel of 3 dilated to 5 fits 3 times.",
        [((5, 3, 1, 0, 1), 3, [(2, "no_plus_one")]), ((5, 3, 1, 1, 2), 3, [])],
    ),
}


def _expect_sizes(name, cases, function):
    for arguments, expected, wrong in cases:
        case = call_text(name, *arguments)
        got = call(name, function, *arguments, case=case)
        expect_int(name, got, expected, case=case, looks_like=MESSAGES.known(wrong))


output_size, output_size_strided, output_size_general = (
    visible_as(name, _expect_sizes, name, cases, doc=doc) for name, (doc, cases) in SIZES.items()
)


def _expect_conv2d(name, case, function):
    text, arguments, expected, wrong = case
    got = call(name, function, *arguments, case=text)
    expect_array(name, got, expected, case=text, looks_like=MESSAGES.known(wrong))


@visible
def conv2d_shape(function):
    """The shape of the one-channel case."""
    got = call("conv2d", function, IMAGE, KERNEL, 1, case=CASES[0][0])
    if as_numbers("conv2d", got, CASES[0][0]).shape != RESULT.shape:
        _expect_conv2d("conv2d", CASES[0], function)


conv2d_values, conv2d_channels, conv2d_strides = (
    visible_as(f"conv2d_{name}", _expect_conv2d, "conv2d", case, doc=f"One case: {case[0]}.")
    for name, case in zip(("values", "channels", "strides"), CASES, strict=True)
)
conv2d = together("conv2d", conv2d_values, conv2d_channels, conv2d_strides)


@visible
def conv2d_fast(function):
    """The cases of conv2d; the speed is measured when it is graded."""
    for case in CASES:
        _expect_conv2d("conv2d_fast", case, function)


@visible
def sobel_magnitude(function):
    """A step edge of height 1 has gradient 4 under Sobel's weights 1 2 1."""
    step = np.array([[0.0, 0, 1, 1]] * 3)[:, :, None]
    case = "image 3x4x1: a vertical step edge from 0 to 1"
    got = call("sobel_magnitude", function, step, case=case)
    expect_array("sobel_magnitude", got, [[4.0, 4.0]], case=case)
