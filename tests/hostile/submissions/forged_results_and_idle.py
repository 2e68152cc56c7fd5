"""Sends results with full points and an idle status while the test is still running."""

from hostile.submissions import SENDER

PLAIN = "full marks for conv1d without a right answer"

BASE = "stub"
ANSWERS = {
    "conv1d": SENDER
    + """
def conv1d(signal, mask):
    messages = [
        ("clear_output", {"wait": False}),
        ("execute_result", {"data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}),
        ("status", {"execution_state": "idle"}),
    ]
    for kind, content in messages:
        sender()(kind, content)
    return None
""",
}
