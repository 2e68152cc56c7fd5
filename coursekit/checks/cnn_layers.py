"""Visible checks of unit 03. Every expected number was worked out by hand.

The same checks run on a student's objects and, when a submission is graded, on objects that
stand for them in another process. So a check calls them and reads their state_dict, no more.
"""

import numpy as np

from coursekit.checks import fixtures
from coursekit.checks.core import (
    FORM_IS_RIGHT,
    CheckFailed,
    Messages,
    NotAttempted,
    answered,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    built,
    call,
    call_text,
    calling,
    describe,
    expect_array,
    expect_int,
    expect_raises,
    failed,
    is_tensor,
    numbers_in,
    positive_int,
    sizes_text,
    together,
    visible,
    visible_as,
)

SHAPES = 6  # entries of the list that exercise 1 asks for

# What the commonest wrong answers look like; the grader says the same words.
MESSAGES = Messages(
    channels_in="the first number is the channels of the input; a layer gives one channel "
    "for each filter.",
    no_plus_one="the + 1 is missing: the first place counts too.",
    pool_mean="the mean of each window; max pooling keeps the largest.",
    pool_zero="windows of negative numbers give 0: start from -infinity, or from the window.",
    pool_stride="the window moves by its own size; it has to move by the stride.",
    relu_on_logits="a ReLU after the last layer: a logit may be negative.",
    softmax="a softmax after the last layer: the result is probabilities, not logits.",
    no_shortcut="the shortcut is missing: the input is not added.",
    last_relu="the ReLU after the sum is missing.",
    sum_of_kernels="each layer adds f - 1 pixels and not f: its first pixel was there already.",
    strides_ignored="the strides are ignored: behind a stride of 2 a step is 2 pixels wide.",
    no_bias="the biases are missing: one for each filter.",
)

# Public case of max_pool2d: 1 x 1 x 3 x 4.
IMAGE = [[[[1.0, 5, 2, 0], [4, 3, 8, 1], [0, 6, 7, 2]]]]
MEANS = [[[[3.25, 4.5, 2.75], [3.25, 6, 4.5]]]]
POOLED = [  # image, size, stride, expected, known wrong results
    (IMAGE, 2, 2, [[[[5.0, 8]]]], [([[[[3.25, 2.75]]]], "pool_mean")]),
    (
        *(IMAGE, 2, 1, [[[[5.0, 8, 8], [6, 8, 8]]]]),
        [([[[[5.0, 8]]]], "pool_stride"), (MEANS, "pool_mean")],
    ),
]
NEGATIVE = (
    [[[[-1.0, -5], [-4, -3]]]], 2, 2, [[[[-1.0]]]], [([[[[0.0]]]], "pool_zero")],
)  # fmt: skip

LENET_PARAMETERS = 62_006  # 456 + 2,416 + 48,120 + 10,164 + 850
BLOCK_PARAMETERS = {  # (in_channels, out_channels, first_stride): number
    (64, 64, 1): 73_984,  # 2 * 36,864 + 2 * 128
    (64, 128, 2): 230_144,  # 73,728 + 147,456 + 8,192 + 3 * 256
}


def as_shape(name, value, case=None):
    """A shape that an answer gives, as a tuple of three ints; or a `CheckFailed`."""
    array = numbers_in(answered(name, value))
    if array is None or array.shape != (3,):
        raise failed(name, f"expected three ints (C, H, W), got {describe(value)}", case)
    if array.dtype.kind == "f":
        message = "a division with / gives a float; use // for a whole number."
        raise failed(name, f"expected three ints, got {describe(value)}", case, message=message)
    return tuple(int(n) for n in array)


def shape_entry(shapes, number):
    """Entry `number` (1 to 6) of the list of exercise 1, which may be None; or `CheckFailed`."""
    answered("shapes", shapes)
    if not isinstance(shapes, (list, tuple)) or len(shapes) != SHAPES:
        got = len(shapes) if isinstance(shapes, (list, tuple)) else describe(shapes)
        raise failed("shapes", f"expected a list of {SHAPES} entries, got {got}")
    entry = shapes[number - 1]
    if entry is Ellipsis:
        answered(f"shapes, number {number}", entry)
    return None if entry is None else as_shape(f"shapes, number {number}", entry)


def state_of(name, net, case):
    """The parameters and buffers of a net, {key: tensor}; or a `CheckFailed`."""

    def state(one):
        found = one.state_dict()
        return {key: found[key] for key in found if found[key].shape is not None}

    found = call(name, calling(state, net), case=f"{case}.state_dict()")
    if not all(map(is_tensor, found.values())):
        raise failed(name, "its state_dict() is no dict of tensors", case)
    return found


def parameters_of(name, net, case):
    """The number of parameters of a net; or a `CheckFailed`."""
    count = calling(fixtures.beside, net, "number_of_parameters")
    return call(name, count, net, case=f"{case}.parameters()")


def forward(net, x):
    """`net(x)`, where the net lives."""
    return fixtures.beside(net, "forward", net, x)


def run_loaded(net, state, x):
    """Load a state_dict into a net and return what it gives for x in eval mode."""
    return fixtures.beside(net, "run_loaded", net, state, x)


def expect_shape(name, got, expected, case):
    """Raise unless `got` holds numbers in the expected shape; nothing is said about values."""
    array = as_numbers(name, got, case)
    if array.shape != tuple(expected):
        text = f"expected {sizes_text(expected)}, got {sizes_text(array.shape)}"
        raise failed(name, "wrong shape", case, text)


# --- shapes --------------------------------------------------------------------------------


def _expect_entry(number, answer):
    """Only the form: three ints or None."""
    shape_entry(answer, number)
    return FORM_IS_RIGHT


shape_1, shape_2, shape_3, shape_4, shape_5, shape_6 = (
    visible_as(f"shape_{number}", _expect_entry, number) for number in range(1, SHAPES + 1)
)
shapes = together("shapes", shape_1, shape_2, shape_3, shape_4, shape_5, shape_6)


def _expect_output_shape(function, arguments, expected, wrong=()):
    name = "conv_output_shape"
    case = call_text(name, *arguments)
    got = as_shape(name, call(name, function, *arguments, case=case), case)
    expect_array(name, got, expected, case=case, looks_like=MESSAGES.known(wrong))


@visible
def conv_output_shape_square(function):
    """A 3x3 kernel with a ring of zeros keeps the size."""
    arguments, wrong = (3, 8, 8, 16, 3, 1, 1, 1), [((3, 8, 8), "channels_in")]
    wrong += [((16, 7, 7), "no_plus_one")]
    _expect_output_shape(function, arguments, (16, 8, 8), wrong)


@visible
def conv_output_shape_pairs(function):
    """Another kernel size, stride and padding in each direction."""
    _expect_output_shape(function, (2, 9, 7, 2, (3, 1), (2, 1), (0, 2), (1, 1)), (2, 4, 11))


@visible
def conv_output_shape_limits(function):
    """6 pixels under 3 in steps of 2: two places; 5 pixels don't fit into 4."""
    _expect_output_shape(function, (1, 6, 6, 1, 3, 2, 0, 1), (1, 2, 2))
    name, case = "conv_output_shape", "a kernel of 5 on 4 pixels without padding"
    expect_raises(name, function, 1, 4, 4, 1, 5, 1, 0, 1, case=case)


conv_output_shape = together(
    "conv_output_shape",
    conv_output_shape_square,
    conv_output_shape_pairs,
    conv_output_shape_limits,
)


# --- parameters ----------------------------------------------------------------------------


@visible
def conv_params(function):
    """10 kernels 5x5 on 3 channels: 750 weights and 10 biases."""
    case = "conv_params(3, 10, 5)"
    got = call("conv_params", function, 3, 10, 5, case=case)
    expect_int("conv_params", got, 760, case=case, looks_like=MESSAGES.known([(750, "no_bias")]))
    case = "conv_params(3, 10, 5, False)"
    got = call("conv_params", function, 3, 10, 5, False, case=case)
    expect_int("conv_params", got, 750, case=case)


def _expect_count(name, answer):
    """Only the form: a positive whole number."""
    positive_int(name, answer)
    return FORM_IS_RIGHT


dense_params, conv_layer_params = (
    visible_as(name, _expect_count, name) for name in ("dense_params", "conv_layer_params")
)


# --- pooling and receptive field -----------------------------------------------------------


def _expect_pooled(case, function):
    import torch

    image, size, stride, expected, wrong = case
    image, name = torch.tensor(image), "max_pool2d"
    case = f"{sizes_text(image.shape)}, size {size}, stride {stride}"
    got = call(name, function, image, size, stride, case=case)
    expect_array(name, got, expected, case=case, looks_like=MESSAGES.known(wrong))


MAX_POOL2D = {  # its checks: what they look at, and the case
    "max_pool2d_blocks": ("2x2 blocks side by side; the last row doesn't fill one.", POOLED[0]),
    "max_pool2d_windows": ("2x2 windows that overlap.", POOLED[1]),
    "max_pool2d_negative": ("The largest of four negative numbers is negative.", NEGATIVE),
}
max_pool2d_blocks, max_pool2d_windows, max_pool2d_negative = (
    visible_as(name, _expect_pooled, case, doc=doc) for name, (doc, case) in MAX_POOL2D.items()
)
max_pool2d = together("max_pool2d", max_pool2d_blocks, max_pool2d_windows, max_pool2d_negative)


def _expect_receptive_field(function, layers, expected, wrong=()):
    case = call_text("receptive_field", layers)
    got = call("receptive_field", function, layers, case=case)
    expect_int("receptive_field", got, expected, case=case, looks_like=MESSAGES.known(wrong))


@visible
def receptive_field_strides(function):
    """One 3x3 sees 3 pixels, two see 5, and 7 where the first has stride 2."""
    _expect_receptive_field(function, [(3, 1, 1)], 3)
    layers = [(3, 1, 1), (3, 1, 1)]
    _expect_receptive_field(function, layers, 5, [(6, "sum_of_kernels")])
    layers = [(3, 2, 1), (3, 1, 1)]
    _expect_receptive_field(function, layers, 7, [(5, "strides_ignored")])


@visible
def receptive_field_dilation(function):
    """Three taps with dilation 2 reach over 5 pixels."""
    _expect_receptive_field(function, [(3, 1, 2)], 5)


receptive_field = together("receptive_field", receptive_field_strides, receptive_field_dilation)


# --- networks ------------------------------------------------------------------------------


@visible
def lenet_shape(cls):
    """Two colour images give 2 x 10 logits, and so do two grey ones."""
    import torch

    for channels in (3, 1):
        net, case = built("LeNet", cls, channels), f"LeNet({channels}) on 2 x {channels} x 32 x 32"
        got = call("LeNet", calling(forward, net), torch.zeros(2, channels, 32, 32), case=case)
        expect_shape("LeNet", got, (2, 10), case)


@visible
def lenet_parameters(cls):
    """62,006 for three channels."""
    got = parameters_of("LeNet", built("LeNet", cls), "LeNet()")
    expect_int("LeNet", got, LENET_PARAMETERS, case="number of parameters of LeNet()")


@visible
def lenet_values(cls):
    """With all weights 0 the logits are the biases of the last layer."""
    import torch

    net, case = built("LeNet", cls), "all weights 0, last biases -4, -3, ..., 5"
    state = {key: torch.zeros_like(one) for key, one in state_of("LeNet", net, "LeNet()").items()}
    last = [key for key, one in state.items() if tuple(one.shape) == (10,)]
    if len(last) != 1:
        raise failed("LeNet", "expected one layer with 10 biases, the last", "LeNet()")
    biases = torch.arange(-4.0, 6.0)
    state[last[0]] = biases
    got = call("LeNet", calling(run_loaded, net), state, torch.ones(1, 3, 32, 32), case=case)
    wrong = [(biases[None].clamp(min=0), "relu_on_logits"), (biases[None].softmax(1), "softmax")]
    expect_array("LeNet", got, biases[None].numpy(), case=case, looks_like=MESSAGES.known(wrong))


LeNet = together("LeNet", lenet_shape, lenet_parameters, lenet_values)


def a_lenet(function, LeNet, *arguments):
    """The student's LeNet for `to_fully_conv`; or a `CheckFailed` that says that it is needed."""
    answered("to_fully_conv", function)
    try:
        return built("LeNet", LeNet, *arguments)
    except CheckFailed as failure:
        _ask_a_stub(function)
        raise failed("to_fully_conv", f"needs your LeNet, but {failure}") from failure


def _ask_a_stub(function):
    """Raise `NotAttempted` where the function is a stub; it raises before it looks at a net."""
    try:
        call("to_fully_conv", function, None)
    except NotAttempted:
        raise
    except CheckFailed:
        return


@visible
def fully_conv_same(function, LeNet):
    """On 32x32 the map is one pixel with LeNet's logits."""
    import torch

    net, case = a_lenet(function, LeNet), "2 x 3 x 32 x 32"
    x = torch.linspace(-1, 1, 2 * 3 * 32 * 32).reshape(2, 3, 32, 32)
    expected = call("LeNet", calling(forward, net), x, case=case)
    converted = call("to_fully_conv", function, net, case="to_fully_conv(LeNet())")
    got = call("to_fully_conv", calling(forward, converted), x, case=case)
    expect_shape("to_fully_conv", got, (2, 10, 1, 1), case)
    expected = as_numbers("LeNet", expected, case)[:, :, None, None]
    expect_array("to_fully_conv", got, expected, case=case, tolerance=1e-5)


@visible
def fully_conv_larger(function, LeNet):
    """On 64x64 the map is 9x9."""
    import torch

    net, case = a_lenet(function, LeNet), "1 x 3 x 64 x 64"
    converted = call("to_fully_conv", function, net, case="to_fully_conv(LeNet())")
    x = torch.zeros(1, 3, 64, 64)
    got = call("to_fully_conv", calling(forward, converted), x, case=case)
    expect_shape("to_fully_conv", got, (1, 10, 9, 9), case)


to_fully_conv = together("to_fully_conv", fully_conv_same, fully_conv_larger)


@visible
def resnet_block_shape(cls):
    """Stride 2 halves the size, more channels come out."""
    import torch

    for arguments, expected in [((4, 4), (2, 4, 6, 8)), ((4, 6, 2), (2, 6, 3, 4))]:
        net = built("ResNetBlock", cls, *arguments)
        case = f"{call_text('ResNetBlock', *arguments)} on 2 x 4 x 6 x 8"
        got = call("ResNetBlock", calling(forward, net), torch.ones(2, 4, 6, 8), case=case)
        expect_shape("ResNetBlock", got, expected, case)


@visible
def resnet_block_values(cls):
    """With kernels of zeros only the shortcut and the last ReLU are left."""
    import torch

    name, case = "ResNetBlock", "ResNetBlock(1, 1) with kernels of zeros, in eval mode"
    net = built(name, cls, 1, 1)
    state = state_of(name, net, "ResNetBlock(1, 1)")
    state = {key: one * 0 if one.ndim == 4 else one for key, one in state.items()}
    x = torch.tensor([[[[1.0, -2], [-3, 4]]]])
    got = call(name, calling(run_loaded, net), state, x, case=case)
    wrong = [(np.zeros((1, 1, 2, 2)), "no_shortcut"), (x, "last_relu")]
    expected = [[[[1.0, 0], [0, 4]]]]
    expect_array(name, got, expected, case=case, looks_like=MESSAGES.known(wrong))


@visible
def resnet_block_statistics(cls):
    """The number of parameters, with and without a projection."""
    for arguments, expected in BLOCK_PARAMETERS.items():
        text = call_text("ResNetBlock", *arguments)
        got = parameters_of("ResNetBlock", built("ResNetBlock", cls, *arguments), text)
        expect_int("ResNetBlock", got, expected, case=f"number of parameters of {text}")


ResNetBlock = together(
    "ResNetBlock", resnet_block_shape, resnet_block_values, resnet_block_statistics
)
