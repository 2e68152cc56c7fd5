"""Known mistakes of unit 03.

`loses` names the grade cells a mistake fails in an otherwise right notebook.
"""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from autograder.mistakes import Bank
from coursekit.checks.cnn_layers import MESSAGES

BANK = Bank(
    typical=[
        "shapes_padding_ignored",
        "stride_is_the_size",
        "relu_missing",
        "dense_to_conv_reshaped_wrongly",
        "shortcut_missing",
    ]
)

SQUARE, PAIRS, LIMITS = (
    {"conv_output_shape_square": 1},
    {"conv_output_shape_pairs": 1},
    {"conv_output_shape_limits": 1},
)
BLOCKS, WINDOWS, NEGATIVE = (
    {"max_pool2d_blocks": 1},
    {"max_pool2d_windows": 1},
    {"max_pool2d_negative": 1},
)
LENET_SHAPE, LENET_PARAMETERS, LENET_VALUES = (
    {"lenet_shape": 1},
    {"lenet_parameters": 1},
    {"lenet_values": 1},
)
SAME, LARGER = {"fully_conv_same": 2}, {"fully_conv_larger": 2}
BLOCK_SHAPE, BLOCK_VALUES, BLOCK_STATISTICS = (
    {"resnet_block_shape": 1},
    {"resnet_block_values": 1},
    {"resnet_block_statistics": 1},
)
FIELD_STRIDES, FIELD_DILATION = (
    {"receptive_field_strides": 1},
    {"receptive_field_dilation": 1},
)


# --- shapes --------------------------------------------------------------------------------


@BANK.mistake("shapes", "the padding is ignored.", {"shape_4": 1, "shape_5": 1}, is_value=True)
def shapes_padding_ignored():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 3, 7), (112, 254, 254), None]


@BANK.mistake(
    "shapes",
    MESSAGES["channels_in"],
    {f"shape_{n}": 1 for n in range(1, 6)},
    is_value=True,
)
def shapes_channels_of_the_input():
    return [(1, 24, 24), (2, 30, 30), (10, 16, 16), (11, 4, 8), (128, 256, 256), None]


@BANK.mistake(
    "shapes",
    "rounded up; a window that doesn't fit whole has no place (floor).",
    {"shape_4": 1},
    is_value=True,
)
def shapes_rounded_up():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 5, 9), (112, 256, 256), None]


@BANK.mistake("shapes", "height and width are swapped.", {"shape_4": 1}, is_value=True)
def shapes_height_and_width_swapped():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 8, 4), (112, 256, 256), None]


@BANK.mistake(
    "shapes",
    MESSAGES["no_plus_one"],
    {f"shape_{n}": 1 for n in range(1, 6)},
    is_value=True,
)
def shapes_no_plus_one():
    return [(16, 23, 23), (24, 29, 29), (3, 15, 15), (7, 3, 7), (112, 255, 255), None]


@BANK.mistake("shapes", "the stride is ignored.", {"shape_3": 1, "shape_4": 1}, is_value=True)
def shapes_stride_ignored():
    return [(16, 24, 24), (24, 30, 30), (3, 31, 31), (7, 8, 16), (112, 256, 256), None]


@BANK.mistake(
    "shapes",
    "channels-last, (H, W, C), as in the numpy units; torch puts the channels first.",
    {f"shape_{n}": 1 for n in range(1, 6)},
    is_value=True,
)
def shapes_channels_last():
    return [(24, 24, 16), (30, 30, 24), (16, 16, 3), (4, 8, 7), (256, 256, 112), None]


@BANK.mistake(
    "shapes",
    "a shape for a layer that can't be: a filter of 4 channels on an input of 3.",
    {"shape_6": 1},
    is_value=True,
)
def shapes_channels_not_compared():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 4, 8), (112, 256, 256), (8, 28, 28)]


# --- conv_output_shape ---------------------------------------------------------------------


def two(value):
    """(rows, columns) of a number or of a pair."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def places(n, f, s, p, d):
    """Places of a window along one side; ValueError where there is none."""
    if n + 2 * p < d * (f - 1) + 1:
        raise ValueError("the kernel doesn't fit")
    return (n + 2 * p - d * (f - 1) - 1) // s + 1


@BANK.mistake("conv_output_shape", MESSAGES["channels_in"], SQUARE)
def channels_of_the_input(c_in, h, w, k, f, s, p, d):
    sides = zip((h, w), two(f), two(s), two(p), two(d), strict=True)
    return (c_in, *(places(*side) for side in sides))


@BANK.mistake(
    "conv_output_shape",
    "rounded up; a window that doesn't fit whole has no place (floor).",
    LIMITS,
)
def rounded_up(c_in, h, w, k, f, s, p, d):
    shape = [k]
    for n, a, b, c, e in zip((h, w), two(f), two(s), two(p), two(d), strict=True):
        rest = n + 2 * c - e * (a - 1) - 1
        if rest < 0:
            raise ValueError("the kernel doesn't fit")
        shape.append(-(-rest // b) + 1)
    return tuple(shape)


@BANK.mistake("conv_output_shape", "height and width are swapped.", PAIRS)
def height_and_width_swapped(c_in, h, w, k, f, s, p, d):
    sides = zip((h, w), two(f), two(s), two(p), two(d), strict=True)
    rows, columns = (places(*side) for side in sides)
    return k, columns, rows


@BANK.mistake("conv_output_shape", "the dilation is ignored.", PAIRS)
def dilation_ignored(c_in, h, w, k, f, s, p, d):
    sides = zip((h, w), two(f), two(s), two(p), (1, 1), strict=True)
    return (k, *(places(*side) for side in sides))


@BANK.mistake(
    "conv_output_shape",
    "the pair's first number is used for both directions: (rows, columns).",
    PAIRS,
)
def first_of_each_pair(c_in, h, w, k, f, s, p, d):
    a, b, c, e = two(f)[0], two(s)[0], two(p)[0], two(d)[0]
    return k, places(h, a, b, c, e), places(w, a, b, c, e)


@BANK.mistake("conv_output_shape", "the pairs are taken as (columns, rows).", PAIRS)
def pairs_turned_around(c_in, h, w, k, f, s, p, d):
    pairs = (two(value)[::-1] for value in (f, s, p, d))
    return (k, *(places(*side) for side in zip((h, w), *pairs, strict=True)))


@BANK.mistake(
    "conv_output_shape",
    "the padding is added on one side; there are two.",
    SQUARE | PAIRS | LIMITS,
)
def padding_once(c_in, h, w, k, f, s, p, d):
    shape = [k]
    for n, a, b, c, e in zip((h, w), two(f), two(s), two(p), two(d), strict=True):
        if n + c < e * (a - 1) + 1:
            raise ValueError("the kernel doesn't fit")
        shape.append((n + c - e * (a - 1) - 1) // b + 1)
    return tuple(shape)


@BANK.mistake("conv_output_shape", MESSAGES["no_plus_one"], SQUARE | PAIRS | LIMITS)
def no_plus_one(c_in, h, w, k, f, s, p, d):
    sides = zip((h, w), two(f), two(s), two(p), two(d), strict=True)
    return (k, *(places(*side) - 1 for side in sides))


@BANK.mistake(
    "conv_output_shape",
    "a division with / gives a float; use // for a whole number.",
    SQUARE | PAIRS | LIMITS,
)
def divided_into_floats(c_in, h, w, k, f, s, p, d):
    shape = [k]
    for n, a, b, c, e in zip((h, w), two(f), two(s), two(p), two(d), strict=True):
        if n + 2 * c < e * (a - 1) + 1:
            raise ValueError("the kernel doesn't fit")
        shape.append((n + 2 * c - e * (a - 1) - 1) / b + 1)
    return tuple(shape)


@BANK.mistake(
    "conv_output_shape",
    "bad input is not refused; check it first and `raise ValueError(...)`.",
    LIMITS,
)
def kernel_that_does_not_fit(c_in, h, w, k, f, s, p, d):
    sides = zip((h, w), two(f), two(s), two(p), two(d), strict=True)
    return (k, *((n + 2 * c - e * (a - 1) - 1) // b + 1 for n, a, b, c, e in sides))


# --- numbers of parameters -----------------------------------------------------------------


@BANK.mistake("conv_params", MESSAGES["no_bias"], {"conv_params": 1})
def bias_ignored(c_in, k, f, bias=True):
    return k * c_in * f * f


@BANK.mistake(
    "conv_params",
    "biases are counted though the layer has none; look at `bias`.",
    {"conv_params": 1},
)
def bias_always(c_in, k, f, bias=True):
    return k * (c_in * f * f + 1)


@BANK.mistake(
    "conv_params", "one bias for each weight; a filter has one for all of them.", {"conv_params": 1}
)
def bias_for_each_weight(c_in, k, f, bias=True):
    return k * c_in * f * f * (1 + bool(bias))


@BANK.mistake(
    "conv_params",
    "the channels of the input are missing: a filter is as deep as its input.",
    {"conv_params": 1},
)
def flat_filters(c_in, k, f, bias=True):
    return k * (f * f + bool(bias))


@BANK.mistake(
    "dense_params",
    "an output as large as the input; without padding a 3x3 window fits 30 x 30 times.",
    {"dense_params": 1},
    is_value=True,
)
def dense_padded():
    return 1024 * 4 * 1024


@BANK.mistake(
    "dense_params", "the biases are counted, too; weights only.", {"dense_params": 1}, is_value=True
)
def dense_with_biases():
    return 3600 * 1025


@BANK.mistake(
    "dense_params",
    "one output channel; the layer has 4.",
    {"dense_params": 1},
    is_value=True,
)
def dense_of_one_filter():
    return 900 * 1024


@BANK.mistake(
    "dense_params",
    "9 weights for each output, as if it were connected to its window only; "
    "a dense layer connects it to every pixel.",
    {"dense_params": 1},
    is_value=True,
)
def dense_but_local():
    return 3600 * 9


@BANK.mistake(
    "conv_layer_params",
    "the biases are counted, too; weights only.",
    {"conv_layer_params": 1},
    is_value=True,
)
def layer_with_biases():
    return 40


@BANK.mistake(
    "conv_layer_params", "one filter; the layer has 4.", {"conv_layer_params": 1}, is_value=True
)
def layer_of_one_filter():
    return 9


@BANK.mistake(
    "conv_layer_params",
    "weights of its own for every place; a layer shares them over all places.",
    {"conv_layer_params": 1},
    is_value=True,
)
def layer_not_shared():
    return 3600 * 9


@BANK.mistake(
    "conv_layer_params",
    "4 input channels; the input has one, the output has 4.",
    {"conv_layer_params": 1},
    is_value=True,
)
def layer_of_four_input_channels():
    return 144


# --- max_pool2d ----------------------------------------------------------------------------


@BANK.mistake("max_pool2d", MESSAGES["pool_mean"], BLOCKS | WINDOWS | NEGATIVE)
def average_pooling(x, size, stride):
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.mean(dim=(-2, -1))


@BANK.mistake("max_pool2d", MESSAGES["pool_stride"], WINDOWS)
def stride_is_the_size(x, size, stride):
    return x.unfold(2, size, size).unfold(3, size, size).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d",
    "the window moves one pixel a step; it has to move by the stride.",
    BLOCKS | WINDOWS | NEGATIVE,
)
def stride_one(x, size, stride):
    return x.unfold(2, size, 1).unfold(3, size, 1).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d",
    "the output's size is rounded up: windows hang over the edge.",
    WINDOWS,
)
def pooled_rounded_up(x, size, stride):
    n, c, h, w = x.shape
    out = torch.zeros(n, c, -(-(h - size) // stride) + 1, -(-(w - size) // stride) + 1)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + size, left : left + size]
            out[:, :, i, j] = window.amax(dim=(2, 3)) if window.numel() else 0.0
    return out


@BANK.mistake("max_pool2d", MESSAGES["pool_zero"], NEGATIVE)
def pooled_from_zero(x, size, stride):
    n, c, h, w = x.shape
    out = torch.zeros(n, c, (h - size) // stride + 1, (w - size) // stride + 1)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            top, left = i * stride, j * stride
            for a in range(size):
                for b in range(size):
                    out[:, :, i, j] = torch.maximum(out[:, :, i, j], x[:, :, top + a, left + b])
    return out


@BANK.mistake(
    "max_pool2d",
    "the largest magnitude, with its sign lost; -1 is larger than -5.",
    NEGATIVE,
)
def pooled_magnitudes(x, size, stride):
    return x.abs().unfold(2, size, stride).unfold(3, size, stride).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d",
    "the largest over all channels; each channel is pooled by itself.",
    BLOCKS | WINDOWS | NEGATIVE,
)
def pooled_over_channels(x, size, stride):
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.amax(dim=(1, -2, -1)).unsqueeze(1).expand(-1, x.shape[1], -1, -1)


@BANK.mistake(
    "max_pool2d",
    "height and width of the output are swapped.",
    BLOCKS | WINDOWS | NEGATIVE,
)
def pooled_transposed(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(-2, -1)).transpose(2, 3)


@BANK.mistake(
    "max_pool2d",
    "the axes of numpy's H x W x C; here they are N x C x H x W.",
    BLOCKS | WINDOWS | NEGATIVE,
)
def pooled_channels_last(x, size, stride):
    return x.unfold(1, size, stride).unfold(2, size, stride).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d",
    "the image's height is used for its width: square images only.",
    BLOCKS | WINDOWS | NEGATIVE,
)
def pooled_squares_only(x, size, stride):
    n, c, h, _ = x.shape
    side = (h - size) // stride + 1
    out = torch.zeros(n, c, side, side)
    for i in range(side):
        for j in range(side):
            top, left = i * stride, j * stride
            out[:, :, i, j] = x[:, :, top : top + size, left : left + size].amax(dim=(2, 3))
    return out


# --- receptive_field -----------------------------------------------------------------------


@BANK.mistake("receptive_field", "the dilation is ignored.", FIELD_DILATION)
def field_dilation_ignored(layers):
    field, step = 1, 1
    for f, s, _ in layers:
        field += (f - 1) * step
        step *= s
    return field


@BANK.mistake(
    "receptive_field",
    "a layer's own stride is used too early: it widens the steps of the layers behind it.",
    FIELD_STRIDES,
)
def field_stride_too_early(layers):
    field, step = 1, 1
    for f, s, d in layers:
        step *= s
        field += d * (f - 1) * step
    return field


@BANK.mistake("receptive_field", MESSAGES["strides_ignored"], FIELD_STRIDES)
def field_strides_ignored(layers):
    return 1 + sum(d * (f - 1) for f, _, d in layers)


@BANK.mistake(
    "receptive_field",
    "only the stride of the layer just before counts; all strides before it multiply.",
    FIELD_STRIDES,
)
def field_last_stride_only(layers):
    field, before = 1, 1
    for f, s, d in layers:
        field += d * (f - 1) * before
        before = s
    return field


@BANK.mistake("receptive_field", MESSAGES["sum_of_kernels"], FIELD_STRIDES | FIELD_DILATION)
def field_sum_of_kernels(layers):
    field, step = 0, 1
    for f, s, d in layers:
        field += (d * (f - 1) + 1) * step
        step *= s
    return field


@BANK.mistake(
    "receptive_field",
    "a dilated kernel taken as d*f wide; its reach is d*(f-1) + 1.",
    FIELD_DILATION,
)
def field_dilation_times_size(layers):
    field, step = 1, 1
    for f, s, d in layers:
        field += (d * f - 1) * step
        step *= s
    return field


# --- LeNet ---------------------------------------------------------------------------------


class LeNetOf(nn.Module):
    """LeNet with parts that a mistake replaces."""

    activation, pooling, padding, last = nn.ReLU, nn.MaxPool2d, 0, None

    def __init__(self, in_channels=3):
        super().__init__()
        first = nn.Conv2d(in_channels, 6, 5, padding=self.padding)
        act, side = self.activation, 5 + self.padding // 2
        second = [nn.Conv2d(6, 16, 5), act(), self.pooling(2)]
        self.features = nn.Sequential(first, act(), self.pooling(2), *second)
        layers = [nn.Flatten(), nn.Linear(16 * side * side, 120), act()]
        layers += [nn.Linear(120, 84), act(), nn.Linear(84, 10)]
        layers += [self.last] if self.last else []
        self.classifier = nn.Sequential(*layers)

    def forward(self, x):
        return self.classifier(self.features(x))


@BANK.mistake("LeNet", MESSAGES["softmax"], LENET_VALUES)
class softmax_at_the_end(LeNetOf):
    last = nn.Softmax(dim=1)


@BANK.mistake("LeNet", MESSAGES["relu_on_logits"], LENET_VALUES)
class relu_on_logits(LeNetOf):
    last = nn.ReLU()


@BANK.mistake("LeNet", "a log-softmax after the last layer; logits are asked.", LENET_VALUES)
class log_softmax_at_the_end(LeNetOf):
    last = nn.LogSoftmax(dim=1)


@BANK.mistake("LeNet", "there is no ReLU: all layers together are one linear map.", LENET_VALUES)
class relu_missing(LeNetOf):
    activation = nn.Identity


@BANK.mistake("LeNet", "tanh, as in 1998; this LeNet has ReLU.", LENET_VALUES)
class tanh_as_in_1998(LeNetOf):
    activation = nn.Tanh


@BANK.mistake("LeNet", "a sigmoid in the place of ReLU.", LENET_VALUES)
class sigmoid_for_relu(LeNetOf):
    activation = nn.Sigmoid


@BANK.mistake("LeNet", "average pooling, as in 1998; this LeNet has max pooling.", LENET_VALUES)
class averages_as_in_1998(LeNetOf):
    pooling = nn.AvgPool2d


@BANK.mistake("LeNet", "the ReLU between the dense layers is missing.", LENET_VALUES)
class dense_layers_without_relu(LeNetOf):
    def __init__(self, in_channels=3):
        super().__init__(in_channels)
        dense = [layer for layer in self.classifier if isinstance(layer, nn.Linear)]
        self.classifier = nn.Sequential(nn.Flatten(), *dense)


@BANK.mistake(
    "LeNet",
    "padding 2 in the first convolution, as for 28x28; here the input is 32x32.",
    LENET_PARAMETERS | LENET_VALUES | SAME | LARGER,
)
class padded_as_for_28(LeNetOf):
    padding = 2


@BANK.mistake(
    "LeNet",
    "`in_channels` is not used: the first convolution always has 3.",
    LENET_SHAPE,
)
class always_three_channels(LeNetOf):
    def __init__(self, in_channels=3):
        super().__init__(3)


@BANK.mistake(
    "LeNet",
    "the batch is flattened, too: keep the first axis, as in flatten(1).",
    LENET_SHAPE | LENET_VALUES | SAME | LARGER,
)
class batch_flattened(LeNetOf):
    def forward(self, x):
        return self.classifier[1:](self.features(x).flatten())


# --- to_fully_conv -------------------------------------------------------------------------


def pieces(lenet):
    """(convolutions, dense layers) of a LeNet, whatever they are called."""
    modules = list(lenet.modules())
    convolutions = [one for one in modules if isinstance(one, nn.Conv2d)]
    return convolutions, [one for one in modules if isinstance(one, nn.Linear)]


def as_convolution(dense, channels, side):
    """A dense layer as a convolution whose window is its whole input."""
    convolution = nn.Conv2d(channels, dense.out_features, side)
    convolution.weight.data = dense.weight.data.view(-1, channels, side, side).clone()
    convolution.bias.data = dense.bias.data.clone()
    return convolution


def chained(first, second, *dense):
    """The layers of LeNet in a row, the dense ones as convolutions, ReLU between them."""
    layers = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2), dense[0]]
    for one in dense[1:]:
        layers += [nn.ReLU(), one]
    return nn.Sequential(*layers)


def as_convolutions(lenet):
    """All five layers of a LeNet as convolutions."""
    convolutions, dense = pieces(lenet)
    shapes = ((16, 5), (120, 1), (84, 1))
    return [
        *convolutions,
        *(as_convolution(one, *shape) for one, shape in zip(dense, shapes, strict=True)),
    ]


@BANK.mistake(
    "to_fully_conv",
    "the 400 weights are in another order: flatten goes channel by channel, "
    "so reshape to (120, 16, 5, 5).",
    SAME | LARGER,
)
def dense_to_conv_reshaped_wrongly(lenet):
    layers = as_convolutions(lenet)
    weight = layers[2].weight.data.reshape(120, 5, 5, 16)
    layers[2].weight.data = weight.permute(0, 3, 1, 2).contiguous()
    return chained(*layers)


@BANK.mistake(
    "to_fully_conv",
    "rows and columns of the 5x5 windows are swapped.",
    SAME | LARGER,
)
def windows_transposed(lenet):
    layers = as_convolutions(lenet)
    layers[2].weight.data = layers[2].weight.data.transpose(2, 3).contiguous()
    return chained(*layers)


@BANK.mistake("to_fully_conv", "the biases of the dense layers are left out.", SAME | LARGER)
def dense_biases_left_out(lenet):
    layers = as_convolutions(lenet)
    for layer in layers[2:]:
        layer.bias.data = torch.zeros_like(layer.bias.data)
    return chained(*layers)


@BANK.mistake(
    "to_fully_conv",
    "the new convolutions keep their own random weights; copy those of the dense layers.",
    SAME | LARGER,
)
def new_random_weights(lenet):
    convolutions, _ = pieces(lenet)
    return chained(
        *convolutions, nn.Conv2d(16, 120, 5), nn.Conv2d(120, 84, 1), nn.Conv2d(84, 10, 1)
    )


@BANK.mistake("to_fully_conv", "the ReLU between the dense layers is forgotten.", SAME | LARGER)
def relu_between_dense_forgotten(lenet):
    first, second, *dense = as_convolutions(lenet)
    layers = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, *dense)


@BANK.mistake(
    "to_fully_conv",
    "the map is averaged into one set of logits; keep one for each place.",
    LARGER,
)
def map_averaged(lenet):
    return nn.Sequential(chained(*as_convolutions(lenet)), nn.AdaptiveAvgPool2d(1))


@BANK.mistake(
    "to_fully_conv",
    "a softmax over the classes: the map has to hold logits, as LeNet gives them.",
    SAME | LARGER,
)
def map_of_probabilities(lenet):
    return nn.Sequential(chained(*as_convolutions(lenet)), nn.Softmax(dim=1))


@BANK.mistake(
    "to_fully_conv",
    "the result is flattened: N x 10, where N x 10 x H' x W' is asked.",
    SAME | LARGER,
)
def map_flattened(lenet):
    return nn.Sequential(chained(*as_convolutions(lenet)), nn.Flatten())


@BANK.mistake(
    "to_fully_conv",
    "the LeNet itself: its dense layers take 32x32 only.",
    SAME | LARGER,
)
def lenet_itself(lenet):
    return lenet


@BANK.mistake(
    "to_fully_conv",
    "the LeNet that came in is changed and gives other logits afterwards; work on copies.",
    SAME,
)
def lenet_spoiled(lenet):
    layers = copy.deepcopy(as_convolutions(lenet))
    for dense in pieces(lenet)[1]:
        dense.bias.data += 1
    return chained(*layers)


# --- ResNetBlock ---------------------------------------------------------------------------


class BlockOf(nn.Module):
    """A residual block with parts that a mistake replaces."""

    bias, strides = False, (True, False)

    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        one, two = (first_stride if used else 1 for used in self.strides)
        options = {"padding": 1, "bias": self.bias}
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=one, **options)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, stride=two, **options)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if first_stride != 1 or in_channels != out_channels:
            self.shortcut = self.projection(in_channels, out_channels, first_stride)

    def projection(self, in_channels, out_channels, stride):
        layer = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=self.bias)
        return nn.Sequential(layer, nn.BatchNorm2d(out_channels))

    def residual(self, x):
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))

    def forward(self, x):
        return F.relu(self.residual(x) + self.shortcut(x))


@BANK.mistake("ResNetBlock", MESSAGES["no_shortcut"], BLOCK_VALUES | BLOCK_STATISTICS)
class shortcut_missing(nn.Module):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, first_stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


@BANK.mistake("ResNetBlock", "the ReLU comes before the sum; it has to come after.", BLOCK_VALUES)
class relu_before_the_sum(BlockOf):
    def forward(self, x):
        return F.relu(self.residual(x)) + self.shortcut(x)


@BANK.mistake("ResNetBlock", MESSAGES["last_relu"], BLOCK_VALUES)
class last_relu_missing(BlockOf):
    def forward(self, x):
        return self.residual(x) + self.shortcut(x)


@BANK.mistake("ResNetBlock", "the ReLU between the two convolutions is missing.", BLOCK_VALUES)
class first_relu_missing(BlockOf):
    def residual(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x))))


@BANK.mistake(
    "ResNetBlock",
    "the input is multiplied with what the convolutions give; it has to be added.",
    BLOCK_VALUES,
)
class shortcut_multiplied(BlockOf):
    def forward(self, x):
        return F.relu(self.residual(x) * self.shortcut(x))


@BANK.mistake(
    "ResNetBlock",
    "the shortcut projects only when the channels change; with a stride it has to, too.",
    BLOCK_SHAPE,
)
class stride_not_projected(BlockOf):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__(in_channels, out_channels, first_stride)
        if in_channels == out_channels:
            self.shortcut = nn.Identity()


@BANK.mistake(
    "ResNetBlock",
    "the stride is in both 3x3 convolutions; only the first one has it.",
    BLOCK_SHAPE | BLOCK_VALUES,
)
class stride_in_both(BlockOf):
    strides = (True, True)


@BANK.mistake(
    "ResNetBlock", "the stride is in the second convolution; the first one has it.", BLOCK_VALUES
)
class stride_in_the_second(BlockOf):
    strides = (False, True)


@BANK.mistake(
    "ResNetBlock",
    "the shortcut's 1x1 convolution has no batch normalisation.",
    BLOCK_VALUES | BLOCK_STATISTICS,
)
class projection_without_normalisation(BlockOf):
    def projection(self, in_channels, out_channels, stride):
        return nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)


@BANK.mistake(
    "ResNetBlock",
    "the convolutions have biases, which batch normalisation takes away again.",
    BLOCK_STATISTICS,
)
class convolutions_with_biases(BlockOf):
    bias = True


@BANK.mistake(
    "ResNetBlock",
    "the shortcut always projects; where the shape stays it is the input itself.",
    BLOCK_VALUES | BLOCK_STATISTICS,
)
class always_projected(BlockOf):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__(in_channels, out_channels, first_stride)
        self.shortcut = self.projection(in_channels, out_channels, first_stride)


@BANK.mistake(
    "ResNetBlock",
    "batch normalisation uses the stored statistics while training, too; "
    "there it has to use the batch's own.",
    BLOCK_STATISTICS,
)
class stored_statistics_while_training(BlockOf):
    def train(self, mode=True):
        return super().train(False)

    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__(in_channels, out_channels, first_stride)
        self.eval()
