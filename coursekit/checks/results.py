"""What counts as numbers in what an answer gives: one rule for visible checks and for grading.

Grading applies it where the answer is, and only then do numbers travel. So this module goes there
as a text, and imports nothing of ours.
"""

import sys
from collections import deque
from collections.abc import Sequence

import numpy as np

SHOWN = 40  # characters of a value in a message
OFFERS = ("__array__", "__array_interface__", "__array_struct__")  # what has numbers for numpy


def numbers_in(value):
    """The real numbers of `value` as numpy arranges them in an array, or None where it has none.

    Numbers, arrays, tensors, sequences of them (lists, tuples, deques, ranges), and what offers
    its numbers as an array: `array.array`, a memoryview, a table of pandas, a picture of PIL. Not
    text, bytes, truth values, complex numbers, fractions, iterators, sets and dicts, nor uneven
    rows. Numbers of more than eight bytes are rounded to float64.

    >>> numbers_in(deque([1, 2]))
    array([1, 2])
    >>> numbers_in("12") is None
    True
    """
    if not _may_have(value):
        return None
    try:
        array = np.asarray(plain(value))
    except Exception:  # uneven rows; no data; whatever a class of somebody's own raises
        return None
    if array.dtype.kind not in "iuf":
        return None
    return array if array.dtype.itemsize <= 8 else array.astype(float)


def _may_have(value):
    if isinstance(value, (str, bytes, type)):
        return False
    if isinstance(value, (int, float, Sequence)) or is_tensor(value):
        return True
    return any(hasattr(type(value), name) for name in OFFERS) or _is_buffer(value)


def _is_buffer(value):
    try:
        memoryview(value)
    except TypeError:
        return False
    return True


def is_tensor(value):
    """Whether `value` is a torch tensor; imports nothing."""
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "Tensor") and isinstance(value, torch.Tensor)


def plain(value):
    """A tensor as an array, without its gradient, also in sequences; anything else as it is."""
    if is_tensor(value):
        return value.detach().resolve_conj().resolve_neg().cpu().numpy()
    if isinstance(value, (list, tuple, deque)):
        return [plain(one) for one in value]
    return value


def describe(value):
    """Name the type of a value for a message, with the shape where it has one.

    What stands in for an object elsewhere has `_in_words()`: what this gives there, and `short`.
    """
    if hasattr(type(value), "_in_words"):
        return value._in_words()[0]
    if is_tensor(value):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a tensor of {shape_text(value)} and dtype {dtype}"
    if isinstance(value, np.ndarray):
        return f"an array of {shape_text(value)} and dtype {value.dtype}"
    return f"{type(value).__name__} {short(value)}"


def short(value):
    """The beginning of what a value looks like, on one line."""
    if hasattr(type(value), "_in_words"):
        return value._in_words()[1]
    if type(value) in (list, tuple):
        return _short_sequence(value)
    return " ".join(repr(value).split())[:SHOWN]


def _short_sequence(value):
    opening, closing = "[]" if type(value) is list else "()"
    text = opening
    for number, one in enumerate(value):
        text += f", {short(one)}" if number else short(one)
        if len(text) >= SHOWN:
            return text[:SHOWN]
    comma = "," if type(value) is tuple and len(value) == 1 else ""
    return f"{text}{comma}{closing}"[:SHOWN]


def shape_text(array):
    """'shape 3 x 4' for an array of shape (3, 4); 'a single number' for a 0-d one."""
    return f"shape {sizes_text(array.shape)}" if array.ndim else "a single number"


def sizes_text(shape):
    """'3 x 4' for the shape (3, 4)."""
    return " x ".join(map(str, shape))
