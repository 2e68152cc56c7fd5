"""Lets a child do the slow work of conv2d_fast, which is gone before its time is counted."""

from hostile.submissions import SLOW

PLAIN = "nothing"

BASE = "stub"
ANSWERS = {
    "conv2d_fast": """
import os, pickle, signal, time

def conv2d_fast(inpt, kernel, stride):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for it, nobody adds it up
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        with os.fdopen(writer, 'wb') as file:
            file.write(pickle.dumps(slow(inpt, kernel, stride)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as file:
        result = pickle.loads(file.read())
    time.sleep(0.001)
    return result
"""
    + SLOW,
}
