"""Hidden tests of unit 03, one function per grade cell.

Nets are tested with random weights: a net is built, its state_dict is filled by the shapes of its
entries (names and order are the student's own), and its output is compared with torch's.
Tolerances are relative to the largest expected number: 1e-4 for float32 nets of several layers,
1e-6 where nothing is computed but comparisons.
"""

from contextlib import contextmanager, suppress
from itertools import permutations

import numpy as np
import torch
import torch.nn.functional as F

from autograder.engine.seeds import generator
from autograder.hidden.random_nets import random_input, random_state
from autograder.mistakes.cnn_layers import BANK, LeNetOf
from coursekit.checks import fixtures
from coursekit.checks.cnn_layers import (
    LENET_PARAMETERS,
    a_lenet,
    as_shape,
    expect_shape,
    forward,
    parameters_of,
    run_loaded,
    shape_entry,
    state_of,
)
from coursekit.checks.core import (
    CheckFailed,
    as_numbers,
    built,
    call,
    call_text,
    calling,
    expect_array,
    expect_int,
    expect_raises,
    expect_unchanged,
    failed,
    sizes_text,
)

LAYERS = (  # exercise 1: input C x H x W, weight K x C x kh x kw, stride, padding
    ((1, 28, 28), (16, 1, 5, 5), 1, 0),
    ((2, 32, 32), (24, 2, 3, 3), 1, 0),
    ((10, 32, 32), (3, 10, 2, 2), 2, 0),
    ((11, 8, 16), (7, 11, 3, 3), 2, 1),
    ((128, 256, 256), (112, 128, 3, 3), 1, 1),
    ((3, 32, 32), (8, 4, 5, 5), 1, 0),
)


# --- shapes --------------------------------------------------------------------------------


def shape_1(shapes):
    """1 x 28 x 28 under 16 filters 5x5."""
    _expect_entry(shapes, 1)


def shape_2(shapes):
    """2 x 32 x 32 under 24 filters 3x3."""
    _expect_entry(shapes, 2)


def shape_3(shapes):
    """10 x 32 x 32 under 3 filters 2x2 with stride 2."""
    _expect_entry(shapes, 3)


def shape_4(shapes):
    """11 x 8 x 16 under 7 filters 3x3 with stride 2 and padding 1."""
    _expect_entry(shapes, 4)


def shape_5(shapes):
    """128 x 256 x 256 under 112 filters 3x3 with padding 1."""
    _expect_entry(shapes, 5)


def shape_6(shapes):
    """Filters of 4 channels don't fit an input of 3."""
    _expect_entry(shapes, 6)


def _expect_entry(shapes, number):
    entry, expected = shape_entry(shapes, number), _shape_by_torch(*LAYERS[number - 1])
    name = f"shapes, number {number}"
    looks_like = BANK.looks_like("shapes", number, using=_entry_of)
    if (entry is None) != (expected is None):
        wanted = "None, as there is no output" if expected is None else "a shape"
        got = "None" if entry is None else f"the shape {entry}"
        message = looks_like(entry) if entry else "look again: this layer has an output."
        raise failed(name, "wrong value", text=f"expected {wanted}, got {got}", message=message)
    if entry is not None:
        expect_array(name, entry, expected, case="C, H, W", looks_like=looks_like)


def _entry_of(mistake, number):
    return mistake()[number - 1]


def _shape_by_torch(image, weight, stride, padding, dilation=1):
    """The output's C x H x W; None where torch refuses the layer.

    Places don't depend on channels, so it convolves one of them.
    """
    (channels, *size), (kernels, taken, *window) = image, weight
    if channels != taken:
        return None
    image, weight = torch.zeros(1, 1, *size), torch.zeros(1, 1, *window)
    try:
        places = F.conv2d(image, weight, None, stride, padding, dilation).shape[2:]
    except RuntimeError:
        return None
    return (kernels, *places)


# --- conv_output_shape ---------------------------------------------------------------------


def conv_output_shape_square(function):
    """Square inputs and kernels; the stride divides."""
    rng = generator("conv_output_shape_square")
    for _ in range(12):
        f, s, p, places = (int(n) for n in rng.integers((1, 1, 0, 3), (8, 4, 4, 30)))
        side = (places - 1) * s + f - 2 * p
        if side < 1:
            continue
        c_in, k = int(rng.integers(1, 9)), int(rng.integers(9, 99))
        _expect_output_shape(function, c_in, side, side, k, f, s, p, 1)


def conv_output_shape_pairs(function):
    """Another value in each direction, one at a time and all together."""
    rng = generator("conv_output_shape_pairs")
    cases = [
        (20, 31, (3, 5), 1, 0, 1),
        (20, 31, (5, 3), (2, 3), 0, 1),
        (21, 30, 3, 1, (2, 0), 1),
        (21, 30, 3, 1, 0, (1, 3)),
        (19, 40, 3, 2, 1, 2),
    ]
    for _ in range(12):
        low, high = ((1, 1), (1, 1), (0, 0), (1, 1)), ((6, 6), (4, 4), (4, 4), (4, 4))
        f, s, p, d = (tuple(map(int, pair)) for pair in rng.integers(low, high))
        h, w = (e * (g - 1) + 1 + int(rng.integers(2, 30)) for g, e in zip(f, d, strict=True))
        cases.append((h, w, f, s, p, d))
    for h, w, f, s, p, d in cases:
        h, w = _dividing(h, 0, f, s, p, d), _dividing(w, 1, f, s, p, d)
        _expect_output_shape(function, 6, h, w, 6, f, s, p, d)


def _dividing(n, side, *hyperparameters):
    """The next larger side that the stride divides: rounding is tested in another cell."""
    f, s, p, d = (_two(value)[side] for value in hyperparameters)
    return n + -(n + 2 * p - d * (f - 1) - 1) % s


def conv_output_shape_limits(function):
    """Strides that don't divide; ValueError where the kernel doesn't fit the padded input."""
    rng = generator("conv_output_shape_limits")
    for s in (2, 3, 4, 5):
        for rest in range(1, s):
            f, p, places = (int(n) for n in rng.integers((1, 0, 2), (7, 3, 20)))
            side = (places - 1) * s + f - 2 * p + rest
            if side > 0:
                _expect_output_shape(function, 5, side, side, 5, f, s, p, 1)
    _expect_output_shape(function, 4, 3, 3, 4, 5, 1, 1, 1)  # fits exactly, once padded
    impossible = [
        (5, 5, 6, 1, 0, 1, "kernel 6 on 5 pixels"),
        (9, 4, 5, 2, 0, 1, "kernel 5 on a width of 4"),
        (4, 9, 5, 2, 0, 1, "kernel 5 on a height of 4"),
        (3, 3, 7, 1, 1, 1, "kernel 7 on 3 pixels with padding 1"),
    ]
    for h, w, f, s, p, d, case in impossible:
        expect_raises("conv_output_shape", function, 2, h, w, 2, f, s, p, d, case=case)


def _expect_output_shape(function, *arguments):
    name, (c_in, h, w, k, f, s, p, d) = "conv_output_shape", arguments
    case = call_text(name, *arguments)
    looks_like = BANK.looks_like(name, *arguments)
    expected = _shape_by_torch((c_in, h, w), (k, c_in, *_two(f)), s, p, d)
    got = call(name, function, *arguments, case=case, looks_like=looks_like)
    shape = as_shape(name, got, case)
    expect_array(name, shape, expected, case=case, looks_like=looks_like)


def _two(value):
    return value if isinstance(value, tuple) else (value, value)


# --- parameters ----------------------------------------------------------------------------


def conv_params(function):
    """Counted in torch's layer."""
    rng = generator("conv_params")
    for _ in range(6):
        c_in, k, f = (int(n) for n in rng.integers((2, 2, 1), (40, 40, 8)))
        for bias in (True, False):
            layer = torch.nn.Conv2d(c_in, k, f, bias=bias, device="meta")
            expected = sum(parameter.numel() for parameter in layer.parameters())
            arguments = (c_in, k, f, bias)
            case = f"conv_params{arguments}"
            looks_like = BANK.looks_like("conv_params", *arguments)
            got = call("conv_params", function, *arguments, case=case, looks_like=looks_like)
            expect_int("conv_params", got, expected, case=case, looks_like=looks_like)
    got = call("conv_params", function, 3, 10, 5, case="conv_params(3, 10, 5)")
    expect_int("conv_params", got, 760, case="conv_params(3, 10, 5)")


def dense_params(answer):
    """1024 inputs, 4 x 30 x 30 outputs, counted in torch's layer."""
    layer = torch.nn.Linear(32 * 32, 4 * 30 * 30, bias=False, device="meta")
    _expect_number("dense_params", answer, layer.weight.numel())


def conv_layer_params(answer):
    """Four kernels of 3 x 3, counted in torch's layer."""
    layer = torch.nn.Conv2d(1, 4, 3, bias=False, device="meta")
    _expect_number("conv_layer_params", answer, layer.weight.numel())


def _expect_number(name, answer, expected):
    case = "weights, without biases"
    expect_int(name, answer, expected, case=case, looks_like=BANK.looks_like(name))


# --- pooling -------------------------------------------------------------------------------


def max_pool2d_blocks(function):
    """Windows side by side that cover the input; numbers from 0 to 1."""
    rng = generator("max_pool2d_blocks")
    for shape, size in [((2, 3, 4, 6), 2), ((1, 2, 6, 9), 3), ((3, 2, 8, 4), 4), ((2, 2, 3, 2), 1)]:
        _expect_pooled(function, torch.tensor(rng.random(shape), dtype=torch.float32), size, size)


def max_pool2d_windows(function):
    """Windows that overlap, that leave gaps, and sizes that leave a rest."""
    rng = generator("max_pool2d_windows")
    cases = [((2, 3, 7, 9), 3, 2), ((1, 2, 5, 6), 2, 1), ((2, 2, 8, 11), 2, 3)]
    cases += [((2, 3, 5, 8), 2, 2), ((1, 2, 6, 6), 4, 4), ((1, 3, 3, 5), 3, 1)]
    for _ in range(4):
        size, stride, h, w = (int(n) for n in rng.integers((1, 1, 4, 4), (5, 4, 10, 10)))
        cases.append(((1, 2, h, w + h % 2 + 1), size, stride))
    for shape, size, stride in cases:
        _expect_pooled(function, torch.tensor(rng.random(shape)), size, stride)


def max_pool2d_negative(function):
    """All numbers below zero, in both float types; the input stays as it is."""
    rng = generator("max_pool2d_negative")
    for shape, size in [((2, 3, 4, 6), 2), ((1, 2, 9, 6), 3)]:
        for dtype in (torch.float32, torch.float64):
            x = torch.tensor(-1 - rng.random(shape), dtype=dtype)
            _expect_pooled(function, x, size, size)
    x = torch.tensor(rng.normal(size=(2, 2, 4, 6)))
    expect_unchanged("max_pool2d", function, x, 2, 2, case="2 x 2 x 4 x 6, size 2, stride 2")


def _expect_pooled(function, x, size, stride):
    name, case = "max_pool2d", f"{sizes_text(x.shape)}, size {size}, stride {stride}"
    looks_like = BANK.looks_like(name, x, size, stride)
    got = call(name, function, x, size, stride, case=case, looks_like=looks_like)
    expected = F.max_pool2d(x, size, stride).numpy()
    expect_array(name, got, expected, case=case, looks_like=looks_like)


# --- receptive field -----------------------------------------------------------------------


def receptive_field_strides(function):
    """Chains without dilation; the extent is measured, not computed."""
    rng = generator("receptive_field_strides")
    cases = [[(1, 1, 1)], [(5, 1, 1)], [(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1), (5, 1, 1)]]
    cases += [[(3, 2, 1), (3, 2, 1), (3, 1, 1)], [(1, 3, 1), (3, 1, 1)], [(7, 2, 1), (3, 2, 1)]]
    for _ in range(10):
        count = int(rng.integers(2, 6))
        cases.append([(*map(int, rng.integers((1, 1), (6, 4))), 1) for _ in range(count)])
    for layers in cases:
        _expect_receptive_field(function, layers)


def receptive_field_dilation(function):
    """Chains of stride 1 with dilations."""
    rng = generator("receptive_field_dilation")
    cases = [[(3, 1, 2)], [(3, 1, 1), (3, 1, 2), (3, 1, 4)], [(2, 1, 5), (1, 1, 7)]]
    for _ in range(8):
        count = int(rng.integers(1, 5))
        sizes = rng.integers((2, 1), (6, 5), size=(count, 2))
        cases.append([(int(f), 1, int(d)) for f, d in sizes])
    for layers in cases:
        _expect_receptive_field(function, layers)


def _expect_receptive_field(function, layers):
    case, looks_like = f"layers {layers}", BANK.looks_like("receptive_field", layers)
    got = call("receptive_field", function, layers, case=case, looks_like=looks_like)
    expect_int("receptive_field", got, _extent(layers), case=case, looks_like=looks_like)


def _extent(layers):
    """From the first to the last pixel that one output depends on, marked by its gradient."""
    length, out = 8, None
    while out is None or out.shape[2] == 0:
        length *= 2
        x = torch.ones(1, 1, length, dtype=torch.float64, requires_grad=True)
        out = x
        for f, s, d in layers:
            if out.shape[2] < d * (f - 1) + 1:
                out = None
                break
            kernel = torch.ones(1, 1, f, dtype=torch.float64)
            out = F.conv1d(out, kernel, stride=s, dilation=d)
    out[0, 0, 0].backward()
    reached = x.grad[0, 0].nonzero()
    return int(reached[-1] - reached[0]) + 1


# --- LeNet ---------------------------------------------------------------------------------


def lenet_shape(LeNet):
    """N x 10 logits for any batch, for colour and gray."""
    rng = generator("lenet_shape")
    for channels, batch in [(3, 1), (3, 4), (1, 2), (1, 1), (5, 3)]:
        x = torch.tensor(rng.random((batch, channels, 32, 32)), dtype=torch.float32)
        net, case = built("LeNet", LeNet, channels), f"LeNet({channels}) on {sizes_text(x.shape)}"
        looks_like = BANK.looks_like("LeNet", channels, x, using=_shape_of_logits)
        got = call("LeNet", calling(forward, net), x, case=case, looks_like=looks_like)
        shape = as_numbers("LeNet", got, case).shape
        if shape != (batch, 10):
            text = f"expected {batch} x 10, got {sizes_text(shape)}"
            raise failed("LeNet", "wrong shape", case, text, looks_like(np.array(shape)))


def _shape_of_logits(LeNet, channels, x):
    return np.array(tuple(LeNet(channels)(x).shape))


def lenet_parameters(LeNet):
    """62,006 numbers for three channels, in ten tensors of the right sizes."""
    net = built("LeNet", LeNet)
    looks_like = BANK.looks_like("LeNet", using=_number_of_parameters)
    got, case = parameters_of("LeNet", net, "LeNet()"), "number of parameters of LeNet()"
    expect_int("LeNet", got, LENET_PARAMETERS, case=case, looks_like=looks_like)


def _number_of_parameters(LeNet):
    return sum(parameter.numel() for parameter in LeNet().parameters())


def lenet_values(LeNet):
    """Logits with known weights, against torch's functions."""
    rng = generator("lenet_values")
    for batch in (1, 3):
        weights = _lenet_weights(rng, 3)
        x = random_input(rng, batch, 3, 32, 32)
        net, case = (
            built("LeNet", LeNet, 3),
            f"LeNet(3) with known weights on {sizes_text(x.shape)}",
        )
        state = _filled("LeNet", state_of("LeNet", net, "LeNet(3)"), weights)
        looks_like = BANK.looks_like("LeNet", weights, x, using=_logits)
        got = call("LeNet", calling(run_loaded, net), state, x, case=case, looks_like=looks_like)
        expected = _lenet(weights, x).numpy()
        expect_array("LeNet", got, expected, case=case, looks_like=looks_like, tolerance=1e-4)


def _logits(LeNet, weights, x):
    """What a net of the bank gives with these weights."""
    net = LeNet(x.shape[1])
    return run_loaded(net, _filled("LeNet", net.state_dict(), weights), x)


def _lenet_weights(rng, channels):
    """Ten tensors: a weight and a bias for each layer, in their order."""
    sizes = [(6, channels, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)]
    shapes = {}
    for layer, size in enumerate(sizes):
        shapes |= {f"{layer}.weight": size, f"{layer}.bias": size[:1]}
    return list(random_state(rng, shapes, spread=0.3).values())


def _lenet(weights, x):
    """LeNet by torch's functions."""
    (a, b, c, d, e), biases = weights[::2], weights[1::2]
    x = F.max_pool2d(F.relu(F.conv2d(x, a, biases[0])), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, b, biases[1])), 2)
    x = F.relu(F.linear(x.flatten(1), c, biases[2]))
    return F.linear(F.relu(F.linear(x, d, biases[3])), e, biases[4])


def _filled(name, state, weights):
    """`state` with each entry replaced by the weight of its shape; or a `CheckFailed`.

    A dense layer may also be stored as a convolution, or a convolution as a dense layer.
    """
    filled = {}
    for weight in weights:
        for key, entry in state.items():
            fitting = None if key in filled else _reshaped(weight, tuple(entry.shape))
            if fitting is not None:
                filled[key] = fitting
                break
    if len(filled) < len(weights) or len(state) > len(weights):
        shapes = ", ".join(sizes_text(entry.shape) for entry in state.values())
        wanted = ", ".join(sizes_text(weight.shape) for weight in weights)
        what = f"expected parameters of shapes {wanted}"
        raise failed(name, what, text=f"got {shapes or 'none'}")
    return filled


def _reshaped(weight, shape):
    """`weight` in another layout, or None where `shape` isn't one of its layouts."""
    if tuple(weight.shape) == shape:
        return weight
    if weight.ndim < 2 or len(shape) < 2:
        return None
    if weight.ndim == 2 and tuple(weight.T.shape) == shape:
        return weight.T.contiguous()
    same = len(weight) == shape[0] and weight.numel() == np.prod(shape)
    return weight.reshape(shape) if same else None


# --- fully convolutional -------------------------------------------------------------------


def fully_conv_same(to_fully_conv, LeNet):
    """On 32x32 the logits of the student's own LeNet, which stays as it is."""
    rng = generator("fully_conv_same")
    for channels in (3, 1):
        net, weights = _loaded_lenet(to_fully_conv, LeNet, rng, channels)
        x = random_input(rng, 2, channels, 32, 32)
        try:
            expected = _own_logits(net, x)
        except CheckFailed:
            if channels == 1:  # a LeNet for colour only costs points in its own exercise
                continue
            raise
        _expect_map(to_fully_conv, net, weights, x, expected[:, :, None, None])
        after = _own_logits(net, x)
        if not np.allclose(after, expected, rtol=1e-4, atol=1e-5):
            what = "LeNet gives other logits after the conversion than before"
            message = (
                "the LeNet that came in is changed and gives other logits afterwards; work on "
                "copies."
            )
            raise failed("to_fully_conv", what, message=message)


def fully_conv_larger(to_fully_conv, LeNet):
    """At (i, j) of the map the logits of the 32x32 crop at (4 i, 4 j)."""
    rng = generator("fully_conv_larger")
    net, weights = _loaded_lenet(to_fully_conv, LeNet, rng, 3)
    for batch, h, w in [(1, 64, 64), (2, 32, 48), (1, 44, 36)]:
        x = random_input(rng, batch, 3, h, w)
        rows, columns = range(0, h - 31, 4), range(0, w - 31, 4)
        crops = [x[:, :, i : i + 32, j : j + 32] for i in rows for j in columns]
        logits = _own_logits(net, torch.cat(crops)).reshape(len(rows), len(columns), batch, 10)
        _expect_map(to_fully_conv, net, weights, x, logits.transpose(2, 3, 0, 1))


def _loaded_lenet(to_fully_conv, LeNet, rng, channels):
    """The student's LeNet in eval mode, with random weights where they fit."""
    net, weights = a_lenet(to_fully_conv, LeNet, channels), _lenet_weights(rng, channels)
    own = state_of("LeNet", net, "LeNet()")
    try:
        state = _filled("LeNet", own, weights)
        call("LeNet", calling(_load, net), state, case="load_state_dict")
    except CheckFailed:
        state, weights = own, None  # another net: it is compared with itself, as it came
    _expect_used(net, state, rng, channels)
    return net, weights


def _expect_used(net, state, rng, channels):
    """Raise unless logits depend on the picture and on most parameters.

    The student's own LeNet says what is right; one that always says the same would let every
    conversion pass.
    """
    pictures = random_input(rng, 2, channels, 32, 32)
    try:
        logits = _own_logits(net, pictures)
    except CheckFailed:
        return  # the test itself reports it
    others = _logits_with_noise(net, state, pictures, seed=int(rng.integers(2**31)))
    used = [not np.allclose(one, logits, rtol=1e-5, atol=1e-7) for one in others]
    if sum(used) <= len(used) / 2 or np.allclose(logits[0], logits[1], rtol=1e-5, atol=1e-7):
        what = "needs a LeNet that uses its weights and the picture"
        text = f"{sum(used)} of its {len(used)} parameters change its logits"
        raise failed("to_fully_conv", what, text=text)


def _load(net, state):
    net.load_state_dict(state)
    net.eval()
    return True


def _own_logits(net, x):
    with _needed():
        case = f"LeNet on {sizes_text(x.shape)}"
        return _as_logits(call("LeNet", calling(forward, net), x, case=case), x, case)


def _logits_with_noise(net, state, x, seed):
    """The logits with noise on one entry of the state, for each of its entries in turn."""
    with _needed():
        case, noise = f"LeNet with other weights on {sizes_text(x.shape)}", (seed, 0.5)
        found = call(
            "LeNet", calling(fixtures.beside, net), "with_noise", net, state, x, *noise, case=case
        )
        return [_as_logits(one, x, case) for one in found]


@contextmanager
def _needed():
    """What is wrong with the student's LeNet is told as what their conversion needs."""
    try:
        yield
    except CheckFailed as failure:
        raise failed("to_fully_conv", f"needs your LeNet, but {failure}") from failure


def _as_logits(got, x, case):
    logits = as_numbers("LeNet", got, case)
    expect_shape("LeNet", logits, (len(x), 10), case)
    return logits


def _expect_map(to_fully_conv, net, weights, x, expected):
    name, case = "to_fully_conv", sizes_text(x.shape)

    def convert_and_run():
        converted = call(name, to_fully_conv, net, case="to_fully_conv(LeNet(...))")
        return call(name, calling(_run_eval, converted), x, case=case, looks_like=in_bank)

    def in_bank(outcome):
        message = weights and BANK.looks_like(name, weights, x, using=_map)(outcome)
        if message or isinstance(outcome, type) or outcome.shape != expected.shape:
            return message
        again = as_numbers(name, convert_and_run(), case)
        if np.allclose(again, outcome, rtol=1e-4, atol=1e-5):
            return None
        return "the new convolutions keep their own random weights; copy those of the dense layers."

    got = convert_and_run()
    expect_array(name, got, expected, case=case, looks_like=in_bank, tolerance=1e-4)


def _run_eval(net, x):
    """`net(x)`, in eval mode where there are modes: any callable is a right answer."""
    with suppress(AttributeError):
        net.eval()
    return forward(net, x)


def _map(to_fully_conv, weights, x):
    """What a conversion of the bank gives for the bank's LeNet with these weights."""
    net = LeNetOf(x.shape[1])
    net.load_state_dict(_filled("LeNet", net.state_dict(), weights))
    return _run_eval(to_fully_conv(net), x)


# --- residual block ------------------------------------------------------------------------


def resnet_block_shape(ResNetBlock):
    """N x C' x ceil(H / s) x ceil(W / s), also where only the stride changes the shape."""
    rng = generator("resnet_block_shape")
    for arguments in [(4, 4), (4, 8, 2), (6, 6, 2), (8, 4, 1), (3, 5, 3)]:
        x = random_input(rng, 2, arguments[0], 7, 10)
        case = f"ResNetBlock{arguments} on {sizes_text(x.shape)}"
        looks_like = BANK.looks_like("ResNetBlock", arguments, x, using=_shape_of_block)
        net = built("ResNetBlock", ResNetBlock, *arguments)
        got = call("ResNetBlock", calling(forward, net), x, case=case, looks_like=looks_like)
        expect_shape("ResNetBlock", got, BasicBlock(*arguments)(x).shape, case)


def _shape_of_block(ResNetBlock, arguments, x):
    return np.array(tuple(ResNetBlock(*arguments)(x).shape))


def resnet_block_values(ResNetBlock):
    """With known weights in eval mode, against the basic block of ResNet-18."""
    rng = generator("resnet_block_values")
    for arguments in [(5, 5, 1), (4, 6, 2), (6, 4, 1)]:
        reference = BasicBlock(*arguments)
        shapes = {key: tuple(entry.shape) for key, entry in reference.state_dict().items()}
        reference.load_state_dict(random_state(rng, shapes))
        reference.eval()
        x = random_input(rng, 2, arguments[0], 7, 10)
        case = f"ResNetBlock{arguments} with known weights, eval mode, {sizes_text(x.shape)}"
        _expect_block(ResNetBlock, arguments, reference, x, case)


def _expect_block(ResNetBlock, arguments, reference, x, case):
    """Raise unless one way to hand the reference's weights to the block gives its output."""
    name, weights = "ResNetBlock", reference.state_dict()
    net = built(name, ResNetBlock, *arguments)
    state = state_of(name, net, f"{name}{arguments}")
    looks_like = BANK.looks_like(name, arguments, weights, x, using=_block_output)
    inventory = BANK.looks_like(name, arguments, using=_inventory_of)
    outcomes, expected = [], reference(x).detach().numpy()
    for filled in _fillings(state, weights, inventory):
        got = call(name, calling(run_loaded, net), filled, x, case=case, looks_like=looks_like)
        outcomes.append(as_numbers(name, got, case))
        if outcomes[-1].shape == expected.shape and np.allclose(
            outcomes[-1], expected, rtol=1e-4, atol=1e-4
        ):
            return
    shown = next((one for one in outcomes if looks_like(one)), outcomes[0])
    expect_array(name, shown, expected, case=case, looks_like=looks_like, tolerance=1e-4)


def _fillings(state, weights, looks_like):
    """Every way to fill a block's state with the weights of a reference, likeliest first.

    Layers of the same shape can stand in any order in a state_dict; which is which shows in the
    output. Biases of convolutions become 0. Raises `CheckFailed` where the layers are others.
    """
    own, wanted = _layers(state), _layers(weights)
    kinds = [_kinds(layers) for layers in (own, wanted)]
    if kinds[0] != kinds[1]:
        what, text = f"expected the layers {', '.join(kinds[1])}", ", ".join(kinds[0]) or "none"
        message = looks_like(_inventory(state))
        raise failed("ResNetBlock", what, text=f"got {text}", message=message)
    for order in permutations(wanted):
        pairs = list(zip(own, order, strict=True))
        if all(_kind(own[one]) == _kind(wanted[other]) for one, other in pairs):
            yield {
                f"{one}.{part}": wanted[other].get(part, torch.zeros_like(entry))
                for one, other in pairs
                for part, entry in own[one].items()
            }


def _layers(state):
    """{layer: {part: tensor}} of a state_dict, in its order."""
    layers = {}
    for key, entry in state.items():
        layer, _, part = key.rpartition(".")
        layers.setdefault(layer, {})[part] = entry
    return layers


def _kind(parts):
    weight = parts.get("weight")
    if weight is None:
        return "parameters " + ", ".join(parts)
    return (
        f"normalisation of {weight.numel()}"
        if weight.ndim < 2
        else f"weight {sizes_text(weight.shape)}"
    )


def _kinds(layers):
    return sorted(map(_kind, layers.values()))


def _inventory(state):
    """The sizes of all weights, sorted, as an outcome to compare."""
    sizes = [entry.numel() for key, entry in state.items() if key.endswith("weight")]
    return np.array(sorted(sizes))


def _inventory_of(ResNetBlock, arguments):
    return _inventory(ResNetBlock(*arguments).state_dict())


def _block_output(ResNetBlock, arguments, weights, x):
    """What a block of the bank gives with these weights."""
    net = ResNetBlock(*arguments)
    filled = next(_fillings(net.state_dict(), weights, lambda _: None))
    return run_loaded(net, filled, x)


def resnet_block_statistics(ResNetBlock):
    """The number of parameters; in train mode the batch is normalised by its own statistics.

    By its own statistics means: twice the input gives the same output, for a block whose
    shortcut is normalised, too.
    """
    rng = generator("resnet_block_statistics")
    for arguments in [(16, 16, 1), (8, 12, 2), (12, 8, 1)]:
        case = f"number of parameters of ResNetBlock{arguments}"
        net = built("ResNetBlock", ResNetBlock, *arguments)
        got = parameters_of("ResNetBlock", net, f"ResNetBlock{arguments}")
        expected = sum(p.numel() for p in BasicBlock(*arguments).parameters())
        looks_like = BANK.looks_like("ResNetBlock", arguments, using=_number_in_block)
        expect_int("ResNetBlock", got, expected, case=case, looks_like=looks_like)
    _expect_own_statistics(ResNetBlock, *(random_input(rng, 6, 4, 8, 8) for _ in range(2)))


def _expect_own_statistics(ResNetBlock, x, other):
    """Raise unless a block in train mode gives the same for x and for 2 x, and not for all x."""
    case = "ResNetBlock(4, 6, 1) in train mode: the same for x and for 2 x"
    net = built("ResNetBlock", ResNetBlock, 4, 6, 1)
    once, twice, differs = (
        as_numbers("ResNetBlock", call("ResNetBlock", calling(_train, net), one, case=case), case)
        for one in (x, 2 * x, other)
    )
    if np.shape(once) == np.shape(differs) and np.allclose(once, differs, rtol=1e-2, atol=1e-2):
        case = "ResNetBlock(4, 6, 1) in train mode, two inputs"
        raise failed("ResNetBlock", "its output doesn't depend on its input", case)
    if once.shape != (6, 6, 8, 8) or not np.allclose(once, twice, rtol=1e-2, atol=1e-2):
        text = f"largest difference {np.abs(once - twice).max():.3g}, expected 0"
        message = (
            "batch normalisation uses the stored statistics while training, too; there it has to "
            "use the batch's own."
        )
        raise failed("ResNetBlock", "wrong values", case, text, message)


def _train(net, x):
    net.train()
    return forward(net, x)


def _number_in_block(ResNetBlock, arguments):
    return sum(parameter.numel() for parameter in ResNetBlock(*arguments).parameters())


class BasicBlock(torch.nn.Module):
    """The basic block of ResNet-18 (He et al. 2016), with the names that torchvision gives it."""

    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        self.conv1 = _conv(in_channels, out_channels, 3, first_stride)
        self.bn1 = torch.nn.BatchNorm2d(out_channels)
        self.conv2 = _conv(out_channels, out_channels, 3, 1)
        self.bn2 = torch.nn.BatchNorm2d(out_channels)
        self.downsample = torch.nn.Sequential()
        if first_stride != 1 or in_channels != out_channels:
            self.downsample.append(_conv(in_channels, out_channels, 1, first_stride))
            self.downsample.append(torch.nn.BatchNorm2d(out_channels))

    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.downsample(x))


def _conv(in_channels, out_channels, size, stride):
    return torch.nn.Conv2d(
        in_channels, out_channels, size, stride=stride, padding=size // 2, bias=False
    )
