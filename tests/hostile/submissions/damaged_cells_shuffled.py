"""Has its cells in another order; all answers are right."""

import random

PLAIN = (
    "no points for derivative_mask, conv1d, hand_convolved, size_40_5 and 6 more, answered rightly"
)

BASE = "full"


def change(nb):
    random.Random(1).shuffle(nb.cells)
    return nb
