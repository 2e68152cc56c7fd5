"""Returns one array every time and changes it afterwards from a thread."""

PLAIN = "what it deserves"

BASE = "stub"
ANSWERS = {
    "conv1d": """
import threading
import time

kept = []

def stir():
    for _ in range(3000):
        for array in kept:
            array += 1
        time.sleep(0.01)

threading.Thread(target=stir, daemon=True).start()

def conv1d(signal, mask):
    kept[:] = [np.zeros(len(signal) + len(mask) - 1)]
    return kept[0]
""",
}
