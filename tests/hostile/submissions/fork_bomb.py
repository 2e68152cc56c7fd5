"""Starts 300 children that sleep for a minute, in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
COLD = "the processes of a cold kernel are counted below another one"
FIRST_CELL = """
import os
import time

for _ in range(300):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
"""
