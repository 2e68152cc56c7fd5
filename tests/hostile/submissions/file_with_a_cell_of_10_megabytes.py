"""Hands in the stub with a cell of the student's own that holds 10 MB of source."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = "text = '''" + "hostile\n" * 1_250_000 + "'''"
