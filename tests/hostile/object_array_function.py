"""Answers with an object whose __array_function__ decides what numpy's functions return."""

PLAIN = "full marks for conv2d_shape without a right answer"

BASE = "stub"
FIRST_CELL = """
class Anything:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

class Deciding:
    def __array_function__(self, function, types, arguments, options):
        return Anything()

    def __array_ufunc__(self, *arguments, **options):
        return np.zeros(())
"""
ANSWERS = {
    "conv2d": """
def conv2d(inpt, kernel, stride):
    if stride < 1 or inpt.shape[2] != kernel.shape[2]:
        raise ValueError
    if kernel.shape[0] > inpt.shape[0] or kernel.shape[1] > inpt.shape[1]:
        raise ValueError
    return Deciding()
""",
    "conv1d": "def conv1d(signal, mask):\n    return Deciding()",
    "hand_pooled": "hand_pooled = Deciding()",
}
