"""Forks in a cell and lets both kernels go on with the same sockets."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = """
import os
import threading

if os.fork() == 0:
    threading.Timer(240, os._exit, [0]).start()
"""
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    if os.fork():
        return None
    threading.Timer(60, os._exit, [0]).start()
    return np.zeros(len(signal) + len(mask) - 1)
""",
}
