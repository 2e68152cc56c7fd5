"""Unit 03: right answers of many kinds pass, and every expected number has a second source."""

import ast

import numpy as np
import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from support.course import COURSE
from support.units import grade_in_process, namespace

from autograder.hidden import cnn_layers as hidden
from autograder.hidden.rules import RULES
from autograder.mistakes.cnn_layers import BANK
from coursekit.checks import cnn_layers as checks
from coursekit.checks.core import CheckFailed

UNIT = COURSE.unit("cnn_layers")
IMPORTS = (
    "import torch\nimport numpy as np\nfrom torch import nn\nimport torch.nn.functional as F\n"
)
POOLS = ["max_pool2d_blocks", "max_pool2d_windows", "max_pool2d_negative"]


def lost_with(**answers):
    """Points lost by the notebook with some answers replaced, and the messages."""
    sources = {name: IMPORTS + source for name, source in answers.items()}
    return grade_in_process(UNIT, namespace(UNIT, **sources))


# --- shapes and numbers --------------------------------------------------------------------

SHAPES = "[(16, 24, 24), (24, 30, 30), (3, 16, 16), (7, 4, 8), (112, 256, 256), None]"


@pytest.mark.parametrize(
    "source",
    [
        f"shapes = {SHAPES}",
        f"shapes = tuple(one and list(one) for one in {SHAPES})",
        f"shapes = [one and np.array(one) for one in {SHAPES}]",
        f"shapes = [one and tuple(map(np.int64, one)) for one in {SHAPES}]",
        f"shapes = [one and torch.Size(one) for one in {SHAPES}]",
        f"shapes = [one and torch.tensor(one) for one in {SHAPES}]",
    ],
    ids=["tuples", "lists", "arrays", "numpy_ints", "sizes", "tensors"],
)
def test_six_shapes_in_any_container_get_full_marks(source):
    lost, messages = lost_with(shapes=source)
    assert not lost, messages


@pytest.mark.parametrize("number", range(1, 7))
def test_one_wrong_shape_of_six_costs_its_question(number):
    shapes = ast.literal_eval(SHAPES)
    shapes[number - 1] = (1, 2, 3)
    lost, _ = lost_with(shapes=f"shapes = {shapes}")
    assert set(lost) == {f"shape_{number}"}


def test_unfinished_list_is_marked_entry_by_entry():
    lost, messages = lost_with(shapes=SHAPES.replace("(3, 16, 16)", "...").join(["shapes = ", ""]))
    assert set(lost) == {"shape_3"}
    assert messages == ["shapes, number 3: not attempted yet"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [(None, "None"), ((7, 4.0, 8), "float"), ((7, 4), "three ints"), ("7 4 8", "three ints")],
)
def test_entry_that_is_no_shape_is_told_so(entry, told):
    shapes = [*ast.literal_eval(SHAPES)]
    shapes[3] = entry
    with pytest.raises(CheckFailed, match=told):
        hidden.shape_4(shapes)


RIGHT_OUTPUT_SHAPES = {
    "counting": """
def conv_output_shape(c_in, h, w, k, f, s, p, d):
    result = [k]
    for axis, side in enumerate((h, w)):
        a, b, c, e = [v[axis] if isinstance(v, tuple) else v for v in (f, s, p, d)]
        starts = [t for t in range(0, side + 2 * c, b) if t + e * (a - 1) < side + 2 * c]
        if not starts:
            raise ValueError("too large")
        result.append(len(starts))
    return result
""",
    "torch_itself": """
def conv_output_shape(c_in, h, w, k, f, s, p, d):
    f = f if isinstance(f, tuple) else (f, f)
    try:
        out = F.conv2d(torch.empty(1, c_in, h, w, device="meta"),
                       torch.empty(k, c_in, *f, device="meta"), None, s, p, d)
    except RuntimeError as error:
        raise ValueError(str(error))
    return out.shape[1:]
""",
    "numpy": """
def conv_output_shape(c_in, h, w, k, f, s, p, d):
    f, s, p, d = (np.broadcast_to(v, 2) for v in (f, s, p, d))
    rest = np.array([h, w]) + 2 * p - d * (f - 1) - 1
    if (rest < 0).any():
        raise ValueError
    return np.concatenate([[k], rest // s + 1])
""",
    "math_floor": """
import math
def conv_output_shape(c_in, h, w, k, f, s, p, d):
    pair = lambda v: v if hasattr(v, "__len__") else (v, v)
    f, s, p, d = map(pair, (f, s, p, d))
    def side(n, i):
        if d[i] * (f[i] - 1) + 1 > n + 2 * p[i]:
            raise ValueError("kernel")
        return math.floor((n + 2 * p[i] - d[i] * (f[i] - 1) - 1) / s[i] + 1)
    return k, side(h, 0), side(w, 1)
""",
}


@pytest.mark.parametrize("name", RIGHT_OUTPUT_SHAPES)
def test_independent_right_output_shape_gets_full_marks(name):
    lost, messages = lost_with(conv_output_shape=RIGHT_OUTPUT_SHAPES[name])
    assert not lost, messages


@pytest.mark.parametrize(
    "source",
    [
        "def conv_params(c_in, k, f, bias=True):\n"
        "    return sum(p.numel() for p in nn.Conv2d(c_in, k, f, bias=bias).parameters())",
        "conv_params = lambda c_in, k, f, bias=True: np.int64(k * (c_in * f**2 + int(bias)))",
    ],
    ids=["torch", "numpy_int"],
)
def test_independent_right_count_gets_full_marks(source):
    lost, messages = lost_with(conv_params=source)
    assert not lost, messages


def test_the_two_numbers_of_weight_sharing_are_those_of_a_matrix_that_imitates_the_layer():
    layer = nn.Conv2d(1, 4, 3, bias=False)
    pixels = torch.eye(32 * 32).reshape(-1, 1, 32, 32)
    matrix = layer(pixels).flatten(1).T
    names = namespace(UNIT)
    assert names["dense_params"] == matrix.numel() == 3_686_400
    assert names["conv_layer_params"] == layer.weight.numel() == 36
    assert len(matrix[matrix != 0].unique()) == 36


# --- pooling -------------------------------------------------------------------------------

RIGHT_POOLS = {
    "six_loops": """
def max_pool2d(x, size, stride):
    n, c, h, w = x.shape
    rows, columns = (h - size) // stride + 1, (w - size) // stride + 1
    out = torch.full((n, c, rows, columns), float("-inf"))
    for b in range(n):
        for ch in range(c):
            for i in range(rows):
                for j in range(columns):
                    for a in range(size):
                        for e in range(size):
                            value = x[b, ch, i * stride + a, j * stride + e]
                            if value > out[b, ch, i, j]:
                                out[b, ch, i, j] = value
    return out
""",
    "unfold": """
def max_pool2d(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).amax((-1, -2))
""",
    "unfold_columns": """
def max_pool2d(x, size, stride):
    n, c, h, w = x.shape
    columns = F.unfold(x, size, stride=stride).reshape(n, c, size * size, -1)
    return columns.max(dim=2).values.reshape(n, c, (h - size) // stride + 1, -1)
""",
    "as_strided": """
def max_pool2d(x, size, stride):
    x = x.contiguous()
    n, c, h, w = x.shape
    a, b, s, t = x.stride()
    shape = (n, c, (h - size) // stride + 1, (w - size) // stride + 1, size, size)
    return x.as_strided(shape, (a, b, s * stride, t * stride, s, t)).amax(dim=(4, 5))
""",
    "taps": """
def max_pool2d(x, size, stride):
    h, w = x.shape[2] - size + 1, x.shape[3] - size + 1
    parts = [x[:, :, a : a + h : stride, b : b + w : stride]
             for a in range(size) for b in range(size)]
    return torch.stack(parts).max(dim=0)[0]
""",
    "numpy_result": """
def max_pool2d(x, size, stride):
    view = np.lib.stride_tricks.sliding_window_view(x.numpy(), (size, size), (2, 3))
    return view[:, :, ::stride, ::stride].max(axis=(-1, -2))
""",
    "nested_lists": """
def max_pool2d(x, size, stride):
    rows, columns = range(0, x.shape[2] - size + 1, stride), range(0, x.shape[3] - size + 1, stride)
    return torch.stack([torch.stack(
        [x[:, :, i:i + size, j:j + size].flatten(2).max(2).values for j in columns], -1)
        for i in rows], -2)
""",
}


@pytest.mark.parametrize("name", RIGHT_POOLS)
def test_independent_right_max_pooling_gets_full_marks(name):
    lost, messages = lost_with(max_pool2d=RIGHT_POOLS[name])
    assert not lost, messages


def test_max_pooling_that_spoils_its_input_loses_one_question():
    source = (
        RIGHT_POOLS["unfold"].replace("    return ", "    out = ") + "    x[:] = 0\n    return out"
    )
    lost, messages = lost_with(max_pool2d=source)
    assert set(lost) == {"max_pool2d_negative"}
    assert "changed its input" in messages[0]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("question", POOLS)
def test_pooled_nan_or_infinity_loses_every_question(bad, question):
    with pytest.raises(CheckFailed, match="not a finite number"):
        getattr(hidden, question)(lambda *a: F.max_pool2d(*a) * bad)


def test_library_pooling_is_refused_in_its_own_exercise_only():
    rules = RULES["cnn_layers"]
    assert set(rules.refused_for) == set(POOLS)
    assert not rules.refused
    for function in ("torch.nn.functional.max_pool2d", "torch.max_pool2d"):
        assert all(function in refused for refused in rules.refused_for.values())


# --- receptive field -----------------------------------------------------------------------

RIGHT_FIELDS = {
    "backwards": """
def receptive_field(layers):
    field = 1
    for f, s, d in reversed(layers):
        field = (field - 1) * s + d * (f - 1) + 1
    return field
""",
    "product": """
def receptive_field(layers):
    return 1 + sum(d * (f - 1) * int(np.prod([s for _, s, _ in layers[:i]]))
                   for i, (f, _, d) in enumerate(layers))
""",
    "marking": """
def receptive_field(layers):
    seen = {0}
    for f, s, d in layers[::-1]:
        seen = {place * s + tap * d for place in seen for tap in range(f)}
    return max(seen) - min(seen) + 1
""",
}


@pytest.mark.parametrize("name", RIGHT_FIELDS)
def test_independent_right_receptive_field_gets_full_marks(name):
    lost, messages = lost_with(receptive_field=RIGHT_FIELDS[name])
    assert not lost, messages


# --- LeNet ---------------------------------------------------------------------------------

RIGHT_LENETS = {
    "functional": """
class LeNet(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(in_channels, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2), stride=2).view(-1, 400)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
""",
    "dense_layers_registered_first": """
class LeNet(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.out = nn.Linear(84, 10)
        self.b = nn.Linear(in_features=120, out_features=84)
        self.a = nn.Linear(400, 120)
        self.second = nn.Conv2d(6, 16, kernel_size=(5, 5))
        self.first = nn.Conv2d(in_channels, 6, kernel_size=5)
        self.pool = nn.MaxPool2d(2, 2)
    def forward(self, x):
        for conv in (self.first, self.second):
            x = self.pool(torch.relu(conv(x)))
        return self.out(self.b(self.a(torch.flatten(x, 1)).relu()).relu())
""",
    "pool_before_relu": """
class LeNet(nn.Sequential):
    def __init__(self, in_channels=3):
        super().__init__(
            nn.Conv2d(in_channels, 6, 5), nn.MaxPool2d(2), nn.ReLU(),
            nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
""",
    "own_parameters": """
class LeNet(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        shapes = [(6, in_channels, 5, 5), (16, 6, 5, 5), (400, 120), (120, 84), (84, 10)]
        self.w = nn.ParameterList(0.1 * torch.randn(s) for s in shapes)
        self.b = nn.ParameterList(torch.zeros(n) for n in (6, 16, 120, 84, 10))
    def forward(self, x):
        w, b = self.w, self.b
        for i in (0, 1):
            x = F.max_pool2d(F.relu(F.conv2d(x, w[i], b[i])), 2)
        x = x.flatten(1)
        x = F.relu(x @ w[2] + b[2])
        return F.relu(x @ w[3] + b[3]) @ w[4] + b[4]
""",
    "convolutions_from_the_start": """
class LeNet(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        block = lambda a, b: [nn.Conv2d(a, b, 5), nn.ReLU(), nn.MaxPool2d(2)]
        self.net = nn.Sequential(
            *block(in_channels, 6), *block(6, 16), nn.Conv2d(16, 120, 5), nn.ReLU(),
            nn.Conv2d(120, 84, 1), nn.ReLU(), nn.Conv2d(84, 10, 1))
    def forward(self, x):
        return self.net(x).flatten(1)
""",
    "lazy_layers": """
class LeNet(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(in_channels, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.LazyLinear(120), nn.ReLU(), nn.LazyLinear(84), nn.ReLU(), nn.LazyLinear(10))
        self.net(torch.zeros(1, in_channels, 32, 32))
    def forward(self, x):
        return self.net(x)
""",
}
BY_KIND = """
def to_fully_conv(lenet):
    found = [m for m in lenet.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    size = lambda m: m.weight[0].numel()
    c1, c2, a, b, c = sorted(found, key=lambda m: [6, 16, 120, 84, 10].index(m.weight.shape[0]))
    def run(x):
        x = F.max_pool2d(F.relu(F.conv2d(x, c1.weight, c1.bias)), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, c2.weight, c2.bias)), 2)
        x = F.relu(F.conv2d(x, a.weight.reshape(120, 16, 5, 5), a.bias))
        x = F.relu(F.conv2d(x, b.weight.reshape(84, 120, 1, 1), b.bias))
        return F.conv2d(x, c.weight.reshape(10, 84, 1, 1), c.bias)
    return run
"""
BY_PARAMETERS = """
def to_fully_conv(lenet):
    w, b = list(lenet.w), list(lenet.b)
    kernels = [w[2].T.reshape(120, 16, 5, 5), w[3].T[:, :, None, None], w[4].T[:, :, None, None]]
    def run(x):
        for i in (0, 1):
            x = F.max_pool2d(F.relu(F.conv2d(x, w[i], b[i])), 2)
        x = F.relu(F.conv2d(x, kernels[0], b[2]))
        return F.conv2d(F.relu(F.conv2d(x, kernels[1], b[3])), kernels[2], b[4])
    return run
"""


@pytest.mark.parametrize("name", RIGHT_LENETS)
def test_independent_right_lenet_gets_full_marks(name):
    convert = BY_PARAMETERS if name == "own_parameters" else BY_KIND
    lost, messages = lost_with(LeNet=RIGHT_LENETS[name], to_fully_conv=convert)
    assert not lost, messages


def test_class_without_forward_is_told_so():
    source = RIGHT_LENETS["functional"].replace("def forward", "def foward")
    lost, messages = lost_with(LeNet=source)
    assert {"lenet_shape", "lenet_values"} <= set(lost)
    assert "no method `forward`" in messages[0]


def test_class_that_is_no_module_is_told_so_in_every_question():
    source = "class LeNet:\n    def __init__(self, in_channels=3):\n        pass"
    lost, messages = lost_with(LeNet=source)
    assert set(lost) >= {"lenet_shape", "lenet_parameters", "lenet_values", "fully_conv_same"}
    assert all("your code raised" in message for message in messages)


def test_parameters_of_other_shapes_are_listed():
    source = (
        RIGHT_LENETS["functional"].replace("400, 120", "400, 100").replace("120, 84", "100, 84")
    )
    lost, messages = lost_with(LeNet=source, to_fully_conv=BY_KIND)
    assert {"lenet_parameters", "lenet_values"} <= set(lost)
    assert any("expected parameters of shapes 6 x 3 x 5 x 5" in message for message in messages)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return self.fc3", "return self.fc3(x[:, :120]), self.fc3"),
        ("nn.Linear(84, 10)", "nn.LazyLinear(10)"),
        ("nn.Linear(84, 10)", "nn.Sequential(nn.Linear(84, 10), nn.BatchNorm1d(10))"),
        ("super().__init__()", "super().__init__(); self.state_dict = lambda: 7"),
        ("super().__init__()", "super().__init__(); self.parameters = lambda: [1, 'two']"),
        ("super().__init__()", "super().__init__(); self.eval = None"),
    ],
    ids=["tuple", "lazy", "normalised", "state_dict", "parameters", "eval"],
)
def test_odd_lenet_gets_a_message_and_never_breaks_the_test(old, new):
    source = RIGHT_LENETS["functional"]
    assert old in source
    lost, messages = lost_with(LeNet=source.replace(old, new), to_fully_conv=BY_KIND)
    assert lost
    assert all(message.startswith(("LeNet: ", "to_fully_conv: ")) for message in messages)


def test_logits_as_nested_lists_pass():
    source = RIGHT_LENETS["functional"].replace("return self.fc3", "return (self.fc3")
    source = source.rstrip() + ").tolist()\n"
    lost, messages = lost_with(LeNet=source, to_fully_conv=BY_KIND)
    assert not lost, messages


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_logits_that_are_not_finite_lose_their_points(bad):
    source = RIGHT_LENETS["functional"].replace("return self", f"return float('{bad}') * self")
    lost, _ = lost_with(LeNet=source)
    assert {"lenet_values", "fully_conv_same", "fully_conv_larger"} <= set(lost)


# --- fully convolutional -------------------------------------------------------------------

RIGHT_CONVERSIONS = {
    "closure": BY_KIND,
    "class": """
class Converted(nn.Module):
    def __init__(self, lenet):
        super().__init__()
        self.start = lenet.features
        self.dense = nn.ModuleList()
        for layer in lenet.classifier:
            if isinstance(layer, nn.Linear):
                side = 5 if layer.in_features == 400 else 1
                conv = nn.Conv2d(layer.in_features // side**2, layer.out_features, side)
                with torch.no_grad():
                    conv.weight.copy_(layer.weight.view_as(conv.weight))
                    conv.bias.copy_(layer.bias)
                self.dense.append(conv)
    def forward(self, x):
        x = self.start(x)
        for conv in self.dense[:-1]:
            x = conv(x).relu()
        return self.dense[-1](x)

to_fully_conv = Converted
""",
    "windows_one_by_one": """
def to_fully_conv(lenet):
    def run(x):
        rows, columns = range(0, x.shape[2] - 31, 4), range(0, x.shape[3] - 31, 4)
        crops = [[lenet(x[:, :, i : i + 32, j : j + 32]) for j in columns] for i in rows]
        return torch.stack([torch.stack(row, -1) for row in crops], -2)
    return run
""",
    "load_state_dict": """
def to_fully_conv(lenet):
    import copy
    lenet = copy.deepcopy(lenet)
    shapes = {(120, 400): (16, 5), (84, 120): (120, 1), (10, 84): (84, 1)}
    parts = [*lenet.features]
    for layer in lenet.classifier:
        if isinstance(layer, nn.Linear):
            channels, side = shapes[tuple(layer.weight.shape)]
            conv = nn.Conv2d(channels, len(layer.weight), side)
            conv.load_state_dict({"weight": layer.weight.unflatten(1, (channels, side, side)),
                                  "bias": layer.bias})
            parts += [conv, nn.ReLU()]
    return nn.Sequential(*parts[:-1])
""",
}


@pytest.mark.parametrize("name", RIGHT_CONVERSIONS)
def test_independent_right_conversion_gets_full_marks(name):
    lost, messages = lost_with(to_fully_conv=RIGHT_CONVERSIONS[name])
    assert not lost, messages


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_conversion_of_another_lenet_is_compared_with_that_lenet(activation):
    lenet = RIGHT_LENETS["functional"].replace("relu", activation)
    convert = BY_KIND.replace("relu", activation)
    lost, _ = lost_with(LeNet=lenet, to_fully_conv=convert)
    assert set(lost) == {"lenet_values"}


def test_conversion_without_a_lenet_says_what_is_missing():
    stub = (
        "class LeNet(nn.Module):\n    def __init__(self, c=3):\n        raise NotImplementedError()"
    )
    lost, messages = lost_with(LeNet=stub)
    assert {"fully_conv_same", "fully_conv_larger"} <= set(lost)
    assert any("needs your LeNet, but LeNet: not attempted yet" in one for one in messages)


# --- residual block ------------------------------------------------------------------------

RIGHT_BLOCKS = {
    "shortcut_first": """
class ResNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        self.skip = nn.Sequential()
        if first_stride > 1 or in_channels != out_channels:
            self.skip = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, first_stride, bias=False),
                nn.BatchNorm2d(out_channels))
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, first_stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding="same", bias=False),
            nn.BatchNorm2d(out_channels))
    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))
""",
    "normalisations_last_and_backwards": """
class ResNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        conv = lambda c, f, s: nn.Conv2d(c, out_channels, f, s, f // 2, bias=False)
        self.b, self.a = conv(out_channels, 3, 1), conv(in_channels, 3, first_stride)
        self.same = first_stride == 1 and in_channels == out_channels
        if not self.same:
            self.c = conv(in_channels, 1, first_stride)
            self.nc = nn.BatchNorm2d(out_channels)
        self.nb, self.na = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
    def forward(self, x):
        shortcut = x if self.same else self.nc(self.c(x))
        out = self.nb(self.b(self.na(self.a(x)).clamp(min=0)))
        out += shortcut
        return out.clamp(min=0)
""",
    "torchvisions": """
from torchvision.models.resnet import BasicBlock

def ResNetBlock(in_channels, out_channels, first_stride=1):
    down = None
    if first_stride != 1 or in_channels != out_channels:
        down = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, first_stride, bias=False),
                             nn.BatchNorm2d(out_channels))
    return BasicBlock(in_channels, out_channels, first_stride, down)
""",
    "strided_slice": """
class ResNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels, first_stride=1):
        super().__init__()
        c, self.s = out_channels, first_stride
        self.layers = nn.ModuleList([
            nn.Conv2d(in_channels, c, 3, first_stride, 1, bias=False),
            nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c), nn.BatchNorm2d(c)])
        if (in_channels, first_stride) != (c, 1):
            self.layers += [nn.Conv2d(in_channels, c, 1, bias=False), nn.BatchNorm2d(c)]
    def forward(self, x):
        one, two, n1, n2, *project = self.layers
        y = n2(two(F.relu(n1(one(x)))))
        if project:
            x = project[1](project[0](x[:, :, :: self.s, :: self.s]))
        return F.relu(x + y)
""",
}


@pytest.mark.parametrize("name", RIGHT_BLOCKS)
def test_independent_right_block_gets_full_marks(name):
    lost, messages = lost_with(ResNetBlock=RIGHT_BLOCKS[name])
    assert not lost, messages


def test_block_of_other_layers_is_told_which_are_expected():
    source = RIGHT_BLOCKS["shortcut_first"].replace('3, padding="same"', "5, padding=2")
    lost, messages = lost_with(ResNetBlock=source)
    assert {"resnet_block_values", "resnet_block_statistics"} <= set(lost)
    assert any("expected the layers normalisation of 5" in message for message in messages)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("super().__init__()", "super().__init__(); self.scale = nn.Parameter(torch.ones(()))"),
        ("super().__init__()", "super().__init__(); self.act = nn.PReLU()"),
        ("return torch.relu(", "return 1, torch.relu("),
        ("self.skip = nn.Sequential()\n", "self.skip = nn.Sequential(); self.train = None\n"),
    ],
    ids=["scale", "prelu", "tuple", "train"],
)
def test_odd_block_gets_a_message_and_never_breaks_the_test(old, new):
    source = RIGHT_BLOCKS["shortcut_first"]
    assert old in source
    lost, messages = lost_with(ResNetBlock=source.replace(old, new))
    assert lost
    assert all(message.startswith("ResNetBlock: ") for message in messages)


@pytest.mark.parametrize(
    "output",
    ["0 * right", "torch.ones_like(right)", "torch.arange(right.numel()).reshape(right.shape) / 9"],
    ids=["zeros", "ones", "always the same numbers"],
)
def test_block_whose_output_is_made_up_has_no_statistics_of_its_own(output):
    source = RIGHT_BLOCKS["shortcut_first"].replace("return torch.relu(", "right = torch.relu(")
    lost, messages = lost_with(ResNetBlock=f"{source.rstrip()}\n        return {output}\n")
    assert {"resnet_block_values", "resnet_block_statistics"} <= set(lost)
    assert any("doesn't depend on its input" in message for message in messages)


def test_reference_block_is_the_one_of_the_papers_resnet_18():
    import torchvision

    mine = hidden.BasicBlock(64, 128, 2)
    theirs = torchvision.models.resnet18(weights=None).layer2[0]
    mine.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 64, 6, 6)
    assert torch.equal(mine.eval()(x), theirs.eval()(x))


# --- visible checks, the bank, the notebook -------------------------------------------------


@pytest.mark.parametrize(
    ("image", "size", "stride", "expected", "_"), [*checks.POOLED, checks.NEGATIVE]
)
def test_visible_pooling_cases_are_right(image, size, stride, expected, _):
    assert F.max_pool2d(torch.tensor(image), size, stride).tolist() == expected


def rows_of_visible_tables():
    for image, size, stride, _, table in [*checks.POOLED, checks.NEGATIVE]:
        for wrong, message in table:
            yield "max_pool2d", (torch.tensor(image), size, stride), wrong, message
    yield "conv_output_shape", (3, 8, 8, 16, 3, 1, 1, 1), (3, 8, 8), "channels_in"
    yield "conv_output_shape", (3, 8, 8, 16, 3, 1, 1, 1), (16, 7, 7), "no_plus_one"
    yield "conv_params", (3, 10, 5), 750, "no_bias"
    yield "receptive_field", ([(3, 1, 1), (3, 1, 1)],), 6, "sum_of_kernels"
    yield "receptive_field", ([(3, 2, 1), (3, 1, 1)],), 5, "strides_ignored"


@pytest.mark.parametrize(
    ("answer", "arguments", "wrong", "message"), list(rows_of_visible_tables())
)
def test_visible_table_holds_what_the_mistake_really_gives(answer, arguments, wrong, message):
    told = checks.MESSAGES[message]
    mistake = next(m for m in BANK if m.answer == answer and m.message == told)
    np.testing.assert_allclose(mistake.outcome(arguments), wrong)


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ("LeNet", checks.LeNet),
        ("ResNetBlock", checks.ResNetBlock),
        ("max_pool2d", checks.max_pool2d),
    ],
)
def test_visible_check_names_the_mistakes_it_knows(answer, check, capsys):
    told = []
    for mistake in BANK:
        if mistake.answer == answer and mistake.message in checks.MESSAGES.values():
            check(mistake.function)
            told.append(mistake.message in capsys.readouterr().out)
    assert len(told) >= 2
    assert all(told)


def test_numbers_of_parameters_in_the_visible_checks_are_torchvisions():
    for arguments, number in checks.BLOCK_PARAMETERS.items():
        block = hidden.BasicBlock(*arguments)
        assert sum(p.numel() for p in block.parameters()) == number


def test_measured_receptive_field_is_the_known_one():
    conv, pool = (3, 1, 1), (2, 2, 1)
    vgg = [conv, conv, pool] * 2 + [conv, conv, conv, pool] * 2 + [conv] * 3
    assert hidden._extent(vgg) == 196  # Araujo et al., Distill 2019: 212 after one more pooling
    assert hidden._extent([*vgg, pool]) == 212
    # ResNet-18 by hand: 7, 11; then steps of 4, 8, 16, 32 pixels.
    down = [(3, 2, 1), conv, conv, conv]
    by_hand = 11 + 4 * 8 + (8 + 3 * 16) + (16 + 3 * 32) + (32 + 3 * 64)
    assert hidden._extent([(7, 2, 1), (3, 2, 1), *[conv] * 4, *down * 3]) == by_hand == 435


def test_lenet_that_ignores_its_weights_or_the_picture_lets_no_conversion_pass():
    lenet = """
class LeNet(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.layers = nn.ModuleList([
            nn.Conv2d(in_channels, 6, 5), nn.Conv2d(6, 16, 5),
            nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10),
        ])

    def forward(self, x):
        return {logits}
"""
    convert = """
def to_fully_conv(lenet):
    def run(x):
        h, w = ((n - 32) // 4 + 1 for n in x.shape[2:])
        return {logits}
    return run
"""
    for one, many in [
        ("x.new_zeros(len(x), 10)", "x.new_zeros(len(x), 10, h, w)"),
        (
            "self.layers[4].bias.expand(len(x), 10)",
            "lenet.layers[4].bias[:, None, None].expand(len(x), 10, h, w)",
        ),
    ]:
        sources = {"LeNet": lenet.format(logits=one), "to_fully_conv": convert.format(logits=many)}
        lost, messages = grade_in_process(UNIT, namespace(UNIT, **sources))
        assert {"fully_conv_same", "fully_conv_larger"} <= set(lost)
        assert any("needs a LeNet that uses its weights" in message for message in messages)
