"""Writes 300 MB into the current folder and ten thousand empty files, in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
import os

os.makedirs("bomb", exist_ok=True)
for number in range(10_000):
    open(f"bomb/{number}", "w").close()
with open("bomb/large", "wb") as file:
    for _ in range(300):
        file.write(b"x" * 1_000_000)
"""
