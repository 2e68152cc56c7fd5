"""Leaves a child that holds copies of every descriptor of the kernel, output pipes included."""

PLAIN = "leaves 1 processes running"

BASE = "full"
COLD = "a cold kernel has other descriptors, and other processes that wait for them"
FIRST_CELL = """
import os
import time

if os.fork() == 0:
    os.setsid()
    time.sleep(240)
    os._exit(0)
"""
