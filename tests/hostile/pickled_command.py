"""Answers with objects that would run code wherever they are unpickled or deep-copied."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = """
class Command:
    def __reduce__(self):
        return eval, ("open('hostile_unpickled', 'a').write('x') and 36",)

    def __deepcopy__(self, memo):
        return 36

    __copy__ = copy = __deepcopy__
"""
ANSWERS = {
    "size_40_5": "size_40_5 = Command()",
    "hand_pooled": "hand_pooled = np.array([[Command()]], dtype=object)",
    "conv1d": "def conv1d(signal, mask):\n    return Command()",
    "output_size": "def output_size(h, k):\n    return Command()",
}
