"""Hidden tests of unit 01, one function per grade cell.

The four tests of `conv2d` are built so that each kind of mistake costs its own points: the
inputs of the channel and stride tests are whole numbers under kernels that stay the same when
turned around, so a flipped kernel or a result cut to integers doesn't cost points twice.
"""

import time
from functools import lru_cache

import cv2
import numpy as np

from autograder.engine.seeds import generator
from autograder.mistakes.convolution import BANK
from coursekit import photos
from coursekit.checks.core import (
    as_numbers,
    call,
    call_text,
    expect_array,
    expect_int,
    expect_raises,
    expect_unchanged,
    failed,
)

FAST_RATIO = 10  # conv2d_fast against the loop, measured in one run
UNSEEN_PHOTOS = ("coins", "cat", "astronaut")  # the lesson shows others
CROP = (20, 26)  # pixels of them: a loop in Python takes its time
LOOP_ROWS = 4  # of 124, which the loop that `conv2d_fast` is compared with goes over


def derivative_mask(mask):
    """True convolution with the mask is (I[t+1] - I[t-1]) / 2, on any signal."""
    rng = generator("derivative_mask")
    array = as_numbers("derivative_mask", mask)
    looks_like = BANK.looks_like("derivative_mask")
    if array.shape != (3,):
        raise failed("derivative_mask", f"expected 3 numbers, got shape {array.shape}")
    for length in (3, 8, 21):
        signal = rng.normal(size=length)
        expect_array(
            "derivative_mask",
            np.convolve(signal, array, mode="valid"),
            (signal[2:] - signal[:-2]) / 2,
            case=f"convolved with a random signal of length {length}",
            looks_like=lambda _: looks_like(array),
        )


def conv1d(function):
    """The full convolution, as numpy computes it."""
    rng = generator("conv1d")
    for n, k in [(7, 3), (1, 1), (1, 4), (6, 1), (3, 8), (5, 5), *rng.integers(2, 20, (5, 2))]:
        signal, mask = rng.normal(size=n), rng.normal(size=k)
        _expect_same("conv1d", function, (signal, mask), np.convolve(signal, mask))
    signal, mask = rng.integers(-9, 9, size=9), rng.normal(size=4)
    _expect_same("conv1d", function, (signal, mask), np.convolve(signal, mask))


def hand_convolved(answer):
    """0*0 + ... worked out: see the statement for the two grids."""
    image = np.array([[0, 0, 0, 1], [0, 0, 1, 2], [0, 0, 2, 3], [0, 1, 2, 3]])
    kernel = np.array([[0, 0, 2], [0, 1, 2], [0, 2, 3]])
    expect_array(
        "hand_convolved",
        answer,
        [[_dot(image[i : i + 3, j : j + 3], kernel) for j in (0, 1)] for i in (0, 1)],
        case="kernel laid on the image as it is",
        looks_like=BANK.looks_like("hand_convolved"),
    )


def hand_pooled(answer):
    """The largest of the four numbers."""
    expect_array(
        "hand_pooled",
        answer,
        [[25]],
        case="2x2 max-pooling of the 2x2 result",
        looks_like=BANK.looks_like("hand_pooled"),
    )


def size_40_5(answer):
    """40 - 5 + 1."""
    expect_int(
        "size_40_5", answer, 36, case="40 pixels, kernel 5", looks_like=BANK.looks_like("size_40_5")
    )


def output_size(function):
    """Counted: the kernel's first pixel can stand on 0 ... h - k."""
    rng = generator("output_size")
    sizes = [(h, rng.integers(1, h + 1)) for h in rng.integers(1, 200, size=12)]
    for h, k in [(5, 5), (1, 1), (28, 5), *sizes]:
        _expect_size("output_size", function, h, k)


def output_size_strided(function):
    """Counted in steps of s, with many sizes that the stride doesn't divide."""
    rng = generator("output_size_strided")
    sizes = [(h, rng.integers(1, h + 1), rng.integers(1, 8)) for h in rng.integers(1, 200, size=20)]
    for h, k, s in [(6, 3, 2), (5, 5, 4), (7, 2, 3), *sizes]:
        _expect_size("output_size_strided", function, h, k, s)


def output_size_general(function):
    """Counted on the padded image with the dilated kernel."""
    rng = generator("output_size_general")
    sizes = []
    for _ in range(24):
        k, s, p, d = (int(n) for n in rng.integers((1, 1, 0, 1), (8, 6, 5, 5)))
        reach = d * (k - 1) + 1
        sizes.append((int(rng.integers(max(1, reach - 2 * p), 150)), k, s, p, d))
    for case in [(20, 3, 1, 2, 2), (6, 3, 2, 0, 1), (7, 3, 2, 1, 2), (28, 5, 1, 2, 1), *sizes]:
        _expect_size("output_size_general", function, *case)


def conv2d_shape(function):
    """H' x W' at stride 1 for every kind of size; ValueError where no convolution exists."""
    rng = generator("conv2d_shape")
    for image, kernel in _sizes(rng):
        arguments = (rng.normal(size=image), rng.normal(size=kernel), 1)
        case = _case(arguments)
        got = call("conv2d", function, *arguments, case=case, looks_like=_conv2d(arguments))
        expected = _conv2d_by_counting(*arguments)
        if as_numbers("conv2d", got, case).shape != expected.shape:
            expect_array("conv2d", got, expected, case=case, looks_like=_conv2d(arguments))
    impossible = [
        ((4, 5, 1), (5, 2, 1), 1, "kernel one row higher than the image"),
        ((4, 5, 2), (2, 9, 2), 1, "kernel wider than the image"),
        ((6, 6, 3), (2, 2, 2), 1, "3 channels in the image, 2 in the kernel"),
        ((6, 6, 1), (2, 2, 3), 1, "1 channel in the image, 3 in the kernel"),
        ((6, 6, 1), (2, 2, 1), 0, "stride 0"),
        ((6, 6, 1), (2, 2, 1), -1, "stride -1"),
    ]
    for image, kernel, stride, case in impossible:
        arguments = (np.ones(image), np.ones(kernel), stride)
        expect_raises("conv2d", function, *arguments, case=case)


def conv2d_values(function):
    """Every number at stride 1, one channel, for all number types; inputs stay as they are."""
    rng = generator("conv2d_values")
    for image, kernel in _sizes(rng):
        _expect_conv2d(function, rng.normal(size=image), rng.normal(size=kernel), 1)
    whole = rng.integers(-9, 9, size=(6, 9, 1))
    _expect_conv2d(function, whole, rng.integers(-3, 4, size=(2, 3, 1)), 1)
    _expect_conv2d(function, whole, rng.normal(size=(3, 2, 1)), 1)
    pixels = rng.integers(0, 256, size=(7, 5, 1)).astype(np.uint8)
    _expect_conv2d(function, pixels, rng.normal(size=(3, 3, 1)), 1)
    single = rng.normal(size=(8, 6, 1)).astype(np.float32)
    _expect_conv2d(function, single, rng.normal(size=(4, 3, 1)).astype(np.float32), 1)
    image, kernel = rng.normal(size=(5, 6, 1)), rng.normal(size=(2, 3, 1))
    expect_unchanged("conv2d", function, image, kernel, 1, case=_case((image, kernel, 1)))


def conv2d_channels(function):
    """The products of all channels are summed."""
    rng = generator("conv2d_channels")
    for channels in (2, 3, 5, int(rng.integers(6, 12))):
        h, w = rng.integers(5, 12, size=2)
        image = rng.integers(-9, 10, size=(h, w + 1, channels)).astype(float)
        _expect_conv2d(function, image, _turnable(rng, 3, channels), 1)


def conv2d_strides(function):
    """Strides 2 to 4, most of which don't divide."""
    rng = generator("conv2d_strides")
    for stride in (2, 3, 4):
        for h, w in [(9, 12), (3, 5), *rng.integers(6, 16, size=(3, 2))]:
            image = rng.integers(-9, 10, size=(h, w, 1)).astype(float)
            _expect_conv2d(function, image, _turnable(rng, 3, 1), stride)


def sobel_magnitude(function):
    """Against OpenCV's Sobel, on crops of photos that the lesson doesn't show."""
    rng, (h, w) = generator("sobel_magnitude"), CROP
    for name in UNSEEN_PHOTOS:
        photo = _photo(name)
        top, left = rng.integers(0, np.array(photo.shape[:2]) - CROP)
        crop = photo[top : top + h, left : left + w].copy()
        x = cv2.Sobel(crop[:, :, 0], cv2.CV_64F, 1, 0)
        y = cv2.Sobel(crop[:, :, 0], cv2.CV_64F, 0, 1)
        case = f"photo {name!r}, {h}x{w}x1"
        looks_like = BANK.looks_like("sobel_magnitude", crop)
        got = call("sobel_magnitude", function, crop, case=case, looks_like=looks_like)
        expected = np.hypot(x, y)[1:-1, 1:-1]
        expect_array("sobel_magnitude", got, expected, case=case, looks_like=looks_like)


@lru_cache(maxsize=len(UNSEEN_PHOTOS))
def _photo(name):
    return photos.gray(name)


def conv2d_fast(function):
    """The results of conv2d, at least `FAST_RATIO` times as fast as a loop over windows."""
    rng = generator("conv2d_fast")
    for stride in (1, 2, 3):
        for channels in (1, 3):
            image = rng.normal(size=(11, 14, channels))
            kernel = rng.normal(size=(4, 3, channels))
            _expect_conv2d(function, image, kernel, stride, name="conv2d_fast")
    ratio = _speed_ratio(function, rng)
    if ratio < FAST_RATIO:
        case = "image 128x128x3, kernel 5x5x3, stride 1"
        speed = f"{FAST_RATIO} times the speed of a loop over places and channels"
        text = f"expected at least {speed}, got {ratio:.1f} times"
        message = "a Python loop over pixels; let numpy go over all pixels at once."
        raise failed("conv2d_fast", "too slow", case, text, message)


def _expect_same(name, function, arguments, expected):
    sizes = " and ".join(str(len(a)) for a in arguments)
    looks_like = BANK.looks_like(name, *arguments)
    got = call(name, function, *arguments, case=f"lengths {sizes}", looks_like=looks_like)
    expect_array(name, got, expected, case=f"lengths {sizes}", looks_like=looks_like)


def _expect_size(name, function, *arguments):
    arguments = tuple(int(n) for n in arguments)
    h, k, s, p, d = arguments + (1, 0, 1)[len(arguments) - 2 :]
    places = range(0, h + 2 * p - d * (k - 1), s)
    case = call_text(name, *arguments)
    got = call(name, function, *arguments, case=case)
    expect_int(name, got, len(places), case=case, looks_like=BANK.looks_like(name, *arguments))


def _expect_conv2d(function, image, kernel, stride, name="conv2d"):
    arguments = (image, kernel, stride)
    looks_like = _conv2d(arguments)
    got = call(name, function, *arguments, case=_case(arguments), looks_like=looks_like)
    _expect_result(name, got, arguments)


def _expect_result(name, got, arguments, oracle=None):
    tolerance = 1e-4 if arguments[0].dtype == np.float32 else 1e-6
    expect_array(
        name,
        got,
        (oracle or _conv2d_by_counting)(*arguments),
        case=_case(arguments),
        looks_like=_conv2d(arguments),
        tolerance=tolerance,
    )


def _conv2d(arguments):
    return BANK.looks_like("conv2d", *arguments)


def _conv2d_by_counting(image, kernel, stride):
    """Cross-correlation by its definition, H x W x C with kh x kw x C -> H' x W'."""
    kh, kw, _ = kernel.shape
    rows = range(0, image.shape[0] - kh + 1, stride)
    columns = range(0, image.shape[1] - kw + 1, stride)
    return np.array([[_dot(image[i : i + kh, j : j + kw], kernel) for j in columns] for i in rows])


def _conv2d_by_windows(image, kernel, stride):
    """The same without a loop, for large images."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(windows[::stride, ::stride, 0], kernel, 3)


def _dot(window, kernel):
    return float((window * kernel).sum(dtype=float))


def _sizes(rng):
    """Image and kernel shapes of one channel: odd, even, 1x1, as large as the image, random."""
    yield (5, 7, 1), (3, 3, 1)
    yield (7, 4, 1), (2, 3, 1)
    yield (6, 9, 1), (4, 2, 1)
    yield (3, 8, 1), (1, 1, 1)
    yield (4, 6, 1), (4, 6, 1)
    yield (1, 9, 1), (1, 4, 1)
    for _ in range(4):
        h, w = rng.integers(4, 13, size=2)
        yield (h, w + h % 2 + 1, 1), (int(rng.integers(1, 5)), int(rng.integers(1, 5)), 1)


def _turnable(rng, size, channels):
    """A random kernel of whole numbers that is the same after a half turn."""
    kernel = rng.integers(-4, 5, size=(size, size, channels))
    return (kernel + kernel[::-1, ::-1]).astype(float)


def _case(arguments):
    image, kernel, stride = arguments
    sizes = ("x".join(map(str, a.shape)) for a in (image, kernel))
    types = "" if image.dtype == float == kernel.dtype else f", {image.dtype} and {kernel.dtype}"
    return "image {}, kernel {}, stride {}".format(*sizes, stride) + types


def _conv2d_loop(image, kernel, stride):
    """The slow version that conv2d_fast is measured against: one sum per place and channel."""
    kh, kw, channels = kernel.shape
    rows = range(0, image.shape[0] - kh + 1, stride)
    columns = range(0, image.shape[1] - kw + 1, stride)
    out = np.zeros((len(rows), len(columns)))
    for y, i in enumerate(rows):
        for x, j in enumerate(columns):
            for c in range(channels):
                out[y, x] += np.sum(image[i : i + kh, j : j + kw, c] * kernel[:, :, c])
    return out


def _speed_ratio(function, rng):
    """How many times faster than the loop: both timed in turns, the best of each counts.

    Stops as soon as the ratio is reached, so a busy machine costs time and not points. Every
    call gets a new image and its result is compared, so that neither a remembered result nor a
    quick wrong one is fast. The loop goes over some of the rows; its time grows with them.

    Nobody can make the loop slow: its processor time counts, and the best that this process has
    ever seen. The call's time is that on the wall, for a process that did its work may be gone
    afterwards; of many short calls one is never interrupted, however busy the machine is.
    """
    kernel = rng.normal(size=(5, 5, 3))
    fast = np.inf
    for _ in range(10):
        part = rng.normal(size=(LOOP_ROWS + 4, 128, 3))
        seconds, _ = _seconds(time.thread_time, _conv2d_loop, part, kernel, 1)
        _loops[LOOP_ROWS] = min(seconds, _loops.get(LOOP_ROWS, seconds))
        loop = 124 / LOOP_ROWS * _loops[LOOP_ROWS]
        for _ in range(3):
            arguments = (rng.normal(size=(128, 128, 3)), kernel, 1)
            seconds, got = _seconds(time.perf_counter, call, "conv2d_fast", function, *arguments)
            fast = min(fast, seconds)
            _expect_result("conv2d_fast", got, arguments, _conv2d_by_windows)
        if loop >= FAST_RATIO * fast:
            break
    return loop / fast


_loops = {}  # rows -> the fewest seconds in which the loop went over them


def _seconds(clock, function, *arguments):
    start = clock()
    result = function(*arguments)
    return clock() - start, result
