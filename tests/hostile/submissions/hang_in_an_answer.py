"""Never comes back from a call."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import time

def conv1d(signal, mask):
    end = time.monotonic() + 600
    while time.monotonic() < end:
        pass
""",
}
