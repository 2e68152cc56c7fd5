"""Displays 300 pages of HTML of 1 MB each, in a cell of its own."""

PLAIN = "the grader needs 1.5 GB"

BASE = "full"
FIRST_CELL = """
from IPython.display import HTML, display

page = HTML("<p>hostile</p>" * 71_000)
for _ in range(300):
    display(page)
"""
