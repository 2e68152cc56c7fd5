"""Answers conv2d and conv2d_fast with torch, which the unit forbids."""

PLAIN = (
    "full marks for conv2d_shape, conv2d_values, conv2d_channels, conv2d_strides and 1 "
    "more without a right answer"
)

BASE = "stub"
FIRST_CELL = """
def by_torch(inpt, kernel, stride):
    import torch

    if stride < 1:
        raise ValueError
    image, taps = (torch.tensor(a.astype(float)).permute(2, 0, 1)[None] for a in (inpt, kernel))
    try:
        return torch.nn.functional.conv2d(image, taps, stride=int(stride))[0, 0].numpy()
    except RuntimeError:
        raise ValueError
"""
ANSWERS = {"conv2d": "conv2d = by_torch", "conv2d_fast": "conv2d_fast = by_torch"}
