"""Returns generators and sequences that go on for a very long time."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0, "output_size_strided": 0, "output_size_general": 0}
ANSWERS = {
    "conv1d": """
class Long:
    def __len__(self):
        return 30_000_000

    def __getitem__(self, place):
        return 0.0

def conv1d(signal, mask):
    return Long()
""",
    "output_size": """
import itertools

def output_size(h, k):
    return itertools.count()
""",
    "output_size_strided": """
def output_size_strided(h, k, s):
    return range(10**15)
""",
    "output_size_general": """
def output_size_general(h, k, s, p, d):
    return 1 << 100_000_000
""",
}
