"""Leaves a process behind that forked twice and has a session of its own."""

PLAIN = "leaves 1 processes running"

BASE = "full"
COLD = "a cold kernel's first process is another program, and ends its orphans in its own way"
FIRST_CELL = """
import os
import sys

sleeper = "import time; time.sleep(300)  # hostile_survivor"
child = os.fork()
if child == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.execv(sys.executable, [sys.executable, "-c", sleeper])
os.waitpid(child, 0)
"""
