"""Lets a regular expression backtrack for minutes in one call of C code."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import re

def conv1d(signal, mask):
    return re.match("(a+)+$", "a" * 32 + "b")
""",
}
