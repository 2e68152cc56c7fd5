"""Replaces the library that the expected values come from by the student's own wrong one."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "stub"
FIRST_CELL = """
def wrong(a, v, mode="full"):
    return np.zeros(len(a) + len(v) - 1)

np.convolve = wrong
"""
ANSWERS = {"conv1d": "conv1d = wrong"}
