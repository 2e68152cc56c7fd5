"""Raises BaseException classes and groups that no `except Exception` takes."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0, "output_size_strided": 0}
ANSWERS = {
    "conv1d": """
class Last(BaseException):
    pass

def conv1d(signal, mask):
    raise Last
""",
    "output_size": """
import asyncio

def output_size(h, k):
    raise asyncio.CancelledError
""",
    "output_size_strided": """
import builtins

def output_size_strided(h, k, s):
    group = getattr(builtins, "BaseExceptionGroup", None)
    raise group("many", [SystemExit(0), KeyboardInterrupt()]) if group else SystemExit(0)
""",
}
