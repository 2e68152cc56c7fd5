"""The wire between the judge and a student's kernel: plain data in frames, nothing executable.

A frame is a JSON head and the raw buffers that it refers to:

    length of the head (4 bytes) | number of buffers (4) | length of each (8) | head | buffers

Arrays travel as dtype, shape and bytes. What isn't data stays where it is and travels as a
number, a handle. Both ends use this module; it imports nothing of the autograder, because the
student's side has none of it, and nothing that comes in is ever executed, unpickled or
imported.
"""

import contextlib
import json
import math
import struct
import sys

import numpy as np

MAX_HEAD = 4 * 2**20  # bytes of JSON
MAX_BUFFERS = 4096
MAX_BYTES = 64 * 2**20  # bytes of all buffers together
MAX_REPLY = 24 * 2**20  # the same for what comes from a student
MAX_DEPTH = 40
SMALL = 1024  # bytes of what shares a buffer with others
ONE_PIECE = 2**16  # bytes of a frame that is sent at once
MAX_NODES = 500_000
NODE = 100  # bytes that a value takes where it is decoded, about, besides its text or numbers
MAX_INT_DIGITS = 1000  # hexadecimal

DTYPES = frozenset((
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64", "complex64", "complex128"
))  # fmt: skip
TORCH_DTYPES = {  # torch's name -> the numpy dtype that carries its bytes
    name: name if name in DTYPES else "uint16" for name in [*DTYPES, "bfloat16"]
}


class WireError(RuntimeError):
    """What came, or should go, over the wire is not what the wire carries."""


class Handle:
    """A reference to an object that stays on the student's side."""

    def __init__(self, number, kind="object", name="", can_be_called=False):
        self.number, self.kind, self.name = number, kind, name
        self.can_be_called = can_be_called


# --- frames --------------------------------------------------------------------------------


def pack(message, buffers=(), most=MAX_BYTES):
    """The pieces of a frame of up to `most` bytes of arrays, in order, as bytes-like objects."""
    head = json.dumps(message, separators=(",", ":")).encode()
    buffers = [memoryview(buffer).cast("B") for buffer in buffers]
    if len(head) > MAX_HEAD or len(buffers) > MAX_BUFFERS:
        raise WireError("too many values to be passed at once; one array may hold them")
    if sum(map(len, buffers)) > most:
        raise WireError(f"too large: at most {most >> 20} MiB of arrays can be passed at once")
    lengths = struct.pack(f"!{len(buffers)}Q", *map(len, buffers))
    pieces = [struct.pack("!II", len(head), len(buffers)) + lengths + head, *buffers]
    # Each piece wakes the other end up; a small copy costs less.
    return [b"".join(pieces)] if sum(map(len, pieces)) <= ONE_PIECE else pieces


def reader(channel, wait=None):
    """`read(n)` for `unpack`: exactly n bytes of a socket, or EOFError where it is closed.

    `wait()` gives the seconds until it is to be asked again; what it raises ends the reading,
    whatever may still come.
    """

    def read(count):
        data = bytearray(count)
        view, got = memoryview(data), 0
        while got < count:
            if wait is not None:
                channel.settimeout(wait())
            try:
                received = channel.recv_into(view[got:])
            except TimeoutError:
                continue
            if not received:
                raise EOFError("the other end has gone")
            got += received
        return data

    return read


def send(channel, pieces, wait):
    """Send the pieces of a frame; `wait` as of `reader`."""
    for piece in pieces:
        view = memoryview(piece).cast("B")
        while view:
            channel.settimeout(wait())
            with contextlib.suppress(TimeoutError):
                view = view[channel.send(view) :]


def unpack(read, most=MAX_BYTES):
    """Read one frame through `read(n) -> n bytes`; return the message and its buffers.

    Nothing larger than the limits is read. Raises `WireError` for anything that isn't a frame.
    """
    head_length, count = struct.unpack("!II", read(8))
    if head_length > MAX_HEAD or count > MAX_BUFFERS:
        raise WireError("the frame is too large")
    lengths = struct.unpack(f"!{count}Q", read(8 * count))
    if sum(lengths) > most:
        raise WireError("the frame is too large")
    head = read(head_length)
    buffers = [read(length) for length in lengths]
    try:
        return json.loads(head), buffers
    except (ValueError, RecursionError):
        raise WireError("the head of the frame is not JSON") from None


# --- values --------------------------------------------------------------------------------


def encode(value, buffers, keep=None):
    """`value` as JSON; the bytes of arrays are appended to `buffers`.

    `keep(object)` takes what is not data and gives a `Handle`, or data in its place; without it
    such a value is a `WireError`.
    """
    return _Encoder(buffers, keep).encode(value, 0)


class _Encoder:
    def __init__(self, buffers, keep):
        self.buffers, self.keep, self.nodes = buffers, keep, 0
        self.shared = None  # the buffer of small things, in the order in which they come

    def encode(self, value, depth):
        self._take_nodes(1, depth)
        if value is None or value is True or value is False:
            return value
        if value is Ellipsis:
            return {"...": 0}
        if isinstance(value, Handle):
            return {"handle": [value.number, value.kind, value.name, value.can_be_called]}
        for types, method in self.METHODS:
            if isinstance(value, types):
                return getattr(self, method)(value, depth)
        if _is_tensor(value):
            return self._tensor(value, depth)
        return self._other(value, depth)

    def _take_nodes(self, count, depth):
        self.nodes += count
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("nested too deep or too long to be passed")

    METHODS = (
        (np.generic, "_scalar"),
        (np.ndarray, "_array"),
        (int, "_int"),
        (float, "_float"),
        (complex, "_complex"),
        (str, "_str"),
        (bytes, "_bytes"),
        (list, "_list"),
        (tuple, "_tuple"),
        (dict, "_dict"),
        ((set, frozenset), "_set"),
        (slice, "_slice"),
    )

    # A subclass may lie about itself, so every value is read through its base class.

    def _int(self, value, depth):
        value = int.__index__(value)
        return value if abs(value) < 2**63 else {"int": hex(value)[: MAX_INT_DIGITS + 3]}

    def _float(self, value, depth):
        return float.__float__(value)

    def _complex(self, value, depth):
        return {"complex": [complex.real.__get__(value), complex.imag.__get__(value)]}

    def _str(self, value, depth):
        return written(str.__str__(value))

    def _bytes(self, value, depth):
        return {"bytes": self._buffer(bytes(value))}

    def _list(self, value, depth):
        return self._items([*list.__iter__(value)], depth + 1)

    def _tuple(self, value, depth):
        return {"tuple": self._items([*tuple.__iter__(value)], depth + 1)}

    def _items(self, items, depth):
        """What a list holds; numpy's scalars of one dtype together, for they may be many."""
        kinds = set(map(type, items))
        kind = kinds.pop() if len(kinds) == 1 else None
        if kind and issubclass(kind, np.generic) and items[0].dtype.name in DTYPES:
            self._take_nodes(len(items), depth)
            numbers = np.array(items)
            return {"scalars": [numbers.dtype.name, len(items), self._buffer(numbers)]}
        return [self.encode(item, depth) for item in items]

    def _dict(self, value, depth):
        pairs = dict.items(value)
        return {"dict": [[self.encode(part, depth + 1) for part in pair] for pair in pairs]}

    def _set(self, value, depth):
        return {"set": [self.encode(item, depth + 1) for item in value]}

    def _slice(self, value, depth):
        parts = (value.start, value.stop, value.step)
        return {"slice": [self.encode(part, depth + 1) for part in parts]}

    def _scalar(self, value, depth):
        if value.dtype.name not in DTYPES:
            return self._other(value, depth)
        return {"scalar": [value.dtype.name, self._buffer(value.tobytes())]}

    def _array(self, value, depth):
        if value.dtype.name not in DTYPES:
            return self._other(value, depth)
        plain = np.ascontiguousarray(np.asarray(value)).astype(value.dtype.name, copy=False)
        shape = np.ndarray.__getattribute__(value, "shape")
        return {"array": [plain.dtype.name, list(shape), self._buffer(plain.reshape(-1))]}

    def _tensor(self, value, depth):
        try:
            plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous()
            name = str(plain.dtype).removeprefix("torch.")
            if name == "bfloat16":
                plain = plain.view(sys.modules["torch"].uint16)
            numbers = plain.numpy().reshape(-1) if name in TORCH_DTYPES else None
        except (RuntimeError, TypeError):  # it is sparse, or without data
            numbers = None
        if numbers is None:
            return self._other(value, depth)
        return {"tensor": [name, list(value.shape), self._buffer(numbers)]}

    def _other(self, value, depth):
        if self.keep is None:
            raise WireError(f"a {type(value).__name__} can't be passed to a student's function")
        return self.encode(self.keep(value), depth)

    def _buffer(self, data):
        """The number of the buffer that holds the bytes of `data`; if it is shared, how many."""
        data = memoryview(data).cast("B") if len(data) else b""
        if len(data) > SMALL:
            self.buffers.append(data)
            return len(self.buffers) - 1
        if self.shared is None:
            self.shared = len(self.buffers)
            self.buffers.append(bytearray())
        self.buffers[self.shared] += data
        return [self.shared, len(data)]


def written(text):
    """`text` without the halves of characters that JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def is_array(value):
    """Whether `value` is a numpy array or a torch tensor."""
    return isinstance(value, np.ndarray) or _is_tensor(value)


def _is_tensor(value):
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "Tensor") and isinstance(value, torch.Tensor)


def decode(node, buffers, take=None, count=None):
    """The value of a JSON `node`; arrays are new and can be written to.

    `take(Handle) -> object` stands in for handles, `count(bytes)` is told what the value takes.
    Raises `WireError` and nothing else, but what these two raise.
    """
    decoder = _Decoder(buffers, take)
    try:
        value = decoder.decode(node, 0)
        if count is not None:
            count(decoder.size + NODE * decoder.nodes)
        return value
    except WireError:
        raise
    except (ValueError, TypeError, OverflowError, MemoryError, RecursionError) as error:
        raise WireError(f"a value can't be decoded: {error}"[:200]) from None


class _Decoder:
    def __init__(self, buffers, take):
        self.buffers, self.take = list(buffers), take
        self.places = {}  # of the next small thing, by the number of the buffer that they share
        self.nodes = self.size = 0

    def decode(self, node, depth):
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("nested too deep or too long")
        if node is None or isinstance(node, (bool, int, float)):
            return node
        if isinstance(node, str):
            self.size += len(node)
            return written(node)
        if isinstance(node, list):
            return [self.decode(item, depth + 1) for item in node]
        if isinstance(node, dict) and len(node) == 1:
            ((tag, body),) = node.items()
            if tag in self.METHODS:
                return getattr(self, self.METHODS[tag])(body, depth)
        raise WireError("not a value")

    METHODS = {
        "...": "_ellipsis",
        "int": "_int",
        "complex": "_complex",
        "bytes": "_bytes",
        "tuple": "_tuple",
        "dict": "_dict",
        "set": "_set",
        "slice": "_slice",
        "scalar": "_scalar",
        "scalars": "_scalars",
        "array": "_array",
        "tensor": "_tensor",
        "handle": "_handle",
    }

    def _ellipsis(self, body, depth):
        return Ellipsis

    def _int(self, body, depth):
        if not isinstance(body, str) or len(body) > MAX_INT_DIGITS + 3:
            raise WireError("not an int")
        return int(body, 16)

    def _complex(self, body, depth):
        real, imaginary = body
        return complex(float(real), float(imaginary))

    def _bytes(self, body, depth):
        return bytes(self._buffer(body))

    def _tuple(self, body, depth):
        return tuple(self._items(body, depth))

    def _set(self, body, depth):
        return set(self._items(body, depth))

    def _slice(self, body, depth):
        return slice(*self._items(body, depth))

    def _items(self, body, depth):
        if isinstance(body, dict) and body.keys() == {"scalars"}:
            return self._scalars(body["scalars"], depth)
        if not isinstance(body, list):
            raise WireError("not a list")
        return [self.decode(item, depth + 1) for item in body]

    def _dict(self, body, depth):
        pairs = [self._items(pair, depth + 1) for pair in body]
        return {key: value for key, value in pairs}  # noqa: C416  (a pair has two parts)

    def _scalar(self, body, depth):
        name, number = body
        return self._numbers(name, (), number, DTYPES)[()]

    def _scalars(self, body, depth):
        name, count, number = body
        if type(count) is not int or not 0 <= count <= MAX_NODES - self.nodes:
            raise WireError("not a number of scalars")
        self.nodes += count
        return list(self._numbers(name, (count,), number, DTYPES))

    def _array(self, body, depth):
        name, shape, number = body
        return self._numbers(name, shape, number, DTYPES)

    def _tensor(self, body, depth):
        """A tensor where torch is in use, else an array: nothing that comes in loads torch."""
        name, shape, number = body
        if name not in TORCH_DTYPES:
            raise WireError("not a dtype")
        array = self._numbers(TORCH_DTYPES[name], shape, number, DTYPES)
        torch = sys.modules.get("torch")
        if torch is None:
            return array
        tensor = torch.from_numpy(array)
        return tensor.view(torch.bfloat16) if name == "bfloat16" else tensor

    def _numbers(self, name, shape, number, dtypes):
        if not isinstance(name, str) or name not in dtypes:
            raise WireError("not a dtype")
        if len(shape) > 32 or not all(type(n) is int and 0 <= n < 2**48 for n in shape):
            raise WireError("not a shape")
        dtype, data = np.dtype(name), self._buffer(number)
        if math.prod(shape) * dtype.itemsize != len(data):
            raise WireError("an array's bytes are not what its shape says")
        array = np.frombuffer(bytearray(data), dtype)
        return array.reshape(shape)

    def _handle(self, body, depth):
        number, kind, name, can_be_called = body
        if type(number) is not int or not isinstance(kind, str) or not isinstance(name, str):
            raise WireError("not a handle")
        if self.take is None:
            raise WireError("a handle where only data may be")
        return self.take(
            Handle(number, written(kind[:80]), written(name[:80]), can_be_called is True)
        )

    def _buffer(self, number):
        """Each byte serves once: a short frame can't grow into many large arrays."""
        number, length = number if isinstance(number, list) else (number, None)
        if type(number) is not int or not 0 <= number < len(self.buffers):
            raise WireError("not a buffer")
        data = self.buffers[number]
        if data is None or (length is None and number in self.places):
            raise WireError("a buffer is used twice")
        if length is None:
            self.buffers[number] = None
        else:
            data = self._next(number, data, length)
        self.size += len(data)
        return data

    def _next(self, number, data, length):
        """The next bytes of a shared buffer."""
        start = self.places.get(number, 0)
        if type(length) is not int or not 0 <= length <= len(data) - start:
            raise WireError("not as many bytes as there are")
        self.places[number] = start + length
        return data[start : start + length]
