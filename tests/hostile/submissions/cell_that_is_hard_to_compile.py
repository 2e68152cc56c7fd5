"""Hands in cells of its own that take the parser and the compiler to their limits."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = "x = " + "(" * 3000 + ")" * 3000
LAST_CELL = "y = " + "+".join(["1"] * 30_000) + "\nz = " + "-" * 5000 + "1"
