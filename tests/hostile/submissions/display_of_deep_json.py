"""Displays JSON nested a few thousand deep and mime types that don't exist."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
from IPython.display import display

deep = {}
for _ in range(900):
    deep = {"a": [deep]}
publish = get_ipython().display_pub.publish
for data in ({"application/json": deep}, {"application/vnd.hostile+json": deep},
             {"text/plain": deep}, {"text/html": ["<b>"] * 1000}, {"": ""}, {"x" * 100_000: "x"}):
    try:
        publish(data, metadata=deep)
    except Exception:
        pass
"""
