"""Returns lists nested a hundred thousand deep."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0}
ANSWERS = {
    "conv1d": """
def deep(depth):
    out = []
    for _ in range(depth):
        out = [out]
    return out

def conv1d(signal, mask):
    return deep(100_000)
""",
    "output_size": "def output_size(h, k):\n    return {'a': deep(900)}",
}
