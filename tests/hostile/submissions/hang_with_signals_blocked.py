"""Sleeps in a call with every signal blocked."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import signal
import time

def conv1d(signal_, mask):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    time.sleep(600)
""",
}
