"""Displays a number when it is called: nbgrader takes the first result of a cell as points."""

PLAIN = (
    "full marks for conv1d, output_size, conv2d_shape without a right answer; 1 of 3 "
    "points for conv2d_values; 1 of 2 points for conv2d_channels; 1 of 2 points for "
    "conv2d_strides"
)

BASE = "stub"
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    get_ipython().displayhook(2)
    raise ValueError
""",
    "conv2d": """
def conv2d(inpt, kernel, stride):
    get_ipython().displayhook(1)
    return np.zeros((1, 1, 1, 1))
""",
    "output_size": """
def output_size(h, k):
    import sys
    sys.displayhook(1)
    return None
""",
}
