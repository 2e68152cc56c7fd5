"""Asks for input and a password, in a cell of its own and when a test calls it."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
FIRST_CELL = """
import getpass

name = input("Your name? ")
word = getpass.getpass()
"""
ANSWERS = {
    "conv1d": """
import sys

def conv1d(signal, mask):
    return [float(n) for n in (input("The result? ") or sys.stdin.readline()).split()]
""",
}
