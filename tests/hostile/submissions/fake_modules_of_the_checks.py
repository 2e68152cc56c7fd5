"""Puts a stand-in for the shared comparisons into sys.modules."""

PLAIN = (
    "full marks for derivative_mask, conv1d, hand_convolved, hand_pooled and 9 more "
    "without a right answer"
)

BASE = "stub"
FIRST_CELL = """
import sys
import types

class Silent(types.ModuleType):
    CheckFailed = NotAttempted = TimedOut = WrongValues = type("Silent", (Exception,), {})

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "as_numbers":
            return lambda *arguments, **options: np.zeros(3)
        if name == "call":
            return lambda *arguments, **options: np.zeros((3, 3))
        return lambda *arguments, **options: None

import coursekit.checks

for name in ("core", "convolution"):
    silent = Silent(f"coursekit.checks.{name}")
    silent.MESSAGES = coursekit.checks.convolution.MESSAGES
    sys.modules[silent.__name__] = silent
    setattr(coursekit.checks, name, silent)
sys.modules.pop("autograder.hidden.convolution", None)
"""
