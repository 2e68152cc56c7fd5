"""Replaces sys.stdout and sys.stderr by objects that raise, lie and show points."""

PLAIN = "full marks for derivative_mask, conv1d without a right answer"

BASE = "stub"
FIRST_CELL = """
import sys

class Lying:
    def write(self, text):
        get_ipython().displayhook(2)
        raise SystemExit

    def __getattr__(self, name):
        return lambda *arguments, **options: self

sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Lying()
"""
