"""Raises StopIteration and GeneratorExit, which end loops of a test early and silently."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0, "output_size_strided": 0}
ANSWERS = {
    "conv1d": "def conv1d(signal, mask):\n    raise StopIteration",
    "output_size": "def output_size(h, k):\n    raise StopAsyncIteration",
    "output_size_strided": "def output_size_strided(h, k, s):\n    raise GeneratorExit",
}
