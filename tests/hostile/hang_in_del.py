"""Returns wrong objects whose removal takes minutes."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {
    "conv1d": """
import time

class Clinging:
    def __del__(self):
        end = time.monotonic() + 600
        while time.monotonic() < end:
            try:
                time.sleep(1)
            except BaseException:
                pass

def conv1d(signal, mask):
    Clinging()
    return None
""",
}
