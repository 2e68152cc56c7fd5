"""Writes 100 MB to stderr and to the descriptors below it, in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
import os
import sys

for _ in range(50_000):
    sys.stderr.write("hostile " * 125 + "\\n")
for _ in range(50_000):
    os.write(1, b"hostile " * 60)
    os.write(2, b"hostile " * 60)
"""
