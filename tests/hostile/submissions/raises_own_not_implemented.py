"""Raises an exception of its own that is called NotImplementedError."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0}
ANSWERS = {
    "conv1d": """
class NotImplementedError(Exception):
    pass

def conv1d(signal, mask):
    raise NotImplementedError(2)
""",
    "output_size": """
class CheckFailed(Exception):
    def _render_traceback_(self):
        return ["passed"]

def output_size(h, k):
    raise CheckFailed("public checks passed")
""",
}
