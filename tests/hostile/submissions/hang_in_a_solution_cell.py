"""Never ends a solution cell, so that its answer is never bound."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import time

end = time.monotonic() + 600
while time.monotonic() < end:
    pass

def conv1d(signal, mask):
    return np.convolve(signal, mask)
""",
}
