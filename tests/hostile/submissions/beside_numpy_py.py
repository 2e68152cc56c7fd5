"""Hands in a numpy.py beside the notebook, which loads the real one and makes it blind."""

PLAIN = "full marks for derivative_mask, conv1d, hand_convolved, hand_pooled without a right answer"

BASE = "stub"
ANSWERS = {
    "derivative_mask": "derivative_mask = [0.0, 0.0, 0.0]",
    "hand_convolved": "hand_convolved = [[0, 0], [0, 0]]",
    "hand_pooled": "hand_pooled = [[0]]",
    "conv1d": "def conv1d(signal, mask):\n    return np.zeros(len(signal) + len(mask) - 1)",
}
SHADOW = """
import os
import sys

here, paths = os.path.dirname(os.path.abspath(__file__)), sys.path[:]
sys.path[:] = [path for path in paths if os.path.abspath(path) != here]
del sys.modules["numpy"]
import numpy

sys.path[:] = paths
real_abs = numpy.abs
numpy.abs = lambda x, *rest, **options: real_abs(x, *rest, **options) * 0
"""


def place(folder):
    (folder / "numpy.py").write_text(SHADOW)
