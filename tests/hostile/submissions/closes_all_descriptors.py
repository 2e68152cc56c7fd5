"""Closes every descriptor of the process but the first three, in a cell of its own."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
COLD = "a cold kernel has other descriptors"
FIRST_CELL = """
import os

os.closerange(3, 4096)
"""
