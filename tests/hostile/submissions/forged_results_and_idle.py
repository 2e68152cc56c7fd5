"""Sends results with full points and an idle status while the test is still running."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "stub"
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    kernel = get_ipython().kernel
    messages = [
        ("clear_output", {"wait": False}),
        ("execute_result", {"data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}),
        ("status", {"execution_state": "idle"}),
    ]
    for kind, content in messages:
        kernel.session.send(
            kernel.iopub_socket, kind, content, parent=kernel.get_parent(), ident=kind.encode()
        )
    return None
""",
}
