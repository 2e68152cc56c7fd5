"""Raises KeyboardInterrupt, as if the person who grades had stopped the batch."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0}
FIRST_CELL = "raise KeyboardInterrupt"
ANSWERS = {
    "conv1d": "def conv1d(signal, mask):\n    raise KeyboardInterrupt",
    "output_size": """
import os
import signal

def output_size(h, k):
    os.kill(os.getpid(), signal.SIGINT)
    return 0
""",
}
