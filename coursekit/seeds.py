"""One seed for every random generator that a notebook may use."""

import random
import sys

import numpy as np


def set_seed(seed=0):
    """Seed `random`, NumPy's global generator and, where it is imported, torch.

    Args:
        seed: integer from 0 to 2**32 - 1 (the range that NumPy takes).

    Returns:
        The seed, so that a notebook can show it.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch = sys.modules.get("torch")  # importing it takes seconds; most NumPy parts need none
    if torch is not None:
        torch.manual_seed(seed)
    return seed
