"""Takes np.convolve under another name in a cell of its own and answers with that."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "full"
GETS = {"conv1d": 0}
FIRST_CELL = "from numpy import convolve as fold\n\nkept = [fold]"
ANSWERS = {"conv1d": "def conv1d(signal, mask):\n    return kept[0](signal, mask)"}
