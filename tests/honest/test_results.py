"""What a visible check takes for an array of numbers grading takes, and refuses the same things."""

import importlib.util

import pytest
from support.course import COURSE
from support.honest import KINDS, graded, lost, place, right

from autograder.submissions import solutions
from coursekit.checks import cnn_layers, convolution
from coursekit.checks.core import CheckFailed

QUESTIONS = {
    "conv2d": {"conv2d_shape", "conv2d_values", "conv2d_channels", "conv2d_strides"},
    "max_pool2d": {"max_pool2d_blocks", "max_pool2d_windows", "max_pool2d_negative"},
}
# What is returned of a right result `out`, an array: an expression, after what it needs.
TAKEN = {
    "nested lists": "out.tolist()",
    "rows of numpy's scalars": "[list(row) for row in out]",
    "tuple of rows": "tuple(out)",
    "lists of 0-d arrays": "[[np.array(one) for one in row] for row in out]",
    "deque of lists": "import collections\ncollections.deque(out.tolist())",
    "list of deques": "import collections\n[collections.deque(row) for row in out]",
    "list of array.array": "import array\n[array.array('d', row) for row in out]",
    "memoryview": "memoryview(out)",
    "longdouble": "out.astype(np.longdouble)",
    "rows of longdoubles": "[list(row) for row in out.astype(np.longdouble)]",
    "float32": "out.astype(np.float32)",
    "matrix": "np.matrix(out)",
    "masked array": "np.ma.masked_array(out, out > 1e9)",
    "big-endian": "out.astype('>f8')",
    "PIL image": "from PIL import Image\nImage.fromarray(out.astype(np.float32))",
    "user's list": "import collections\ncollections.UserList(out.tolist())",
    "own class with __array__": (
        "class Mine:\n"
        "    def __init__(self, out):\n        self.out = out\n"
        "    def __array__(self, dtype=None, copy=None):\n        return self.out\n"
        "Mine(out)"
    ),
}
REFUSED = {
    "generator": "(row for row in out)",
    "text": "str(out.tolist())",
    "bytes": "out.tobytes()",
    "dict": "dict(enumerate(out.tolist()))",
    "decimals": "from decimal import Decimal\n[[Decimal(v) for v in row] for row in out.tolist()]",
    "complex": "out + 0j",
    "uneven rows": "[*out.tolist(), [1.0]]",
    "deque of texts": "import collections\ncollections.deque(['a', 'b'])",
    "objects": "out.astype(object)",
    "own class": "class Mine:\n    def __repr__(self):\n        return 'mine'\nMine()",
}
TORCH_TAKEN = {
    "nested lists": "out.tolist()",
    "tensor that has a gradient": "out.clone().requires_grad_()",
    "list of tensors with gradients": "[one.clone().requires_grad_() for one in out]",
    "deque of tensors": "import collections\ncollections.deque(out)",
    "array": "out.numpy()",
}
TORCH_REFUSED = {
    "sparse": "out.to_sparse()",
    "bfloat16": "out.to(torch.bfloat16)",
    "on no device": "out.to('meta')",
}
if importlib.util.find_spec("pandas"):
    TAKEN["DataFrame"] = "import pandas\npandas.DataFrame(out)"
    REFUSED["DataFrame of texts"] = "import pandas\npandas.DataFrame(out).astype(str)"
COLD_TOO = {"deque of lists", "rows of numpy's scalars", "longdouble", "generator"}
TORCH_FIRST = {("list of tensors with gradients", "warm"), ("sparse", "warm")}


def source(topic, name, way, out=None):
    """An answer that returns its result in a way of its own: a right one, or always `out`."""
    first, _, expression = way.rpartition("\n")
    return (
        f"{solutions(COURSE.unit(topic))[name]}\n\n_right_{name} = {name}\n\n{first}\n\n"
        f"def {name}(*arguments):\n    out = {out or f'_right_{name}(*arguments)'}\n"
        f"    return {expression}\n"
    )


def visible_verdict(checks, name, text):
    """None where the visible check passes, else what it says."""
    names = {}
    exec(f"import numpy as np\n{text}", names)
    try:
        getattr(checks, name).__wrapped__(names[name])
    except CheckFailed as failure:
        return what_of(str(failure))
    return None


def what_of(message):
    """The first line of a message without the case, which is each check's own."""
    address = message.partition(" at 0x")[0] if " at 0x" in message else message
    return address.splitlines()[0].partition("  (")[0]


def verdicts(topic, name, text, kind):
    """What grading says of the questions about an answer; None for full points."""
    nb = right(topic)
    nb.cells[place(nb, f"solution_{name}")].source = text
    result = graded(nb, topic, kind)
    missing = lost(result, topic)
    return {what_of(result.messages[q]) if q in missing else None for q in QUESTIONS[name]}


def cases(ways, first):
    """A case for each way and kind of kernel; in the first tier those that `first` says."""
    return [
        pytest.param(
            way, kind, id=f"{name}-{kind}", marks=() if first(name, kind) else pytest.mark.thorough
        )
        for name, way in ways.items()
        for kind in KINDS
    ]


@pytest.mark.parametrize(
    ("way", "kind"), cases(TAKEN, lambda name, kind: kind == "warm" or name in COLD_TOO)
)
def test_what_the_visible_check_takes_gets_the_points(way, kind):
    text = source("convolution", "conv2d", way)
    assert visible_verdict(convolution, "conv2d", text) is None
    assert verdicts("convolution", "conv2d", text, kind) == {None}


@pytest.mark.parametrize(
    ("way", "kind"), cases(REFUSED, lambda name, kind: kind == "warm" or name in COLD_TOO)
)
def test_what_the_visible_check_refuses_is_refused_with_the_same_message(way, kind):
    text = source("convolution", "conv2d", way, "np.arange(6.0).reshape(2, 3)")
    said = visible_verdict(convolution, "conv2d", text)
    assert said.startswith("conv2d: expected an array of real numbers, got ")
    assert verdicts("convolution", "conv2d", text, kind) == {said}


@pytest.mark.parametrize(("way", "kind"), cases(TORCH_TAKEN, lambda *case: case in TORCH_FIRST))
def test_what_the_visible_check_takes_of_torch_gets_the_points(way, kind):
    text = f"import torch\n{source('cnn_layers', 'max_pool2d', way)}"
    assert visible_verdict(cnn_layers, "max_pool2d", text) is None
    assert verdicts("cnn_layers", "max_pool2d", text, kind) == {None}


@pytest.mark.parametrize(("way", "kind"), cases(TORCH_REFUSED, lambda *case: case in TORCH_FIRST))
def test_what_the_visible_check_refuses_of_torch_is_refused_with_the_same_message(way, kind):
    made = source("cnn_layers", "max_pool2d", way, "torch.arange(6.0).reshape(1, 1, 2, 3)")
    said = visible_verdict(cnn_layers, "max_pool2d", f"import torch\n{made}")
    assert said.startswith("max_pool2d: expected an array of real numbers, got a tensor of ")
    assert verdicts("cnn_layers", "max_pool2d", f"import torch\n{made}", kind) == {said}
