"""Stops its own process with SIGSTOP, in a cell of its own."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
FIRST_CELL = """
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
"""
