"""Leaves errors, typing mistakes and unfinished cells of its own; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = "1 / 0\nundefined_name\n"
LAST_CELL = "for i in range(3)\n    print(i"
