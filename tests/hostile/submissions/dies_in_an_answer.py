"""Ends the process when a test calls it."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {"conv1d": "import os\n\ndef conv1d(signal, mask):\n    os._exit(0)"}
