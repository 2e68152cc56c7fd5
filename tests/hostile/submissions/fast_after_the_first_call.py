"""Has a conv2d_fast that is right and slow once for each shape, then fast and wrong."""

from hostile.submissions import SLOW

PLAIN = "full marks for conv2d_fast without a right answer"

BASE = "stub"
ANSWERS = {
    "conv2d_fast": """
seen = {}

def conv2d_fast(inpt, kernel, stride):
    key = inpt.shape, kernel.shape, stride
    if key not in seen:
        seen[key] = slow(inpt, kernel, stride)
        return seen[key]
    return seen[key] * 0
"""
    + SLOW,
}
