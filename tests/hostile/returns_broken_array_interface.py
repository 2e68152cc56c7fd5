"""Returns an object whose __array_interface__ points to memory that isn't there."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
class Pointing:
    def __init__(self, n):
        self.__array_interface__ = {
            "shape": (n,), "typestr": "<f8", "data": (8, False), "version": 3
        }

def conv1d(signal, mask):
    return Pointing(len(signal) + len(mask) - 1)
""",
}
