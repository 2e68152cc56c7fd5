"""Asks for an array of 40 petabytes and a list of a trillion items."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0}
ANSWERS = {
    "conv1d": "def conv1d(signal, mask):\n    return np.zeros((10**5, 10**5, 10**5, 5))",
    "output_size": "def output_size(h, k):\n    return [0] * 10**12",
}
