"""Visible checks of unit 02. Every expected number was worked out by hand."""

from itertools import permutations

import numpy as np

from coursekit import scenes
from coursekit.checks.core import (
    Messages,
    NotAttempted,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    call,
    expect_array,
    failed,
    first_place,
    number,
    sizes_text,
    together,
    visible,
    visible_as,
)

BIAS = 4.5  # of layer 1's ReLU
THRESHOLD = 1.75  # above it, a value of the last map says: here is a square
SCENE = 1  # seed of the notebook's scene
NAMES = ("k11", "k12", "k13", "k14", "k2")

# What the commonest wrong answers look like; the grader says the same words.
MESSAGES = Messages(
    interval="sampled at whole numbers; the n places divide [-3, 3] evenly, ends included.",
    variance="the exponent is -x^2; a variance of 1 makes it -x^2/2.",
    density="the factor in front is missing: the area under a density is 1.",
    sum_one="divided so that the samples sum up to 1; the values of the density are asked.",
    slope_sign="the sign is flipped: left of the top the curve rises.",
    x_squared="the - 1 is missing; the product rule gives two terms, x^2 and -1.",
    second_sign="the sign is flipped: at its top the curve bends down.",
    not_zero_mean="the weights don't sum up to 0, so an even grey gets an answer.",
    spot_sign="the sign is flipped; the Laplacian of a bright spot is negative in the middle.",
    edge_sign="from bright to dark; theta points from dark to bright.",
    rows_down="turned the wrong way round: rows grow downwards, the y axis upwards.",
    ink_only="0 where there is no ink; only -1 keeps filled shapes out.",
    three_corners="three corners are enough to pass the threshold.",
    any_place="a corner counts wherever it is; each map has one place of its own.",
    wrong_places="the four ones are at the wrong places, or in the wrong maps.",
    channels_first="4 x 2 x 2; the channel comes last, as in H x W x C.",
    other_diagonal="the other diagonal: rows grow downwards.",
)

# The three curves at x = -3, 0, 3, worked out from a table of the normal distribution.
TOP, TAIL, SLOPE, BEND = 0.3989422804, 0.0044318484, 0.0132955452, 0.0354547873
PROFILES = {
    "gaussian": [TAIL, TOP, TAIL],
    "d_gaussian": [SLOPE, 0, -SLOPE],
    "dd_gaussian": [BEND, -TOP, BEND],
}
WRONG_PROFILES = {
    "gaussian": [
        ([0.2419707245, TOP, 0.2419707245], "interval"),
        ([0.0000492336, TOP, 0.0000492336], "variance"),
        ([0.0111089965, 1, 0.0111089965], "density"),
        ([0.0108675416, 0.9782649169, 0.0108675416], "sum_one"),
    ],
    "d_gaussian": [([-SLOPE, 0, SLOPE], "slope_sign")],
    "dd_gaussian": [
        ([0.0398866357, 0, 0.0398866357], "x_squared"),
        ([-BEND, TOP, -BEND], "second_sign"),
    ],
}


def expect_finite(name, array, case):
    """Raise unless all numbers of an array are finite."""
    if not np.isfinite(array).all():
        where = first_place(~np.isfinite(array))
        raise failed(name, "not a finite number", case, f"at {list(where)}: {array[where]}")


def expect_kernel(name, got, shape, case, looks_like=None):
    """Return an answer as a float array of `shape`, finite; or raise.

    `looks_like` is a function from the array to a message or None.
    """
    array = as_numbers(name, got, case)
    if array.shape != shape:
        text = f"expected {sizes_text(shape)}, got {sizes_text(array.shape) or 'a number'}"
        message = looks_like(array) if looks_like else None
        raise failed(name, "wrong shape", case, text, message)
    expect_finite(name, array, case)
    return array


def sums_to_zero(array):
    """Whether the weights of a filter sum up to 0, but for rounding."""
    return abs(array.sum()) <= 1e-5 * np.abs(array).sum()


def windows(image, size):
    """All windows of `size` x `size` pixels of an H x W image, H' x W' x size x size."""
    return np.lib.stride_tricks.sliding_window_view(image, (size, size))


# --- 1-D profiles --------------------------------------------------------------------------


def _expect_profile(name, function):
    """Three samples: x = -3, 0, 3."""
    case = f"{name}(3): the places are -3, 0 and 3"
    got = call(name, function, 3, case=case)
    looks_like = MESSAGES.known(WRONG_PROFILES[name])
    expect_array(name, got, PROFILES[name], case=case, looks_like=looks_like)


gaussian, d_gaussian, dd_gaussian = (visible_as(name, _expect_profile, name) for name in PROFILES)


# --- 2-D filters ---------------------------------------------------------------------------


@visible
def oriented_edge_shape(function):
    """9 x 9, and silent on an even grey."""
    case = "oriented_edge(9, 0)"
    kernel = _oriented(function, 0.0, case)
    if not sums_to_zero(kernel):
        text = f"expected weights that sum up to 0, got a sum of {number(kernel.sum())}"
        message = MESSAGES["not_zero_mean"]
        raise failed("oriented_edge", "answers to an even grey", case, text, message)
    if not kernel.any():
        raise failed("oriented_edge", "no filter", case, "all weights are 0")


@visible
def oriented_edge_angle(function):
    """9 x 9: answers to edges that rise to the right and upwards."""
    column = np.arange(9) - 4.0
    to_the_right = np.sign(np.tile(column, (9, 1)))
    cases = [
        (0.0, "dark left, bright right", to_the_right, "edge_sign"),
        (np.pi / 2, "dark below, bright above", -to_the_right.T, "rows_down"),
    ]
    for theta, edge, image, message in cases:
        case = f"theta = {number(theta)}, an edge that is {edge}"
        response = (_oriented(function, theta, case) * image).sum()
        if response <= 0:
            text = f"expected a response above 0, got {number(response)}"
            looks_like = MESSAGES[message] if response < 0 else None
            raise failed("oriented_edge", "wrong response", case, text, looks_like)


def _oriented(function, theta, case):
    got = call("oriented_edge", function, 9, theta, case=case)
    return expect_kernel("oriented_edge", got, (9, 9), case)


oriented_edge = together("oriented_edge", oriented_edge_shape, oriented_edge_angle)


@visible
def laplacian_of_gaussian(function):
    """7 x 7: the weights sum up to 0, symmetric, negative in the middle."""
    name, case = "laplacian_of_gaussian", "n = 7"
    kernel = expect_kernel(name, call(name, function, 7, case=case), (7, 7), case)
    if not sums_to_zero(kernel):
        text = f"expected weights that sum up to 0, got a sum of {number(kernel.sum())}"
        raise failed(name, "wrong values", case, text, MESSAGES["not_zero_mean"])
    for turned in (kernel.T, kernel[::-1]):
        expect_array(name, kernel, turned, case=f"{case}: mirrored, it has to stay the same")
    if kernel[3, 3] >= 0:
        text = f"expected a negative weight in the middle, got {number(kernel[3, 3])}"
        raise failed(name, "wrong values", case, text, MESSAGES["spot_sign"])


# --- the detector --------------------------------------------------------------------------


def as_layer_kernel(name, kernel):
    """A finite 3 x 3 array, or `CheckFailed`. 3 x 3 x 1 will do, too."""
    array = as_numbers(name, kernel, "its weights")
    array = array[:, :, 0] if array.shape == (3, 3, 1) else array
    return expect_kernel(name, array, (3, 3), "its weights")


def as_corner_kernel(name, kernel):
    """A 3 x 3 array of weights -1, 0 and 1; or `CheckFailed`."""
    array = as_layer_kernel(name, kernel)
    wrong = ~np.isin(array, (-1, 0, 1))
    if wrong.any():
        where = first_place(wrong)
        text = f"at {list(where)}: {number(array[where])}; only -1, 0 and 1 are allowed"
        raise failed(name, "another weight", "its weights", text)
    return array


def _expect_corner(name, kernel):
    """A corner of the public square, and silence on a filled one."""
    array = as_corner_kernel(name, kernel)
    hollow, filled = np.zeros((8, 8)), np.zeros((8, 8))
    filled[2:6, 2:6] = hollow[2:6, 2:6] = 1
    hollow[3:5, 3:5] = 0
    responses = (windows(hollow, 3) * array).sum(axis=(2, 3))
    case = "a hollow 4x4 square"
    places = int((responses > BIAS).sum())
    if places != 1:
        text = f"expected one place above {BIAS}, got {places}; the largest response is "
        raise failed(name, "wrong response", case, text + number(responses.max()))
    strongest = (windows(filled, 3) * array).sum(axis=(2, 3)).max()
    if strongest > BIAS:
        case, text = "a filled 4x4 square", f"expected at most {BIAS}, got {number(strongest)}"
        raise failed(name, "wrong response", case, text, MESSAGES["ink_only"])


k11, k12, k13, k14 = (visible_as(name, _expect_corner, name) for name in NAMES[:4])


@visible
def k2(kernel):
    """Four corners at four places: of the 24 ways to lay them out, one is a square."""
    case = "its weights"
    got = as_numbers("k2", kernel, case)
    first = MESSAGES["channels_first"] if got.shape == (4, 2, 2) else None
    array = expect_kernel("k2", got, (2, 2, 4), case, lambda _: first)
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    orders = permutations(range(4))
    layouts = [[(*place, c) for place, c in zip(places, one, strict=True)] for one in orders]
    passing = [one for one in layouts if _response(array, one) > THRESHOLD]
    case = "each map answers 0.5 at one of the four places"
    if len(passing) != 1:
        text = f"expected 1 of the 24 layouts above {THRESHOLD}, got {len(passing)}"
        message = MESSAGES["any_place"] if passing else None
        raise failed("k2", "wrong response", case, text, message)
    for missing in passing[0]:
        response = _response(array, set(passing[0]) - {missing})
        if response > THRESHOLD:
            text = f"expected at most {THRESHOLD} from three corners, got {number(response)}"
            raise failed("k2", "wrong response", case, text, MESSAGES["three_corners"])


def _response(kernel, places):
    return sum(0.5 * kernel[place] for place in places)


@visible
def detector(*kernels):
    """The notebook's scene."""
    first, second = as_layers(*kernels)
    image, places = scenes.scene(SCENE)
    found = squares_found(two_layers(image, first, second))
    if found != places:
        text = f"expected squares at {places}, got {found}"
        raise failed("detector", "other places", "the scene of the notebook", text)


def as_layers(*kernels):
    """The four kernels of layer 1 and the one of layer 2 as arrays; or `CheckFailed`."""
    *first, second = NAMES
    missing = [
        n for n, kernel in zip(NAMES, kernels, strict=True) if kernel is None or kernel is ...
    ]
    if missing:
        all_are = len(missing) == len(NAMES)
        text = "not attempted yet" if all_are else f"it waits for {', '.join(missing)}"
        raise NotAttempted(f"detector: {text}")
    layer_1 = [as_layer_kernel(name, one) for name, one in zip(first, kernels[:4], strict=True)]
    return layer_1, expect_kernel(second, kernels[4], (2, 2, 4), "its weights")


def squares_found(result):
    """Places (row, column) above the threshold."""
    return [tuple(int(i) for i in place) for place in np.argwhere(result > THRESHOLD)]


def two_layers(image, kernels, second):
    """Both layers, written out: H x W x 1, four 3 x 3 and 2 x 2 x 4 -> (H-3) x (W-3)."""
    seen = windows(image[:, :, 0], 3)
    maps = [np.maximum(0, (seen * kernel).sum(axis=(2, 3)) - BIAS) for kernel in kernels]
    return sum(
        (windows(one, 2) * second[:, :, channel]).sum(axis=(2, 3))
        for channel, one in enumerate(maps)
    )


# --- your own filter -----------------------------------------------------------------------


@visible
def diagonal_line_kernel(kernel):
    """9 x 9 drawings of one line through the middle, and an even grey."""
    array = expect_square("diagonal_line_kernel", kernel)
    if not sums_to_zero(array):
        text = f"expected a response of 0, got {number(array.sum())} times the grey"
        message = MESSAGES["not_zero_mean"]
        raise failed("diagonal_line_kernel", "wrong response", "an even grey", text, message)
    size = 2 * len(array) + 3
    rising, level = np.eye(size)[::-1], np.zeros((size, size))
    level[size // 2] = 1
    wanted = strongest(rising, array)
    lines = {"horizontal": level, "vertical": level.T, "falling 135 degree": rising[::-1]}
    for direction, image in lines.items():
        other = strongest(image, array)
        if wanted < 3 * other - 1e-9 or wanted == 0:
            case = f"a 45 degree line and a {direction} line"
            text = f"expected at least 3 times {number(other)}, got {number(wanted)}"
            falls = "falling" in direction and wanted < other
            message = MESSAGES["other_diagonal"] if falls else None
            raise failed("diagonal_line_kernel", "wrong response", case, text, message)


def strongest(image, kernel):
    """Largest size of a kernel's response, sign ignored, on an H x W image."""
    return float(np.abs((windows(image, len(kernel)) * kernel).sum(axis=(2, 3))).max())


def expect_square(name, kernel):
    """Return a kernel as a float array k x k with k from 3 to 15, finite; or raise."""
    array = as_numbers(name, kernel, "its weights")
    array = array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not 3 <= len(array) <= 15:
        text = f"expected k x k with k from 3 to 15, got {sizes_text(array.shape)}"
        raise failed(name, "wrong shape", "its weights", text)
    expect_finite(name, array, "its weights")
    return array
