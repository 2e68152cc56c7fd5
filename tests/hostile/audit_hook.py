"""Raises from an audit hook, which can't be removed, at every import and every file opened."""

PLAIN = "not graded, an error ends its grading"

BASE = "stub"
FIRST_CELL = """
import sys

def hook(event, arguments):
    if event in ("import", "open", "compile") and "hidden" in str(arguments):
        raise SystemExit(0)

sys.addaudithook(hook)
"""
