"""Fills /dev/shm and /tmp with 300 MB, in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
import os

for folder in ("/dev/shm", "/tmp"):
    for number in range(3):
        with open(os.path.join(folder, f"hostile_{number}"), "wb") as file:
            for _ in range(50):
                file.write(b"x" * 1_000_000)
"""
