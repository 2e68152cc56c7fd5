"""Has a slow conv2d_fast that keeps its results, so that only its first call is slow."""

from hostile.submissions import SLOW

PLAIN = "full marks for conv2d_fast without a right answer"

BASE = "stub"
ANSWERS = {
    "conv2d_fast": """
kept = {}

def conv2d_fast(inpt, kernel, stride):
    key = inpt.tobytes(), kernel.tobytes(), stride
    if key not in kept:
        kept[key] = slow(inpt, kernel, stride)
    return kept[key]
"""
    + SLOW,
}
