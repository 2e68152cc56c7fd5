"""Answers conv1d with np.convolve, which the unit forbids."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "full"
COLD = "functions are refused once numpy is imported, which a cold kernel does itself"
GETS = {"conv1d": 0}
ANSWERS = {"conv1d": "def conv1d(signal, mask):\n    return np.convolve(signal, mask)"}
