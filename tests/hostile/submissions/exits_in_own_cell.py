"""Leaves an exit() in a cell of its own, after which the kernel ends a moment later."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
FIRST_CELL = "print('the setup is done')\nexit()"
