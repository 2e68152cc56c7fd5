"""Raises exceptions whose text, repr and traceback run code, end the process or raise again."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {
    "conv1d": 0,
    "output_size": 0,
    "output_size_strided": 0,
    "output_size_general": 0,
    "conv2d_fast": 0,
}
FIRST_CELL = """
def acting(**names):
    return type("Acting", (Exception,), names)

def leave(*arguments):
    raise SystemExit(0)

def show_points(*arguments):
    get_ipython().displayhook(2)
    return ["2"]
"""
ANSWERS = {
    "conv1d": """
Leaving = acting(__str__=leave, __repr__=leave)

def conv1d(signal, mask):
    raise Leaving
""",
    "output_size": """
Rendered = acting(_render_traceback_=show_points)

def output_size(h, k):
    raise Rendered
""",
    "output_size_strided": """
Numbered = acting(__str__=lambda self: 5, _render_traceback_=lambda self: 5)

def output_size_strided(h, k, s):
    raise Numbered
""",
    "output_size_general": """
Broken = acting(__class__=property(leave), __traceback__=property(leave), args=property(leave))

def output_size_general(h, k, s, p, d):
    raise Broken
""",
    "conv2d_fast": """
def conv2d_fast(inpt, kernel, stride):
    raise ValueError("\\ud800" * 10 + "x" * 10_000_000)
""",
}
