"""Raises an error whose text and class name are scripts when a test calls it."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0, "hand_pooled": 0, "output_size": 0}
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    raise type("<script>alert('hostile')</script>", (Exception,), {})("<img src=x onerror=alert()>")
""",
    "hand_pooled": "hand_pooled = \"<script>alert('hostile')</script>\"",
    "output_size": """
def output_size(h, k):
    print("<script>alert('hostile')</script>")
    return type("<script>", (), {"__repr__": lambda self: "<script>alert('hostile')</script>"})()
""",
}
