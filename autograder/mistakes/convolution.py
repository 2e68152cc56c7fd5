"""Known mistakes of unit 01.

`loses` names the grade cells a mistake fails in an otherwise right notebook. Most mistakes in
`conv2d` also cost `sobel_magnitude`, which is built on it.
"""

import numpy as np

from autograder.mistakes import Bank, edited
from coursekit.checks.convolution import MESSAGES

BANK = Bank(
    typical=[
        "derivative_sign_flipped",
        "kernel_flipped",
        "stride_ignored",
        "first_channel_only",
        "same_size_zero_border",
    ]
)

ALL_VALUES = ("conv2d_values", "conv2d_channels", "conv2d_strides", "sobel_magnitude")
EVERYTHING = ("conv2d_shape", *ALL_VALUES)


# --- derivative_mask -----------------------------------------------------------------------


@BANK.mistake("derivative_mask", MESSAGES["derivative_sign"], is_value=True)
def derivative_sign_flipped():
    return np.array([-0.5, 0, 0.5])


@BANK.mistake("derivative_mask", "the factor 1/2 is missing.", is_value=True)
def derivative_not_halved():
    return np.array([1.0, 0, -1])


@BANK.mistake(
    "derivative_mask",
    "the difference of neighbours, I[t+1] - I[t]; the one before t is asked, too.",
    is_value=True,
)
def derivative_forward():
    return np.array([1.0, -1, 0])


# --- conv1d --------------------------------------------------------------------------------


@BANK.mistake("conv1d", MESSAGES["not_flipped_1d"])
def mask_not_flipped(signal, mask):
    n, k = len(signal), len(mask)
    full = np.zeros(n + k - 1)
    for t in range(n):
        full[t : t + k] += signal[t] * np.asarray(mask)[::-1]
    return full


@BANK.mistake("conv1d", "only the places where the mask lies whole on the signal.")
def valid_part_only(signal, mask):
    n, k = len(signal), len(mask)
    return np.array([np.dot(signal[t : t + k], mask[::-1]) for t in range(n - k + 1)])


@BANK.mistake("conv1d", "the ends are cut off: as long as the signal.")
def same_length(signal, mask):
    n, k = len(signal), len(mask)
    padded = np.concatenate([np.zeros(k - 1), signal, np.zeros(k - 1)])
    full = np.array([np.dot(padded[t : t + k], mask[::-1]) for t in range(n + k - 1)])
    start = (k - 1) // 2
    return full[start : start + n]


@BANK.mistake("conv1d", "the last number of the full output is missing.")
def full_one_short(signal, mask):
    n, k = len(signal), len(mask)
    full = np.zeros(n + k - 2)
    for t in range(n + k - 2):
        for i in range(k):
            if 0 <= t - i < n:
                full[t] += signal[t - i] * mask[i]
    return full


@BANK.mistake(
    "conv1d", "a negative index: signal[-1] is the last number, not the zero before the first."
)
def signal_wraps_around(signal, mask):
    n, k = len(signal), len(mask)
    full = np.zeros(n + k - 1)
    for t in range(n + k - 1):
        for i in range(k):
            if t - i < n and t - i >= -n:
                full[t] += signal[t - i] * mask[i]
    return full


# --- by hand -------------------------------------------------------------------------------


def laid_by_hand(turn):
    """The two grids of the statement, the kernel turned before it is laid on the image."""
    image = np.array([[0, 0, 0, 1], [0, 0, 1, 2], [0, 0, 2, 3], [0, 1, 2, 3]])
    kernel = turn(np.array([[0, 0, 2], [0, 1, 2], [0, 2, 3]]))
    places = [[image[i : i + 3, j : j + 3] for j in (0, 1)] for i in (0, 1)]
    return [[int(np.sum(window * kernel)) for window in row] for row in places]


@BANK.mistake("hand_convolved", MESSAGES["kernel_flipped"], is_value=True)
def hand_kernel_flipped():
    return laid_by_hand(lambda kernel: kernel[::-1, ::-1])


@BANK.mistake("hand_convolved", "the kernel's rows and columns are swapped.", is_value=True)
def hand_kernel_transposed():
    return laid_by_hand(np.transpose)


@BANK.mistake("hand_pooled", "the mean of the four; max-pooling keeps the largest.", is_value=True)
def hand_average_pooled():
    return [[16.75]]


@BANK.mistake("hand_pooled", "the largest number of the image, before convolving.", is_value=True)
def hand_pooled_image():
    return [[3]]


# --- output sizes --------------------------------------------------------------------------


@BANK.mistake("size_40_5", MESSAGES["no_plus_one"], is_value=True)
def size_no_plus_one():
    return 35


@BANK.mistake("size_40_5", "padded so that the size stays; there is none.", is_value=True)
def size_kept():
    return 40


@BANK.mistake("output_size", MESSAGES["no_plus_one"])
def no_plus_one(h, k):
    return h - k


@BANK.mistake("output_size_strided", MESSAGES["not_int"])
def true_division(h, k, s):
    return (h - k) / s + 1


@BANK.mistake("output_size_strided", MESSAGES["ceiling"])
def rounded_up(h, k, s):
    return -(-(h - k) // s) + 1


@BANK.mistake("output_size_strided", "the + 1 is inside the division.")
def plus_one_divided(h, k, s):
    return (h - k + 1) // s


@BANK.mistake("output_size_general", "the padding is added on one side; there are two.")
def padding_once(h, k, s, p, d):
    return (h + p - d * (k - 1) - 1) // s + 1


@BANK.mistake(
    "output_size_general", "a dilated kernel taken as d*k wide; its reach is d*(k-1) + 1."
)
def dilation_times_size(h, k, s, p, d):
    return (h + 2 * p - d * k) // s + 1


@BANK.mistake("output_size_general", "the dilation is ignored.")
def dilation_ignored(h, k, s, p, d):
    return (h + 2 * p - k) // s + 1


# --- conv2d --------------------------------------------------------------------------------


def checked_sizes(inpt, kernel, stride):
    """The kernel's height and width; ValueError where no convolution exists."""
    kh, kw, channels = kernel.shape
    if kh > inpt.shape[0] or kw > inpt.shape[1] or channels != inpt.shape[2] or stride < 1:
        raise ValueError("no convolution for these shapes")
    return kh, kw


def right_conv2d(inpt, kernel, stride):
    """Cross-correlation: H x W x C, kh x kw x C, stride -> H' x W'."""
    kh, kw = checked_sizes(inpt, kernel, stride)
    rows = range(0, inpt.shape[0] - kh + 1, stride)
    columns = range(0, inpt.shape[1] - kw + 1, stride)
    out = np.zeros((len(rows), len(columns)))
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            window = inpt[top : top + kh, left : left + kw]
            out[i, j] = np.sum(window * kernel)
    return out


@BANK.mistake("conv2d", MESSAGES["kernel_flipped"], "conv2d_values")
@edited(right_conv2d, replace={"window * kernel": "window * kernel[::-1, ::-1]"})
def kernel_flipped(): ...


@BANK.mistake("conv2d", MESSAGES["stride_ignored"], "conv2d_strides")
@edited(right_conv2d, replace={"kh + 1, stride": "kh + 1", "kw + 1, stride": "kw + 1"})
def stride_ignored(): ...


@BANK.mistake(
    "conv2d",
    "the stride is applied to the output's index; it moves the window on the input.",
    "conv2d_strides",
)
@edited(
    right_conv2d,
    replace={
        "(len(rows), len(columns))": "(inpt.shape[0] - kh + 1, inpt.shape[1] - kw + 1)",
        "out[i, j]": "out[top, left]",
    },
)
def stride_on_output_index(): ...


@BANK.mistake("conv2d", MESSAGES["window_not_strided"], "conv2d_strides")
@edited(right_conv2d, replace={"top : top + kh, left : left + kw": "i : i + kh, j : j + kw"})
def window_not_strided(): ...


@BANK.mistake(
    "conv2d",
    "the output's size is rounded up; a window that doesn't fit has no place.",
    "conv2d_strides",
)
@edited(
    right_conv2d,
    replace={
        "len(rows)": "-(-(inpt.shape[0] - kh) // stride) + 1",
        "len(columns)": "-(-(inpt.shape[1] - kw) // stride) + 1",
    },
)
def size_rounded_up(): ...


@BANK.mistake("conv2d", "height and width of the output are swapped.", *EVERYTHING)
@edited(
    right_conv2d,
    replace={"(len(rows), len(columns))": "(len(columns), len(rows))", "out[i, j]": "out[j, i]"},
)
def height_and_width_swapped(): ...


@BANK.mistake(
    "conv2d",
    "the kernel's height and width are swapped; not every kernel is square.",
    "conv2d_shape",
    "conv2d_values",
)
@edited(right_conv2d, replace={"kh, kw =": "kw, kh ="})
def kernel_sides_swapped(): ...


@BANK.mistake("conv2d", MESSAGES["first_channel"], "conv2d_channels")
@edited(right_conv2d, replace={"window * kernel": "window[:, :, 0] * kernel[:, :, 0]"})
def first_channel_only(): ...


@BANK.mistake("conv2d", MESSAGES["channels_apart"], *EVERYTHING)
@edited(
    right_conv2d,
    replace={
        "len(columns))": "len(columns), kernel.shape[2])",
        "window * kernel": "window * kernel, axis=(0, 1)",
    },
)
def channels_not_summed(): ...


@BANK.mistake("conv2d", MESSAGES["mean"], *ALL_VALUES)
@edited(right_conv2d, replace={"np.sum": "np.mean"})
def mean_instead_of_sum(): ...


@BANK.mistake(
    "conv2d",
    "the output is as large as the image, with a border of zeros; it has to be smaller.",
    *EVERYTHING,
)
@edited(
    right_conv2d,
    replace={
        "(len(rows), len(columns))": "inpt.shape[:2]",
        "out[i, j]": "out[top + kh // 2, left + kw // 2]",
    },
)
def same_size_zero_border(): ...


@BANK.mistake("conv2d", "the image is padded; this exercise asks for no padding.", *EVERYTHING)
def padding_added(inpt, kernel, stride):
    kh, kw = checked_sizes(inpt, kernel, stride)
    top, left = kh // 2, kw // 2
    padded = np.pad(inpt, ((top, kh - 1 - top), (left, kw - 1 - left), (0, 0)))
    return right_conv2d(padded, kernel, stride)


@BANK.mistake("conv2d", MESSAGES["one_short"], *EVERYTHING)
@edited(right_conv2d, replace={"kh + 1, stride": "kh, stride", "kw + 1, stride": "kw, stride"})
def one_row_and_column_short(): ...


@BANK.mistake(
    "conv2d", "one row and column too many: the last windows hang over the edge.", *EVERYTHING
)
@edited(
    right_conv2d,
    replace={
        "kh + 1, stride": "kh + 1 + stride, stride",
        "kw + 1, stride": "kw + 1 + stride, stride",
        "window * kernel": "window * kernel[: window.shape[0], : window.shape[1]]",
    },
)
def one_row_and_column_long(): ...


@BANK.mistake(
    "conv2d", "the image's height is used for its width: square images only.", *EVERYTHING
)
@edited(
    right_conv2d,
    replace={
        "inpt.shape[1]": "inpt.shape[0]",
        "window * kernel": "window * kernel[: window.shape[0], : window.shape[1]]",
    },
)
def square_images_only(): ...


@BANK.mistake(
    "conv2d",
    "the window is laid out around a middle: kernels of odd size only.",
    "conv2d_shape",
    "conv2d_values",
)
@edited(
    right_conv2d,
    replace={
        "range(0, inpt.shape[0] - kh + 1": "range(kh // 2, inpt.shape[0] - kh // 2",
        "range(0, inpt.shape[1] - kw + 1": "range(kw // 2, inpt.shape[1] - kw // 2",
        "[top : top + kh, left : left + kw]": "[top - kh // 2 :, left - kw // 2 :][:kh, :kw]",
    },
)
def odd_kernels_only(): ...


@BANK.mistake(
    "conv2d",
    "the result is cut to whole numbers; keep floats.",
    "conv2d_values",
    "sobel_magnitude",
)
@edited(right_conv2d, replace={"len(columns))": "len(columns)), dtype=int"})
def integer_result(): ...


@BANK.mistake(
    "conv2d",
    "the input is changed in place: `window *= kernel` writes into the image, "
    "and the next window sees it.",
    *ALL_VALUES,
)
@edited(
    right_conv2d,
    replace={"out[i, j] = np.sum(window * kernel)": "window *= kernel; out[i, j] = np.sum(window)"},
)
def input_changed_in_place(): ...


@BANK.mistake("conv2d", "the function ends without a `return` of its result.", *EVERYTHING)
@edited(right_conv2d, delete="return out")
def returns_none(): ...


@BANK.mistake(
    "conv2d",
    "a negative index: inpt[-1] is the last row, so the window wraps around the edge.",
    *ALL_VALUES,
)
def negative_index_wraps_around(inpt, kernel, stride):
    kh, kw = checked_sizes(inpt, kernel, stride)
    out = np.zeros(((inpt.shape[0] - kh) // stride + 1, (inpt.shape[1] - kw) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for a in range(kh):
                for b in range(kw):
                    pixel = inpt[i * stride + a - kh // 2, j * stride + b - kw // 2]
                    out[i, j] += np.sum(pixel * kernel[a, b])
    return out


@BANK.mistake(
    "conv2d",
    "bad input is not refused; check it first and `raise ValueError(...)`.",
    "conv2d_shape",
)
def bad_input_accepted(inpt, kernel, stride):
    kh, kw = kernel.shape[:2]
    rows = range(0, inpt.shape[0] - kh + 1, max(1, stride))
    columns = range(0, inpt.shape[1] - kw + 1, max(1, stride))
    out = np.zeros((len(rows), len(columns)))
    for y, i in enumerate(rows):
        for x, j in enumerate(columns):
            for channel in range(min(inpt.shape[2], kernel.shape[2])):
                window = inpt[i : i + kh, j : j + kw, channel]
                out[y, x] += np.sum(window * kernel[:, :, channel])
    return out


# --- sobel_magnitude -----------------------------------------------------------------------


def gradients(image):
    """Sobel's x and y responses by slices, H x W x 1 -> two of (H-2) x (W-2)."""
    a = image[:, :, 0]
    across, down = a[:, 2:] - a[:, :-2], a[2:] - a[:-2]
    x = across[:-2] + 2 * across[1:-1] + across[2:]
    y = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    return x, y


@BANK.mistake("sobel_magnitude", "the square root is missing.")
def no_square_root(image):
    x, y = gradients(image)
    return x**2 + y**2


@BANK.mistake("sobel_magnitude", "|x| + |y|; the length of the vector (x, y) is asked.")
def sum_of_magnitudes(image):
    x, y = gradients(image)
    return np.abs(x) + np.abs(y)


@BANK.mistake("sobel_magnitude", "x + y: a plus and a minus cancel; square first.")
def sum_of_responses(image):
    x, y = gradients(image)
    return x + y


@BANK.mistake("sobel_magnitude", "only the x response; the y response is missing.")
def x_response_only(image):
    x, _ = gradients(image)
    return np.abs(x)


@BANK.mistake("sobel_magnitude", "weights 1 1 1 (Prewitt); Sobel's are 1 2 1.")
def prewitt_weights(image):
    a = image[:, :, 0]
    across, down = a[:, 2:] - a[:, :-2], a[2:] - a[:-2]
    x = across[:-2] + across[1:-1] + across[2:]
    y = down[:, :-2] + down[:, 1:-1] + down[:, 2:]
    return np.sqrt(x**2 + y**2)


# --- conv2d_fast ---------------------------------------------------------------------------


@BANK.mistake("conv2d_fast", "a Python loop over pixels; let numpy go over all pixels at once.")
def loop_over_pixels(inpt, kernel, stride):
    return right_conv2d(inpt, kernel, stride)


@BANK.mistake("conv2d_fast", MESSAGES["kernel_flipped"])
def fast_but_flipped(inpt, kernel, stride):
    kh, kw = checked_sizes(inpt, kernel, stride)
    turned = kernel[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(inpt, (kh, kw), axis=(0, 1))
    return np.einsum("ijckl,klc->ij", windows[::stride, ::stride], turned)


@BANK.mistake("conv2d_fast", MESSAGES["first_channel"])
def fast_first_channel(inpt, kernel, stride):
    kh, kw = checked_sizes(inpt, kernel, stride)
    windows = np.lib.stride_tricks.sliding_window_view(inpt[:, :, 0], (kh, kw))
    return np.einsum("ijkl,kl->ij", windows[::stride, ::stride], kernel[:, :, 0])
