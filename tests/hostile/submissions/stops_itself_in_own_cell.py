"""Stops its kernel with SIGSTOP in a cell, while a child continues and stops it by turns."""

PLAIN = "not measured: nbgrader would wait for its timeout"

BASE = "full"
FIRST_CELL = """
import os
import signal
import time

kernel = os.getpid()
if os.fork() == 0:
    for _ in range(300):
        os.kill(kernel, signal.SIGSTOP)
        time.sleep(0.1)
        os.kill(kernel, signal.SIGCONT)
        time.sleep(0.1)
    os._exit(0)
os.kill(kernel, signal.SIGSTOP)
while True:
    time.sleep(1)
"""
