"""Takes 4 GB in twenty children, each of which stays small."""

PLAIN = "what it deserves"

BASE = "full"
COLD = "the memory of a cold kernel is summed up below another process"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import os
import time

started = []

def conv1d(signal, mask):
    if not started:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                block = bytearray(b"x") * 200_000_000
                time.sleep(30)
                os._exit(0)
            started.append(child)
        time.sleep(4)
    return None
""",
}
