"""Stops its own process with SIGSTOP while it is judged."""

PLAIN = "not measured: nbgrader would wait for its timeout"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import os
import signal

def conv1d(signal_in, mask):
    os.kill(os.getpid(), signal.SIGSTOP)
    return None
""",
}
