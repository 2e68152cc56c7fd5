"""The wire: plain data comes out as it went in, and nothing else comes out at all."""

import collections
import contextlib
import enum
import json
import math
import socket
import struct
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.engine.clock import Allowance, Clock
from autograder.engine.inside import wire


def round_trip(value, keep=None, take=None):
    buffers = []
    pieces = wire.pack(wire.encode(value, buffers, keep), buffers)
    node, buffers = wire.unpack(reader(b"".join(pieces)))
    return wire.decode(node, buffers, take)


def reader(data):
    """`read(n)` that ends as a socket does whose other end is closed."""
    position = 0

    def read(count):
        nonlocal position
        if count > len(data) - position:
            raise EOFError
        position += count
        return data[position - count : position]

    return read


class Colour(enum.IntEnum):
    RED = 3


class Loud(np.ndarray):
    def __eq__(self, other):
        return True


class Text(str):
    def __str__(self):
        return "another"


Point = collections.namedtuple("Point", "x y")

PLAIN = [
    None,
    True,
    -7,
    2**100,
    0.1,
    math.inf,
    "é ☃ \U0001f600",
    b"\x00\xff",
    1 + 2j,
    Ellipsis,
    slice(1, None, 2),
    [1, [2.5, "a"], ()],
    (1, (2,)),
    {"a": [1], 2: None, (1, 2): "tuple"},
    {1, 2},
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_value_comes_back_with_its_type(value):
    got = round_trip(value)
    assert got == value
    assert type(got) is type(value)


def test_halves_of_characters_are_replaced_for_no_file_can_hold_them():
    node = json.loads('["\\ud800", {"handle": [1, "\\udfff", "\\ud800", true]}]')
    text, handle = wire.decode(node, [], lambda handle: handle)
    for one in (text, handle.kind, handle.name, round_trip("\ud800")):
        assert one.encode() == b"?"


def test_nan_comes_back():
    assert math.isnan(round_trip(math.nan))


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
def test_array_of_every_dtype_comes_back_writable(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    got = round_trip(array)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, array)
    got[0, 0] = 1


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.zeros((0, 4)),
        np.arange(12.0).reshape(3, 4)[::2, ::-1],
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.broadcast_to(np.float32(2), (2, 2)),
    ],
    ids=["0-d", "empty", "strided", "fortran", "big-endian", "broadcast"],
)
def test_array_of_any_layout_comes_back(array):
    got = round_trip(array)
    assert got.shape == array.shape
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize(
    "scalar", [np.float32(0.1), np.int8(-3), np.bool_(True), np.float64("nan")]
)
def test_numpy_scalar_keeps_its_dtype(scalar):
    got = round_trip(scalar)
    assert got.dtype == scalar.dtype
    np.testing.assert_array_equal(got, scalar)


@pytest.mark.parametrize(
    ("value", "kind", "plain"),
    [
        (Colour.RED, int, 3),
        (Text("text"), str, "text"),
        (Point(1, 2), tuple, (1, 2)),
        (collections.OrderedDict(a=1), dict, {"a": 1}),
        (np.zeros(2).view(Loud), np.ndarray, np.zeros(2)),
        (np.ma.array([1, 2], mask=[0, 1]), np.ndarray, np.array([1, 2])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_subclass_comes_back_as_its_base_class(value, kind, plain):
    got = round_trip(value)
    assert type(got) is kind
    np.testing.assert_array_equal(got, plain)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool, torch.bfloat16])
def test_tensor_comes_back_as_a_tensor(dtype):
    tensor = torch.arange(6).reshape(2, 3).to(dtype).T
    got = round_trip(tensor)
    assert got.dtype == dtype
    assert torch.equal(got, tensor)


def test_state_dict_comes_back_as_tensors():
    layer = torch.nn.Conv2d(2, 3, 3)
    got = round_trip(layer.state_dict())
    assert {name: tuple(tensor.shape) for name, tensor in got.items()} == {
        "weight": (3, 2, 3, 3),
        "bias": (3,),
    }
    assert torch.equal(got["weight"], layer.weight)


@pytest.mark.parametrize(
    "value", [len, object(), np.array([[1], None], dtype=object), np.array(["a"]), range(3)]
)
def test_what_is_not_data_becomes_a_handle_or_is_refused(value):
    with pytest.raises(wire.WireError):
        round_trip(value)
    handle = round_trip([value], lambda one: wire.Handle(5, "kind", "name", True), lambda h: h)[0]
    assert (handle.number, handle.kind, handle.name, handle.can_be_called) == (
        5,
        "kind",
        "name",
        True,
    )


MANY = {
    "scalars": lambda: [[*row] for row in np.ones((100, 150))],
    "scalars in short rows": lambda: [tuple(row) for row in np.ones((5_000, 3), np.float32)],
    "mixed": lambda: [[1.5, np.float64(2), np.int8(3)] for _ in range(5_000)],
    "0-d arrays": lambda: [np.array(n) for n in range(15_000)],
    "small arrays": lambda: list(np.ones((15_000, 1))),
    "tensors": lambda: list(torch.ones(15_000)),
    "bytes": lambda: [bytes([n % 256]) * 8 for n in range(15_000)],
}


@pytest.mark.parametrize("what", MANY)
def test_many_small_values_come_back_each_with_its_type_and_count_as_what_they_are(what):
    """Each of them has about 120 KB."""
    value, buffers, sizes = MANY[what](), [], []
    node = wire.encode(value, buffers)
    assert len(buffers) == 1 or what == "scalars"
    got = wire.decode(*wire.unpack(reader(b"".join(wire.pack(node, buffers)))), None, sizes.append)
    assert sizes[0] < 32_000 * wire.NODE
    assert type(got[0]) is type(value[0])
    np.testing.assert_array_equal(got, value)
    if isinstance(value[0], (list, tuple)):
        assert [type(one) for one in got[-1]] == [type(one) for one in value[-1]]


def test_things_of_all_sizes_share_a_buffer_or_have_their_own():
    value = [np.float32(1), np.ones(5_000), b"", np.zeros(0), np.ones(3), b"x" * 5_000, True]
    for one, other in zip(round_trip(value), value, strict=True):
        np.testing.assert_array_equal(one, other)


def test_more_values_than_fit_are_told_as_values():
    with pytest.raises(wire.WireError, match="too many values"):
        wire.pack("x" * wire.MAX_HEAD)


def array_node(dtype="float64", shape=(2,), buffer=0):
    return {"array": [dtype, list(shape), buffer]}


SIXTEEN = [bytes(16)]
MALFORMED = {
    "unknown tag": ({"pickle": 1}, []),
    "two tags": ({"tuple": [], "set": []}, []),
    "object dtype": (array_node("object"), SIXTEEN),
    "dtype that is no name": (array_node(["f8"]), SIXTEEN),
    "structured dtype": (array_node("f8,f8", (1,)), SIXTEEN),
    "too few bytes": (array_node(shape=(3,)), SIXTEEN),
    "too many bytes": (array_node(shape=(1,)), SIXTEEN),
    "negative size": (array_node(shape=(-1, -2)), SIXTEEN),
    "sizes whose product overflows": (array_node(shape=(2**40, 2**40, 0)), [b""]),
    "size that is no number": (array_node(shape=("2",)), SIXTEEN),
    "true as a size": (array_node("float64", (True, 2)), SIXTEEN),
    "shape that is no list": ({"array": ["float64", 2, 0]}, SIXTEEN),
    "more dimensions than numpy has": (array_node(shape=(1,) * 80 + (2,)), SIXTEEN),
    "no such buffer": (array_node(buffer=1), SIXTEEN),
    "negative buffer": (array_node(buffer=-1), SIXTEEN),
    "buffer used twice": ([array_node(), array_node()], SIXTEEN),
    "shared buffer that is too short": (
        [array_node(buffer=[0, 16]), array_node(buffer=[0, 16])],
        [bytes(24)],
    ),
    "shared buffer used whole": ([array_node(buffer=[0, 16]), array_node()], SIXTEEN),
    "whole buffer shared": ([array_node(), array_node(buffer=[0, 16])], SIXTEEN),
    "shared buffer read backwards": (array_node(buffer=[0, -16]), SIXTEEN),
    "length that is no number": (array_node(buffer=[0, "16"]), SIXTEEN),
    "place of three": (array_node(buffer=[0, 0, 16]), SIXTEEN),
    "more scalars than values may be": ({"scalars": ["int8", 10**9, 0]}, SIXTEEN),
    "scalars without their number": ({"scalars": ["int8", None, 0]}, SIXTEEN),
    "scalars that are fewer": ({"scalars": ["int8", 17, 0]}, SIXTEEN),
    "tuple of an array": ({"tuple": array_node()}, SIXTEEN),
    "array with a part missing": ({"array": ["float64", [2]]}, SIXTEEN),
    "scalar of many bytes": ({"scalar": ["float64", 0]}, SIXTEEN),
    "int that is a list": ({"int": [1]}, []),
    "int of a million digits": ({"int": "0x" + "f" * 10**6}, []),
    "complex of text": ({"complex": ["a", 1]}, []),
    "dict with a list as key": ({"dict": [[[1], 2]]}, []),
    "dict that is a number": ({"dict": 3}, []),
    "set of lists": ({"set": [[1]]}, []),
    "slice of four": ({"slice": [1, 2, 3, 4]}, []),
    "handle where data is due": ({"handle": [1, "function", "f", True]}, []),
    "tensor of an unknown dtype": ({"tensor": ["qint8", [2], 0]}, SIXTEEN),
    "nested deep": (json.loads("[" * 500 + "]" * 500), []),
    "long": ([0] * (wire.MAX_NODES + 1), []),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_value_raises_the_wire_error(name):
    with pytest.raises(wire.WireError):
        wire.decode(*MALFORMED[name])


@pytest.mark.parametrize(
    "handle", [["1", "a", "b", True], [1, 2, "b", True], [1, "a"], {"n": 1}, 3]
)
def test_malformed_handle_raises_the_wire_error(handle):
    with pytest.raises(wire.WireError):
        wire.decode({"handle": handle}, [], lambda h: h)


@pytest.mark.parametrize(
    "head",
    [
        struct.pack("!II", wire.MAX_HEAD + 1, 0),
        struct.pack("!II", 2, wire.MAX_BUFFERS + 1),
        struct.pack("!II", 2, 1) + struct.pack("!Q", wire.MAX_BYTES + 1) + b"{}",
        struct.pack("!II", 2, 3) + struct.pack("!3Q", *[wire.MAX_BYTES // 2] * 3) + b"{}",
        struct.pack("!II", 3, 0) + b"{]}",
        struct.pack("!II", 3, 0) + b"\xff\xfe\x00",
        struct.pack("!II", 200_000, 0) + b"[" * 200_000,
    ],
)
def test_frame_that_is_too_large_or_no_json_is_refused_before_it_is_read(head):
    with pytest.raises(wire.WireError):
        wire.unpack(reader(head))


def test_too_large_values_are_refused_where_they_are_sent():
    with pytest.raises(wire.WireError, match="64 MiB"):
        round_trip(np.zeros(wire.MAX_BYTES // 8 + 1))


@pytest.mark.parametrize("pause", [0, 0.0002, 0.05])
@pytest.mark.parametrize("begun", [b"", struct.pack("!II", 9, 0), struct.pack("!IIQ", 2, 1, 10**7)])
def test_frame_that_comes_a_byte_at_a_time_has_one_deadline(begun, pause):
    ours, theirs = socket.socketpair()
    over = threading.Event()

    def drip():
        with contextlib.suppress(OSError):
            theirs.sendall(begun)
            while not over.wait(pause):
                theirs.sendall(b"\0" if begun else b"\1")

    with ours, theirs:
        thread = threading.Thread(target=drip)
        thread.start()
        start = time.monotonic()
        try:
            with (
                Allowance(0.3, wall=0.3).running(Clock()) as allowance,
                pytest.raises((TimeoutError, wire.WireError)),
            ):
                wire.unpack(wire.reader(ours, allowance.wait), 2**40)
            assert time.monotonic() - start < 20  # dripping on takes minutes
        finally:
            over.set()
            ours.shutdown(socket.SHUT_RDWR)
            thread.join()


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_raise_only_the_wire_error(data):
    try:
        node, buffers = wire.unpack(reader(data))
        wire.decode(node, buffers)
    except (wire.WireError, EOFError):
        pass


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*wire._Decoder.METHODS, "other"]), inner, max_size=2)
    ),
    max_leaves=12,
)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(values, st.lists(st.binary(max_size=24), max_size=3))
def test_random_messages_raise_only_the_wire_error(node, buffers):
    with contextlib.suppress(wire.WireError):
        wire.decode(node, buffers, lambda handle: handle)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.data())
def test_damaged_frame_raises_only_the_wire_error(data):
    buffers = []
    node = wire.encode({"a": np.arange(4.0), "b": [1, (2, "x")]}, buffers)
    frame = bytearray(b"".join(wire.pack(node, buffers)))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        node, buffers = wire.unpack(reader(bytes(frame)))
        wire.decode(node, buffers)
    except (wire.WireError, EOFError):
        pass
