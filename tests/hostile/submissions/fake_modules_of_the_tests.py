"""Puts hidden tests that agree with everything into sys.modules."""

PLAIN = "full marks for everything without a right answer"

BASE = "stub"
FIRST_CELL = """
import sys
import types

class Agreeable(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **options: None

package, hidden, tests = map(
    Agreeable, ["autograder", "autograder.hidden", "autograder.hidden.convolution"]
)
package.hidden, hidden.convolution = hidden, tests
for module in (package, hidden, tests):
    sys.modules[module.__name__] = module
"""
