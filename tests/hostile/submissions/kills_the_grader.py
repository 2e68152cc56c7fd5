"""Sends SIGTERM to its parent where that is a grader, in a cell of its own."""

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 points"

BASE = "full"
COLD = "a cold kernel has another parent"
FIRST_CELL = r"""
import os
import signal

def grader_is_the_parent():
    try:
        command = open(f"/proc/{os.getppid()}/cmdline").read()
    except OSError:
        return False
    return any(word in command for word in ("nbgrader", "autograder", "pytest", "bwrap"))

if grader_is_the_parent():
    os.kill(os.getppid(), signal.SIGTERM)
"""
