"""Imports the hidden tests first and replaces each by a function that does nothing."""

PLAIN = "full marks for everything without a right answer"

BASE = "stub"
FIRST_CELL = """
try:
    from autograder.hidden import convolution as tests
except ImportError:
    import types

    tests = types.ModuleType("tests")

for name in dir(tests):
    if callable(getattr(tests, name)) and not name.startswith("__"):
        setattr(tests, name, lambda *arguments, **options: None)
"""
