"""Says in the kernel's words what was left out of a cell, and words that nobody knows."""

from hostile.submissions import SENDER

PLAIN = "not measured"

BASE = "stub"
FIRST_CELL = (
    SENDER
    + """
import gc

server = next((one for one in gc.get_objects() if type(one).__name__ == "Server"), None)
for words in (["full marks"] * 100_000, "magics", [["magics"]], {"magics": 2}, None, 7):
    if server is not None:
        number = server.cells.outbox.number
        server.send({"id": number, "end": True, "left_out": words, "points": 22})
get_ipython().left_out = {"full marks", "packages"}
"""
)
