"""Replaces the display hooks, so that every cell ends with points and none with an error."""

from hostile.submissions import SENDER

PLAIN = (
    "full marks for hand_convolved, hand_pooled, size_40_5, output_size and 3 more "
    "without a right answer; 1 of 2 points for derivative_mask; 1 of 2 points for conv1d;"
    " 1 of 3 points for conv2d_values"
)

BASE = "stub"
FIRST_CELL = f"""{SENDER}
import sys

def points(*arguments, **options):
    content = {{"data": {{"text/plain": "1"}}, "metadata": {{}}, "execution_count": 1}}
    sender()("execute_result", content)

sys.displayhook = points
get_ipython().events.register("pre_run_cell", points)
"""
