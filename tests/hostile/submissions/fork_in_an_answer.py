"""Forks in a called function; parent and child both come back with an answer."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import os
import threading

def conv1d(signal, mask):
    if os.fork() == 0:
        threading.Timer(60, os._exit, [0]).start()
        return np.zeros(len(signal) + len(mask) - 1)
    return np.ones(len(signal) + len(mask) - 1)
""",
}
