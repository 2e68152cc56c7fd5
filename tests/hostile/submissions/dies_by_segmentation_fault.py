"""Reads address 0 when a test calls it, and writes there in a cell of its own."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
COLD = "how a cold kernel ended is told by another process"
GETS = {"conv1d": 0}
FIRST_CELL = """
import ctypes

ctypes.memset(0, 1, 1)
"""
ANSWERS = {"conv1d": "import ctypes\n\ndef conv1d(signal, mask):\n    return ctypes.string_at(0)"}
