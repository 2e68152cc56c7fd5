"""Starts a thousand threads that sleep for a minute, in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
import threading
import time

for _ in range(1000):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
