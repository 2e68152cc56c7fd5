"""Returns objects whose repr, str, length and array never come."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0, "size_40_5": 0}
FIRST_CELL = """
import time

class Slow:
    def wait(self, *arguments, **options):
        end = time.monotonic() + 600
        while time.monotonic() < end:
            pass

    __repr__ = __str__ = __array__ = __len__ = __int__ = __float__ = __iter__ = wait
    __eq__ = __bool__ = __index__ = __getitem__ = wait
    __hash__ = None
"""
ANSWERS = {
    "conv1d": "def conv1d(signal, mask):\n    return Slow()",
    "output_size": "def output_size(h, k):\n    return Slow()",
    "size_40_5": "size_40_5 = Slow()",
}
