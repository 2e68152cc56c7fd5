"""Answers conv2d with an object that has any shape and no values."""

PLAIN = "full marks for conv2d_shape without a right answer"

BASE = "stub"
FIRST_CELL = """
class AnyShape(tuple):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None

class Shaped:
    shape, ndim, size, dtype = AnyShape(), 2, 1, np.dtype(float)
"""
ANSWERS = {
    "conv2d": """
def conv2d(inpt, kernel, stride):
    if stride < 1 or inpt.shape[2] != kernel.shape[2]:
        raise ValueError
    if kernel.shape[0] > inpt.shape[0] or kernel.shape[1] > inpt.shape[1]:
        raise ValueError
    return Shaped()
""",
}
