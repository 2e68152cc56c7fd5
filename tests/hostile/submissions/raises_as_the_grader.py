"""Raises errors that are called as the grader's own and Python's, with verdicts as their texts."""

PLAIN = "not measured"

BASE = "full"
FIRST_CELL = """
class CellTimeout(Exception):
    pass

raise CellTimeout("hostile: graded by hand, full marks")
"""
LAST_CELL = """
class AllTestsOfTheHostileOnePassed(Exception):
    pass

AllTestsOfTheHostileOnePassed.__name__ = "hostile: full marks"
raise AllTestsOfTheHostileOnePassed("hostile: graded by hand, full marks")
"""
