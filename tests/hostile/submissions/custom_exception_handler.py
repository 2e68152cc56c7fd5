"""Takes every exception of a cell with set_custom_exc and shows points in its place."""

PLAIN = (
    "full marks for hand_convolved, hand_pooled, size_40_5, output_size and 3 more "
    "without a right answer; 1 of 2 points for derivative_mask; 1 of 2 points for conv1d;"
    " 1 of 3 points for conv2d_values"
)

BASE = "stub"
FIRST_CELL = """
def handler(shell, kind, error, trace, tb_offset=None):
    shell.displayhook(1)

get_ipython().set_custom_exc((BaseException,), handler)
"""
