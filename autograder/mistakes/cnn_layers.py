"""Known mistakes of unit 03.

`loses` names the grade cells a mistake fails in an otherwise right notebook.
"""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from autograder.mistakes import Bank, edited
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

WITH_OUTPUT = ("shape_1", "shape_2", "shape_3", "shape_4", "shape_5")  # layer 6 is impossible
OUTPUT_SHAPE = ("conv_output_shape_square", "conv_output_shape_pairs", "conv_output_shape_limits")
MAX_POOL = ("max_pool2d_blocks", "max_pool2d_windows", "max_pool2d_negative")
FULLY_CONV = ("fully_conv_same", "fully_conv_larger")


# --- shapes --------------------------------------------------------------------------------


@BANK.mistake("shapes", "the padding is ignored.", "shape_4", "shape_5", is_value=True)
def shapes_padding_ignored():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 3, 7), (112, 254, 254), None]


@BANK.mistake("shapes", MESSAGES["channels_in"], *WITH_OUTPUT, is_value=True)
def shapes_channels_of_the_input():
    return [(1, 24, 24), (2, 30, 30), (10, 16, 16), (11, 4, 8), (128, 256, 256), None]


@BANK.mistake(
    "shapes",
    "rounded up; a window that doesn't fit whole has no place (floor).",
    "shape_4",
    is_value=True,
)
def shapes_rounded_up():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 5, 9), (112, 256, 256), None]


@BANK.mistake("shapes", "height and width are swapped.", "shape_4", is_value=True)
def shapes_height_and_width_swapped():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 8, 4), (112, 256, 256), None]


@BANK.mistake("shapes", MESSAGES["no_plus_one"], *WITH_OUTPUT, is_value=True)
def shapes_no_plus_one():
    return [(16, 23, 23), (24, 29, 29), (3, 15, 15), (7, 3, 7), (112, 255, 255), None]


@BANK.mistake("shapes", "the stride is ignored.", "shape_3", "shape_4", is_value=True)
def shapes_stride_ignored():
    return [(16, 24, 24), (24, 30, 30), (3, 31, 31), (7, 8, 16), (112, 256, 256), None]


@BANK.mistake(
    "shapes",
    "channels-last, (H, W, C), as in the numpy units; torch puts the channels first.",
    *WITH_OUTPUT,
    is_value=True,
)
def shapes_channels_last():
    return [(24, 24, 16), (30, 30, 24), (16, 16, 3), (4, 8, 7), (256, 256, 112), None]


@BANK.mistake(
    "shapes",
    "a shape for a layer that can't be: a filter of 4 channels on an input of 3.",
    "shape_6",
    is_value=True,
)
def shapes_channels_not_compared():
    return [(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 4, 8), (112, 256, 256), (8, 28, 28)]


# --- conv_output_shape ---------------------------------------------------------------------


def two(value):
    """(rows, columns) of a number or of a pair."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def right_output_shape(c_in, h, w, k, f, s, p, d):
    """(k, rows, columns); ValueError where the kernel doesn't fit."""
    shape = [k]
    for n, a, b, c, e in zip((h, w), two(f), two(s), two(p), two(d), strict=True):
        rest = n + 2 * c - e * (a - 1) - 1
        if rest < 0:
            raise ValueError("the kernel doesn't fit")
        shape.append(rest // b + 1)
    return tuple(shape)


@BANK.mistake("conv_output_shape", MESSAGES["channels_in"], "conv_output_shape_square")
@edited(right_output_shape, replace={"[k]": "[c_in]"})
def channels_of_the_input(): ...


@BANK.mistake(
    "conv_output_shape",
    "rounded up; a window that doesn't fit whole has no place (floor).",
    "conv_output_shape_limits",
)
@edited(right_output_shape, replace={"rest // b": "-(-rest // b)"})
def rounded_up(): ...


@BANK.mistake("conv_output_shape", "height and width are swapped.", "conv_output_shape_pairs")
@edited(right_output_shape, replace={"tuple(shape)": "k, shape[2], shape[1]"})
def height_and_width_swapped(): ...


@BANK.mistake("conv_output_shape", "the dilation is ignored.", "conv_output_shape_pairs")
@edited(right_output_shape, replace={"two(d)": "(1, 1)"})
def dilation_ignored(): ...


@BANK.mistake(
    "conv_output_shape",
    "the pair's first number is used for both directions: (rows, columns).",
    "conv_output_shape_pairs",
)
def first_of_each_pair(c_in, h, w, k, f, s, p, d):
    f, s, p, d = (two(value)[0] for value in (f, s, p, d))
    return right_output_shape(c_in, h, w, k, f, s, p, d)


@BANK.mistake(
    "conv_output_shape", "the pairs are taken as (columns, rows).", "conv_output_shape_pairs"
)
def pairs_turned_around(c_in, h, w, k, f, s, p, d):
    f, s, p, d = (two(value)[::-1] for value in (f, s, p, d))
    return right_output_shape(c_in, h, w, k, f, s, p, d)


@BANK.mistake(
    "conv_output_shape", "the padding is added on one side; there are two.", *OUTPUT_SHAPE
)
@edited(right_output_shape, replace={"2 * c": "c"})
def padding_once(): ...


@BANK.mistake("conv_output_shape", MESSAGES["no_plus_one"], *OUTPUT_SHAPE)
@edited(right_output_shape, replace={"// b + 1": "// b"})
def no_plus_one(): ...


@BANK.mistake(
    "conv_output_shape",
    "a division with / gives a float; use // for a whole number.",
    *OUTPUT_SHAPE,
)
@edited(right_output_shape, replace={"//": "/"})
def divided_into_floats(): ...


@BANK.mistake(
    "conv_output_shape",
    "bad input is not refused; check it first and `raise ValueError(...)`.",
    "conv_output_shape_limits",
)
@edited(right_output_shape, replace={'raise ValueError("the kernel doesn\'t fit")': "pass"})
def kernel_that_does_not_fit(): ...


# --- numbers of parameters -----------------------------------------------------------------


@BANK.mistake("conv_params", MESSAGES["no_bias"])
def bias_ignored(c_in, k, f, bias=True):
    return k * c_in * f * f


@BANK.mistake("conv_params", "biases are counted though the layer has none; look at `bias`.")
def bias_always(c_in, k, f, bias=True):
    return k * (c_in * f * f + 1)


@BANK.mistake("conv_params", "one bias for each weight; a filter has one for all of them.")
def bias_for_each_weight(c_in, k, f, bias=True):
    return k * c_in * f * f * (1 + bool(bias))


@BANK.mistake(
    "conv_params", "the channels of the input are missing: a filter is as deep as its input."
)
def flat_filters(c_in, k, f, bias=True):
    return k * (f * f + bool(bias))


@BANK.mistake(
    "dense_params",
    "an output as large as the input; without padding a 3x3 window fits 30 x 30 times.",
    is_value=True,
)
def dense_padded():
    return 1024 * 4 * 1024


@BANK.mistake("dense_params", "the biases are counted, too; weights only.", is_value=True)
def dense_with_biases():
    return 3600 * 1025


@BANK.mistake("dense_params", "one output channel; the layer has 4.", is_value=True)
def dense_of_one_filter():
    return 900 * 1024


@BANK.mistake(
    "dense_params",
    "9 weights for each output, as if it were connected to its window only; "
    "a dense layer connects it to every pixel.",
    is_value=True,
)
def dense_but_local():
    return 3600 * 9


@BANK.mistake("conv_layer_params", "the biases are counted, too; weights only.", is_value=True)
def layer_with_biases():
    return 40


@BANK.mistake("conv_layer_params", "one filter; the layer has 4.", is_value=True)
def layer_of_one_filter():
    return 9


@BANK.mistake(
    "conv_layer_params",
    "weights of its own for every place; a layer shares them over all places.",
    is_value=True,
)
def layer_not_shared():
    return 3600 * 9


@BANK.mistake(
    "conv_layer_params", "4 input channels; the input has one, the output has 4.", is_value=True
)
def layer_of_four_input_channels():
    return 144


# --- max_pool2d ----------------------------------------------------------------------------


@BANK.mistake("max_pool2d", MESSAGES["pool_mean"], *MAX_POOL)
def average_pooling(x, size, stride):
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.mean(dim=(-2, -1))


@BANK.mistake("max_pool2d", MESSAGES["pool_stride"], "max_pool2d_windows")
def stride_is_the_size(x, size, stride):
    return x.unfold(2, size, size).unfold(3, size, size).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d", "the window moves one pixel a step; it has to move by the stride.", *MAX_POOL
)
def stride_one(x, size, stride):
    return x.unfold(2, size, 1).unfold(3, size, 1).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d",
    "the output's size is rounded up: windows hang over the edge.",
    "max_pool2d_windows",
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


@BANK.mistake("max_pool2d", MESSAGES["pool_zero"], "max_pool2d_negative")
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
    "max_pool2d_negative",
)
def pooled_magnitudes(x, size, stride):
    return x.abs().unfold(2, size, stride).unfold(3, size, stride).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d", "the largest over all channels; each channel is pooled by itself.", *MAX_POOL
)
def pooled_over_channels(x, size, stride):
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.amax(dim=(1, -2, -1)).unsqueeze(1).expand(-1, x.shape[1], -1, -1)


@BANK.mistake("max_pool2d", "height and width of the output are swapped.", *MAX_POOL)
def pooled_transposed(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(-2, -1)).transpose(2, 3)


@BANK.mistake(
    "max_pool2d", "the axes of numpy's H x W x C; here they are N x C x H x W.", *MAX_POOL
)
def pooled_channels_last(x, size, stride):
    return x.unfold(1, size, stride).unfold(2, size, stride).amax(dim=(-2, -1))


@BANK.mistake(
    "max_pool2d", "the image's height is used for its width: square images only.", *MAX_POOL
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


def right_field(layers):
    """Side of the receptive field; `layers` holds (kernel, stride, dilation) of each."""
    field, step = 1, 1
    for f, s, d in layers:
        field += d * (f - 1) * step
        step *= s
    return field


@BANK.mistake("receptive_field", "the dilation is ignored.", "receptive_field_dilation")
@edited(right_field, replace={"d * (f - 1)": "(f - 1)"})
def field_dilation_ignored(): ...


@BANK.mistake(
    "receptive_field",
    "a layer's own stride is used too early: it widens the steps of the layers behind it.",
    "receptive_field_strides",
)
@edited(right_field, delete="step *= s", replace={"field +=": "step *= s; field +="})
def field_stride_too_early(): ...


@BANK.mistake("receptive_field", MESSAGES["strides_ignored"], "receptive_field_strides")
@edited(right_field, delete="step *= s")
def field_strides_ignored(): ...


@BANK.mistake(
    "receptive_field",
    "only the stride of the layer just before counts; all strides before it multiply.",
    "receptive_field_strides",
)
@edited(right_field, replace={"step *= s": "step = s"})
def field_last_stride_only(): ...


@BANK.mistake(
    "receptive_field",
    MESSAGES["sum_of_kernels"],
    "receptive_field_strides",
    "receptive_field_dilation",
)
@edited(
    right_field,
    replace={"field, step = 1, 1": "field, step = 0, 1", "d * (f - 1)": "(d * (f - 1) + 1)"},
)
def field_sum_of_kernels(): ...


@BANK.mistake(
    "receptive_field",
    "a dilated kernel taken as d*f wide; its reach is d*(f-1) + 1.",
    "receptive_field_dilation",
)
@edited(right_field, replace={"d * (f - 1)": "(d * f - 1)"})
def field_dilation_times_size(): ...


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


@BANK.mistake("LeNet", MESSAGES["softmax"], "lenet_values")
class softmax_at_the_end(LeNetOf):
    last = nn.Softmax(dim=1)


@BANK.mistake("LeNet", MESSAGES["relu_on_logits"], "lenet_values")
class relu_on_logits(LeNetOf):
    last = nn.ReLU()


@BANK.mistake("LeNet", "a log-softmax after the last layer; logits are asked.", "lenet_values")
class log_softmax_at_the_end(LeNetOf):
    last = nn.LogSoftmax(dim=1)


@BANK.mistake("LeNet", "there is no ReLU: all layers together are one linear map.", "lenet_values")
class relu_missing(LeNetOf):
    activation = nn.Identity


@BANK.mistake("LeNet", "tanh, as in 1998; this LeNet has ReLU.", "lenet_values")
class tanh_as_in_1998(LeNetOf):
    activation = nn.Tanh


@BANK.mistake("LeNet", "a sigmoid in the place of ReLU.", "lenet_values")
class sigmoid_for_relu(LeNetOf):
    activation = nn.Sigmoid


@BANK.mistake("LeNet", "average pooling, as in 1998; this LeNet has max pooling.", "lenet_values")
class averages_as_in_1998(LeNetOf):
    pooling = nn.AvgPool2d


@BANK.mistake("LeNet", "the ReLU between the dense layers is missing.", "lenet_values")
class dense_layers_without_relu(LeNetOf):
    def __init__(self, in_channels=3):
        super().__init__(in_channels)
        dense = [layer for layer in self.classifier if isinstance(layer, nn.Linear)]
        self.classifier = nn.Sequential(nn.Flatten(), *dense)


@BANK.mistake(
    "LeNet",
    "padding 2 in the first convolution, as for 28x28; here the input is 32x32.",
    "lenet_parameters",
    "lenet_values",
    *FULLY_CONV,
)
class padded_as_for_28(LeNetOf):
    padding = 2


@BANK.mistake(
    "LeNet", "`in_channels` is not used: the first convolution always has 3.", "lenet_shape"
)
class always_three_channels(LeNetOf):
    def __init__(self, in_channels=3):
        super().__init__(3)


@BANK.mistake(
    "LeNet",
    "the batch is flattened, too: keep the first axis, as in flatten(1).",
    "lenet_shape",
    "lenet_values",
    *FULLY_CONV,
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
    *FULLY_CONV,
)
def dense_to_conv_reshaped_wrongly(lenet):
    layers = as_convolutions(lenet)
    weight = layers[2].weight.data.reshape(120, 5, 5, 16)
    layers[2].weight.data = weight.permute(0, 3, 1, 2).contiguous()
    return chained(*layers)


@BANK.mistake("to_fully_conv", "rows and columns of the 5x5 windows are swapped.", *FULLY_CONV)
def windows_transposed(lenet):
    layers = as_convolutions(lenet)
    layers[2].weight.data = layers[2].weight.data.transpose(2, 3).contiguous()
    return chained(*layers)


@BANK.mistake("to_fully_conv", "the biases of the dense layers are left out.", *FULLY_CONV)
def dense_biases_left_out(lenet):
    layers = as_convolutions(lenet)
    for layer in layers[2:]:
        layer.bias.data = torch.zeros_like(layer.bias.data)
    return chained(*layers)


@BANK.mistake(
    "to_fully_conv",
    "the new convolutions keep their own random weights; copy those of the dense layers.",
    *FULLY_CONV,
)
def new_random_weights(lenet):
    convolutions, _ = pieces(lenet)
    return chained(
        *convolutions, nn.Conv2d(16, 120, 5), nn.Conv2d(120, 84, 1), nn.Conv2d(84, 10, 1)
    )


@BANK.mistake("to_fully_conv", "the ReLU between the dense layers is forgotten.", *FULLY_CONV)
def relu_between_dense_forgotten(lenet):
    first, second, *dense = as_convolutions(lenet)
    layers = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, *dense)


@BANK.mistake(
    "to_fully_conv",
    "the map is averaged into one set of logits; keep one for each place.",
    "fully_conv_larger",
)
def map_averaged(lenet):
    return nn.Sequential(chained(*as_convolutions(lenet)), nn.AdaptiveAvgPool2d(1))


@BANK.mistake(
    "to_fully_conv",
    "a softmax over the classes: the map has to hold logits, as LeNet gives them.",
    *FULLY_CONV,
)
def map_of_probabilities(lenet):
    return nn.Sequential(chained(*as_convolutions(lenet)), nn.Softmax(dim=1))


@BANK.mistake(
    "to_fully_conv",
    "the result is flattened: N x 10, where N x 10 x H' x W' is asked.",
    *FULLY_CONV,
)
def map_flattened(lenet):
    return nn.Sequential(chained(*as_convolutions(lenet)), nn.Flatten())


@BANK.mistake("to_fully_conv", "the LeNet itself: its dense layers take 32x32 only.", *FULLY_CONV)
def lenet_itself(lenet):
    return lenet


@BANK.mistake(
    "to_fully_conv",
    "the LeNet that came in is changed and gives other logits afterwards; work on copies.",
    "fully_conv_same",
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


@BANK.mistake(
    "ResNetBlock", MESSAGES["no_shortcut"], "resnet_block_values", "resnet_block_statistics"
)
class shortcut_missing(nn.Module):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, first_stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


@BANK.mistake(
    "ResNetBlock", "the ReLU comes before the sum; it has to come after.", "resnet_block_values"
)
class relu_before_the_sum(BlockOf):
    def forward(self, x):
        return F.relu(self.residual(x)) + self.shortcut(x)


@BANK.mistake("ResNetBlock", MESSAGES["last_relu"], "resnet_block_values")
class last_relu_missing(BlockOf):
    def forward(self, x):
        return self.residual(x) + self.shortcut(x)


@BANK.mistake(
    "ResNetBlock", "the ReLU between the two convolutions is missing.", "resnet_block_values"
)
class first_relu_missing(BlockOf):
    def residual(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x))))


@BANK.mistake(
    "ResNetBlock",
    "the input is multiplied with what the convolutions give; it has to be added.",
    "resnet_block_values",
)
class shortcut_multiplied(BlockOf):
    def forward(self, x):
        return F.relu(self.residual(x) * self.shortcut(x))


@BANK.mistake(
    "ResNetBlock",
    "the shortcut projects only when the channels change; with a stride it has to, too.",
    "resnet_block_shape",
)
class stride_not_projected(BlockOf):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__(in_channels, out_channels, first_stride)
        if in_channels == out_channels:
            self.shortcut = nn.Identity()


@BANK.mistake(
    "ResNetBlock",
    "the stride is in both 3x3 convolutions; only the first one has it.",
    "resnet_block_shape",
    "resnet_block_values",
)
class stride_in_both(BlockOf):
    strides = (True, True)


@BANK.mistake(
    "ResNetBlock",
    "the stride is in the second convolution; the first one has it.",
    "resnet_block_values",
)
class stride_in_the_second(BlockOf):
    strides = (False, True)


@BANK.mistake(
    "ResNetBlock",
    "the shortcut's 1x1 convolution has no batch normalisation.",
    "resnet_block_values",
    "resnet_block_statistics",
)
class projection_without_normalisation(BlockOf):
    def projection(self, in_channels, out_channels, stride):
        return nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)


@BANK.mistake(
    "ResNetBlock",
    "the convolutions have biases, which batch normalisation takes away again.",
    "resnet_block_statistics",
)
class convolutions_with_biases(BlockOf):
    bias = True


@BANK.mistake(
    "ResNetBlock",
    "the shortcut always projects; where the shape stays it is the input itself.",
    "resnet_block_values",
    "resnet_block_statistics",
)
class always_projected(BlockOf):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__(in_channels, out_channels, first_stride)
        self.shortcut = self.projection(in_channels, out_channels, first_stride)


@BANK.mistake(
    "ResNetBlock",
    "batch normalisation uses the stored statistics while training, too; "
    "there it has to use the batch's own.",
    "resnet_block_statistics",
)
class stored_statistics_while_training(BlockOf):
    def train(self, mode=True):
        return super().train(False)

    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__(in_channels, out_channels, first_stride)
        self.eval()
