"""Random weights and inputs for the nets that hidden tests run an answer on."""

import numpy as np
import torch

BATCHES_SEEN = 3  # what a normalisation has counted; its statistics are random, too


def random_state(rng, shapes, spread=0.5, gain=1.0):
    """Return {key: float32 tensor} for the entries of a state_dict.

    Weights have He's scale, so that a ReLU cuts off about half of all units; scales and variances
    of a normalisation are between 0.5 and 1.5.

    Args:
        shapes: {key: shape}, drawn in this order.
        spread: standard deviation of biases and running means.
        gain: factor for the weights; with 3 the losses differ much from sample to sample.
    """
    return {key: _random_entry(rng, key, shape, spread, gain) for key, shape in shapes.items()}


def _random_entry(rng, key, shape, spread, gain):
    part = key.rpartition(".")[2]
    if part == "num_batches_tracked":
        return torch.tensor(BATCHES_SEEN)
    if len(shape) > 1:
        numbers = rng.normal(0, gain * np.sqrt(2 / np.prod(shape[1:])), size=shape)
    elif part in ("weight", "running_var"):
        numbers = rng.uniform(0.5, 1.5, size=shape)
    else:
        numbers = rng.normal(0, spread, size=shape)
    return torch.tensor(numbers, dtype=torch.float32)


def random_input(rng, *shape):
    """A float32 tensor of this shape from the standard normal distribution."""
    return torch.tensor(rng.normal(size=shape), dtype=torch.float32)
