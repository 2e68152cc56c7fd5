"""Answers with callable objects that pretend to be functions of numpy."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = """
import types

class Pretending:
    __name__ = __qualname__ = "convolve"
    __module__ = "numpy"
    __wrapped__ = np.convolve
    __code__ = (lambda: None).__code__

    @property
    def __class__(self):
        return types.FunctionType

    def __call__(self, *arguments):
        return arguments[0]

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(np.convolve)

    def __repr__(self):
        return repr(np.convolve)
"""
ANSWERS = {
    "conv1d": "conv1d = Pretending()",
    "output_size": "output_size = Pretending()",
    "output_size_strided": "output_size_strided = type('f', (), {'__new__': lambda c, *a: a[0]})",
    "output_size_general": "import functools\noutput_size_general = functools.partial(max)",
    "conv2d": "conv2d = Pretending()",
    "conv2d_fast": "conv2d_fast = Pretending().__call__",
    "sobel_magnitude": "sobel_magnitude = Pretending()",
}
