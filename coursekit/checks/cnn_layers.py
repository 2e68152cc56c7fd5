"""Visible checks of unit 03. Every expected number was worked out by hand.

The same checks run on a student's objects and, when a submission is graded, on objects that
stand for them in another process. So a check calls them and reads their state_dict, no more.
"""

import numpy as np

from coursekit.checks.core import (
    FORM_IS_RIGHT,
    CheckFailed,
    NotAttempted,
    answered,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    call,
    describe,
    expect_array,
    expect_int,
    expect_raises,
    is_tensor,
    plain,
    visible,
)

SHAPES = 6  # entries of the list that exercise 1 asks for

# What the commonest wrong answers look like; the grader says the same words.
MESSAGES = {
    "channels_in": "the first number is the channels of the input; a layer gives one channel "
    "for each filter.",
    "no_plus_one": "the + 1 is missing: the first place counts too.",
    "pool_mean": "the mean of each window; max pooling keeps the largest.",
    "pool_zero": "windows of negative numbers give 0: start from -infinity, or from the window.",
    "pool_stride": "the window moves by its own size; it has to move by the stride.",
    "relu_on_logits": "a ReLU after the last layer: a logit may be negative.",
    "softmax": "a softmax after the last layer: the result is probabilities, not logits.",
    "no_shortcut": "the shortcut is missing: the input is not added.",
    "last_relu": "the ReLU after the sum is missing.",
    "sum_of_kernels": "each layer adds f - 1 pixels and not f: its first pixel was there already.",
    "strides_ignored": "the strides are ignored: behind a stride of 2 a step is 2 pixels wide.",
    "no_bias": "the biases are missing: one for each filter.",
}

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


def known(table):
    """A function from a wrong outcome to the message of the row with the same numbers."""

    def name_it(outcome):
        if isinstance(outcome, type):
            return None
        for wrong, message in table:
            if np.shape(outcome) == np.shape(wrong) and np.allclose(outcome, wrong):
                return MESSAGES[message]
        return None

    return name_it


def as_shape(name, value, case=""):
    """A shape that an answer gives, as a tuple of three ints; or a `CheckFailed`."""
    answered(name, value)
    try:
        array = np.asarray(plain(value))
    except (ValueError, TypeError):
        array = np.array(None)
    told = f"  ({case})" if case else ""
    if array.shape != (3,) or array.dtype.kind not in "iuf":
        raise CheckFailed(f"{name}: expected three ints (C, H, W), got {describe(value)}{told}")
    if array.dtype.kind == "f":
        raise CheckFailed(
            f"{name}: expected three ints, got {describe(value)}{told}\n"
            "  Looks like: a division with / gives a float; use // for a whole number."
        )
    return tuple(int(n) for n in array)


def shape_entry(shapes, number):
    """Entry `number` (1 to 6) of the list of exercise 1, which may be None; or `CheckFailed`."""
    answered("shapes", shapes)
    if not isinstance(shapes, (list, tuple)) or len(shapes) != SHAPES:
        told = f"{len(shapes)}" if isinstance(shapes, (list, tuple)) else describe(shapes)
        raise CheckFailed(f"shapes: expected a list of {SHAPES} entries, got {told}")
    entry = shapes[number - 1]
    if entry is Ellipsis:
        answered(f"shapes, number {number}", entry)
    return None if entry is None else as_shape(f"shapes, number {number}", entry)


def calling(step, thing):
    """`step(thing, *arguments)` as a function; it keeps its time itself where the thing does."""

    def run(*arguments):
        return step(thing, *arguments)

    if hasattr(thing, "keeps_time"):
        run.keeps_time = True
    return run


def built(name, cls, *arguments):
    """`cls(*arguments)` of a student's class; or a `CheckFailed` that says what is wrong."""
    text = ", ".join(map(str, arguments))
    return call(name, answered(name, cls), *arguments, case=f"{name}({text})")


def state_of(name, net, case):
    """The parameters and buffers of a net, {key: tensor}; or a `CheckFailed`."""

    def state(one):
        found = one.state_dict()
        return {key: found[key] for key in found if found[key].shape is not None}

    found = call(name, calling(state, net), case=f"{case}.state_dict()")
    if not all(map(is_tensor, found.values())):
        raise CheckFailed(f"{name}: its state_dict() is no dict of tensors  ({case})")
    return found


def parameters_of(name, net, case):
    """The number of parameters of a net; or a `CheckFailed`."""

    def count(one):
        return [int(np.prod(tuple(parameter.shape))) for parameter in one.parameters()]

    return sum(call(name, calling(count, net), case=f"{case}.parameters()"))


def forward(net, x):
    """`net(x)`; a module without `forward` raises what it can't be mistaken for a stub by."""
    import torch

    try:
        with torch.no_grad():
            return net(x)
    except NotImplementedError as error:
        if "forward" in str(error):
            raise AttributeError("the class has no method `forward`") from None
        raise


def run_loaded(net, state, x):
    """Load a state_dict into a net and return what it gives for x in eval mode."""
    net.load_state_dict(state)
    net.eval()
    return forward(net, x)


def expect_shape(name, got, expected, case):
    """Raise unless `got` holds numbers in the expected shape; nothing is said about values."""
    array = as_numbers(name, got, case)
    if array.shape != tuple(expected):
        raise CheckFailed(
            f"{name}: wrong shape  ({case})\n"
            f"  expected {' x '.join(map(str, expected))}, got {' x '.join(map(str, array.shape))}"
        )


# --- shapes --------------------------------------------------------------------------------


@visible
def shapes(answer):
    """Only the form: six entries, each three ints or None."""
    for number in range(1, SHAPES + 1):
        shape_entry(answer, number)
    return FORM_IS_RIGHT


def _shape_check(number):
    def check(answer):
        shape_entry(answer, number)
        return FORM_IS_RIGHT

    check.__name__ = f"shape_{number}"
    return visible(check)


shape_1, shape_2, shape_3, shape_4, shape_5, shape_6 = map(_shape_check, range(1, SHAPES + 1))


def _expect_output_shape(function, arguments, expected, wrong=()):
    name = "conv_output_shape"
    case = f"{name}({', '.join(map(str, arguments))})"
    got = as_shape(name, call(name, function, *arguments, case=case), case)
    expect_array(name, got, expected, case=case, looks_like=known(wrong))


@visible
def conv_output_shape(function):
    """The cases of its three grade cells."""
    _square(function), _pairs(function), _limits(function)


@visible
def conv_output_shape_square(function):
    """A 3x3 kernel with a ring of zeros keeps the size."""
    _square(function)


@visible
def conv_output_shape_pairs(function):
    """Another kernel size, stride and padding in each direction."""
    _pairs(function)


@visible
def conv_output_shape_limits(function):
    """6 pixels under 3 in steps of 2: two places; 5 pixels don't fit into 4."""
    _limits(function)


def _square(function):
    arguments, wrong = (3, 8, 8, 16, 3, 1, 1, 1), [((3, 8, 8), "channels_in")]
    wrong += [((16, 7, 7), "no_plus_one")]
    _expect_output_shape(function, arguments, (16, 8, 8), wrong)


def _pairs(function):
    _expect_output_shape(function, (2, 9, 7, 2, (3, 1), (2, 1), (0, 2), (1, 1)), (2, 4, 11))


def _limits(function):
    _expect_output_shape(function, (1, 6, 6, 1, 3, 2, 0, 1), (1, 2, 2))
    name, case = "conv_output_shape", "a kernel of 5 on 4 pixels without padding"
    expect_raises(name, function, 1, 4, 4, 1, 5, 1, 0, 1, case=case)


# --- parameters ----------------------------------------------------------------------------


@visible
def conv_params(function):
    """10 kernels 5x5 on 3 channels: 750 weights and 10 biases."""
    case = "conv_params(3, 10, 5)"
    got = call("conv_params", function, 3, 10, 5, case=case)
    expect_int("conv_params", got, 760, case=case, looks_like=known([(750, "no_bias")]))
    case = "conv_params(3, 10, 5, False)"
    got = call("conv_params", function, 3, 10, 5, False, case=case)
    expect_int("conv_params", got, 750, case=case)


def _whole_number(name, answer):
    answered(name, answer)
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)) or answer < 1:
        raise CheckFailed(f"{name}: expected a positive whole number, got {describe(answer)}")
    return FORM_IS_RIGHT


@visible
def dense_params(answer):
    """Only the form: a positive whole number."""
    return _whole_number("dense_params", answer)


@visible
def conv_layer_params(answer):
    """Only the form: a positive whole number."""
    return _whole_number("conv_layer_params", answer)


# --- pooling and receptive field -----------------------------------------------------------


def _expect_pooled(function, image, size, stride, expected, wrong):
    import torch

    image, name = torch.tensor(image), "max_pool2d"
    case = f"{' x '.join(map(str, image.shape))}, size {size}, stride {stride}"
    got = call(name, function, image, size, stride, case=case)
    expect_array(name, got, expected, case=case, looks_like=known(wrong))


@visible
def max_pool2d(function):
    """The cases of its three grade cells."""
    for case in (*POOLED, NEGATIVE):
        _expect_pooled(function, *case)


@visible
def max_pool2d_blocks(function):
    """2x2 blocks side by side; the last row doesn't fill one."""
    _expect_pooled(function, *POOLED[0])


@visible
def max_pool2d_windows(function):
    """2x2 windows that overlap."""
    _expect_pooled(function, *POOLED[1])


@visible
def max_pool2d_negative(function):
    """The largest of four negative numbers is negative."""
    _expect_pooled(function, *NEGATIVE)


def _expect_receptive_field(function, layers, expected, wrong=()):
    case = f"receptive_field({layers})"
    got = call("receptive_field", function, layers, case=case)
    expect_int("receptive_field", got, expected, case=case, looks_like=known(wrong))


@visible
def receptive_field(function):
    """The cases of its two grade cells."""
    _strides(function), _dilation(function)


@visible
def receptive_field_strides(function):
    """One 3x3 sees 3 pixels, two see 5, and 7 where the first has stride 2."""
    _strides(function)


@visible
def receptive_field_dilation(function):
    """Three taps with dilation 2 reach over 5 pixels."""
    _dilation(function)


def _strides(function):
    _expect_receptive_field(function, [(3, 1, 1)], 3)
    layers = [(3, 1, 1), (3, 1, 1)]
    _expect_receptive_field(function, layers, 5, [(6, "sum_of_kernels")])
    layers = [(3, 2, 1), (3, 1, 1)]
    _expect_receptive_field(function, layers, 7, [(5, "strides_ignored")])


def _dilation(function):
    _expect_receptive_field(function, [(3, 1, 2)], 5)


# --- networks ------------------------------------------------------------------------------


@visible
def LeNet(cls):
    """The cases of its three grade cells."""
    _lenet_shape(cls), _lenet_parameters(cls), _lenet_values(cls)


@visible
def lenet_shape(cls):
    """Two colour images give 2 x 10 logits."""
    _lenet_shape(cls)


@visible
def lenet_parameters(cls):
    """62,006 for three channels."""
    _lenet_parameters(cls)


@visible
def lenet_values(cls):
    """With all weights 0 the logits are the biases of the last layer."""
    _lenet_values(cls)


def _lenet_shape(cls):
    import torch

    for channels in (3, 1):
        net, case = built("LeNet", cls, channels), f"LeNet({channels}) on 2 x {channels} x 32 x 32"
        got = call("LeNet", calling(forward, net), torch.zeros(2, channels, 32, 32), case=case)
        expect_shape("LeNet", got, (2, 10), case)


def _lenet_parameters(cls):
    got = parameters_of("LeNet", built("LeNet", cls), "LeNet()")
    expect_int("LeNet", got, LENET_PARAMETERS, case="number of parameters of LeNet()")


def _lenet_values(cls):
    import torch

    net, case = built("LeNet", cls), "all weights 0, last biases -4, -3, ..., 5"
    state = {key: torch.zeros_like(one) for key, one in state_of("LeNet", net, "LeNet()").items()}
    last = [key for key, one in state.items() if tuple(one.shape) == (10,)]
    if len(last) != 1:
        raise CheckFailed("LeNet: expected one layer with 10 biases, the last  (LeNet())")
    biases = torch.arange(-4.0, 6.0)
    state[last[0]] = biases
    got = call("LeNet", calling(run_loaded, net), state, torch.ones(1, 3, 32, 32), case=case)
    wrong = [(biases[None].clamp(min=0), "relu_on_logits"), (biases[None].softmax(1), "softmax")]
    expect_array("LeNet", got, biases[None].numpy(), case=case, looks_like=known(wrong))


@visible
def to_fully_conv(function, LeNet):
    """The cases of its two grade cells."""
    _same_logits(function, LeNet)
    _larger_inputs(function, LeNet)


@visible
def fully_conv_same(function, LeNet):
    """On 32x32 the map is one pixel with LeNet's logits."""
    _same_logits(function, LeNet)


@visible
def fully_conv_larger(function, LeNet):
    """On 64x64 the map is 9x9."""
    _larger_inputs(function, LeNet)


def a_lenet(function, LeNet, *arguments):
    """The student's LeNet for `to_fully_conv`; or a `CheckFailed` that says that it is needed."""
    answered("to_fully_conv", function)
    try:
        return built("LeNet", LeNet, *arguments)
    except CheckFailed as failure:
        _ask_a_stub(function)
        raise CheckFailed(f"to_fully_conv: needs your LeNet, but {failure}") from failure


def _ask_a_stub(function):
    """Raise `NotAttempted` where the function is a stub; it raises before it looks at a net."""
    try:
        call("to_fully_conv", function, None)
    except NotAttempted:
        raise
    except CheckFailed:
        return


def _same_logits(function, LeNet):
    import torch

    net, case = a_lenet(function, LeNet), "2 x 3 x 32 x 32"
    x = torch.linspace(-1, 1, 2 * 3 * 32 * 32).reshape(2, 3, 32, 32)
    expected = call("LeNet", calling(forward, net), x, case=case)
    converted = call("to_fully_conv", function, net, case="to_fully_conv(LeNet())")
    got = call("to_fully_conv", calling(forward, converted), x, case=case)
    expect_shape("to_fully_conv", got, (2, 10, 1, 1), case)
    expected = as_numbers("LeNet", expected, case)[:, :, None, None]
    expect_array("to_fully_conv", got, expected, case=case, tolerance=1e-5)


def _larger_inputs(function, LeNet):
    import torch

    net, case = a_lenet(function, LeNet), "1 x 3 x 64 x 64"
    converted = call("to_fully_conv", function, net, case="to_fully_conv(LeNet())")
    x = torch.zeros(1, 3, 64, 64)
    got = call("to_fully_conv", calling(forward, converted), x, case=case)
    expect_shape("to_fully_conv", got, (1, 10, 9, 9), case)


@visible
def ResNetBlock(cls):
    """The cases of its three grade cells."""
    _block_shape(cls), _block_values(cls), _block_statistics(cls)


@visible
def resnet_block_shape(cls):
    """Stride 2 halves the size, more channels come out."""
    _block_shape(cls)


@visible
def resnet_block_values(cls):
    """With kernels of zeros only the shortcut and the last ReLU are left."""
    _block_values(cls)


@visible
def resnet_block_statistics(cls):
    """The number of parameters, with and without a projection."""
    _block_statistics(cls)


def _block_shape(cls):
    import torch

    for arguments, expected in [((4, 4), (2, 4, 6, 8)), ((4, 6, 2), (2, 6, 3, 4))]:
        net = built("ResNetBlock", cls, *arguments)
        case = f"ResNetBlock({', '.join(map(str, arguments))}) on 2 x 4 x 6 x 8"
        got = call("ResNetBlock", calling(forward, net), torch.ones(2, 4, 6, 8), case=case)
        expect_shape("ResNetBlock", got, expected, case)


def _block_values(cls):
    import torch

    name, case = "ResNetBlock", "ResNetBlock(1, 1) with kernels of zeros, in eval mode"
    net = built(name, cls, 1, 1)
    state = state_of(name, net, "ResNetBlock(1, 1)")
    state = {key: one * 0 if one.ndim == 4 else one for key, one in state.items()}
    x = torch.tensor([[[[1.0, -2], [-3, 4]]]])
    got = call(name, calling(run_loaded, net), state, x, case=case)
    wrong = [(np.zeros((1, 1, 2, 2)), "no_shortcut"), (x, "last_relu")]
    expected = [[[[1.0, 0], [0, 4]]]]
    expect_array(name, got, expected, case=case, looks_like=known(wrong))


def _block_statistics(cls):
    for arguments, expected in BLOCK_PARAMETERS.items():
        text = f"ResNetBlock({', '.join(map(str, arguments))})"
        got = parameters_of("ResNetBlock", built("ResNetBlock", cls, *arguments), text)
        expect_int("ResNetBlock", got, expected, case=f"number of parameters of {text}")
