"""Answers with an array subclass whose operators and ufuncs find it equal to everything."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = """
class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        plain = [np.asarray(i).view(np.ndarray) for i in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        return result * 0 if ufunc in (np.subtract, np.absolute, np.greater) else result

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def astype(self, *arguments, **options):
        return self

def zeros(*shape):
    return np.zeros(shape).view(Agreeable)
"""
ANSWERS = {
    "derivative_mask": "derivative_mask = zeros(3)",
    "hand_convolved": "hand_convolved = zeros(2, 2)",
    "hand_pooled": "hand_pooled = zeros(1, 1)",
    "conv1d": "def conv1d(signal, mask):\n    return zeros(len(signal) + len(mask) - 1)",
    "sobel_magnitude": """
def sobel_magnitude(image):
    return zeros(image.shape[0] - 2, image.shape[1] - 2)
""",
}
