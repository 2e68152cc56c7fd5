"""Binds names of builtins and of the tests in a cell of its own; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
sum = max = min = list = type = id = input = str = open = abs = 5
hidden = checks = core = call = expected = generator = time = "mine"
"""
