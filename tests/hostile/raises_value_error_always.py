"""Raises ValueError for every input, good or bad."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {
    "conv1d": 0,
    "conv2d_shape": 0,
    "conv2d_values": 0,
    "conv2d_channels": 0,
    "conv2d_strides": 0,
    "sobel_magnitude": 0,
}
ANSWERS = {
    "conv1d": "def conv1d(signal, mask):\n    raise ValueError('never')",
    "conv2d": "def conv2d(inpt, kernel, stride):\n    raise ValueError('never')",
}
