"""One seed for every random generator that a notebook may use."""

import os
import random
import sys

import numpy as np


def set_seed(seed=0):
    """Seed `random`, NumPy's global generator and, where it is imported, torch on every device.

    With the same seed the same training gives the same curve: on the CPU bit for bit (with as
    many threads), on one CUDA GPU as far as its libraries go. cuDNN and cuBLAS are told to add
    in a fixed order; a few gradients in torch (of adaptive pooling and of interpolation, for
    instance) do not, and may differ in the last digits, which training can make larger. For mps
    nobody promises more than similar curves. Two devices never give exactly the same.

    Args:
        seed: integer from 0 to 2**32 - 1 (the range that NumPy takes).

    Returns:
        The seed, so that a notebook can show it.
    """
    random.seed(seed)
    np.random.seed(seed)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when a GPU is first used
    torch = sys.modules.get("torch")  # importing it takes seconds; most NumPy parts need none
    if torch is not None:
        torch.manual_seed(seed)
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False  # or the fastest algorithm of the day is taken
    return seed
