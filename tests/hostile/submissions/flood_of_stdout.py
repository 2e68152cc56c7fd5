"""Prints 200 MB in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
line = "hostile " * 125
for _ in range(200_000):
    print(line)
"""
