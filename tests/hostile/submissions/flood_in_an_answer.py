"""Prints 100 MB when a test calls it."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    for _ in range(100_000):
        print("hostile " * 125)
    return None
""",
}
