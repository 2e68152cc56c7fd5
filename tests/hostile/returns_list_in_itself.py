"""Returns a list that holds itself, and an array that does."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "hand_pooled": 0}
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    out = [0.0]
    out.append(out)
    return out
""",
    "hand_pooled": """
hand_pooled = np.empty((1, 1), object)
hand_pooled[0, 0] = hand_pooled
""",
}
