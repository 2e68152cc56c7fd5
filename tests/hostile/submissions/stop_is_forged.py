"""Raises what the grader writes under a cell that it stopped, and hides where it was interrupted.

It gains no time and no second run: whether a cell was stopped is known outside.
"""

PLAIN = "not measured"

BASE = "stub"
FIRST_CELL = """
class CellTimeout(Exception):
    pass

shell = get_ipython()
shell.reached = -1
shell.source = "x" * 1000
raise CellTimeout("stopped after 20 s of computing")
"""
