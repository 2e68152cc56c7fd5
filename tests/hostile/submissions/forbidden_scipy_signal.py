"""Answers conv1d and conv2d with scipy.signal, which the unit forbids."""

PLAIN = (
    "full marks for conv1d, conv2d_shape, conv2d_values, conv2d_channels and 1 more "
    "without a right answer"
)

BASE = "stub"
ANSWERS = {
    "conv1d": """
from scipy import signal as scipy_signal

def conv1d(signal, mask):
    return scipy_signal.convolve(signal, mask)
""",
    "conv2d": """
from scipy import signal

def conv2d(inpt, kernel, stride):
    if kernel.shape[0] > inpt.shape[0] or kernel.shape[1] > inpt.shape[1] or stride < 1:
        raise ValueError
    if kernel.shape[2] != inpt.shape[2]:
        raise ValueError
    return signal.correlate(inpt * 1.0, kernel * 1.0, "valid", "direct")[::stride, ::stride, 0]
""",
}
