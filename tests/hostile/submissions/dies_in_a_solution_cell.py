"""Ends the process in a solution cell, before its answer is bound."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import os

os._exit(1)

def conv1d(signal, mask):
    return np.convolve(signal, mask)
""",
}
