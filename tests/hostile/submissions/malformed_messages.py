"""Sends messages of every kind with contents that no front end expects, in a cell of its own."""

from hostile.submissions import SENDER

PLAIN = "not graded, an error ends its grading"

BASE = "full"
FIRST_CELL = f"""{SENDER}
send = sender()
contents = [None, [], "text", 5, {{"data": 5}}, {{"data": {{"text/plain": {{"a": []}}}}}},
            {{"name": 7, "text": ["x"]}}, {{"execution_state": ["busy"]}}, {{"traceback": "x"}},
            {{"comm_id": 5, "data": None}}, {{"data": {{"text/html": None}}, "transient": 3}}]
kinds = ["stream", "display_data", "update_display_data", "execute_result", "error", "status",
         "clear_output", "comm_open", "comm_msg", "comm_close", "no_such_message", ""]
for kind in kinds:
    for content in contents:
        try:
            send(kind, content)
        except Exception:
            pass
"""
