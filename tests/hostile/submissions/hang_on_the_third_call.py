"""Answers rightly twice and never comes back from the third call."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import time

calls = []

def conv1d(signal, mask):
    calls.append(1)
    end = time.monotonic() + 600
    while len(calls) > 2 and time.monotonic() < end:
        pass
    out = np.zeros(len(signal) + len(mask) - 1)
    for k, tap in enumerate(mask):
        out[k : k + len(signal)] += tap * signal
    return out
""",
}
