"""Starts threads that go on for five minutes after the notebook's end."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
import threading
import time

def go_on():
    end = time.monotonic() + 300
    while time.monotonic() < end:
        time.sleep(0.05)

for _ in range(5):
    threading.Thread(target=go_on, daemon=False).start()
"""
