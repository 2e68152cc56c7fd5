"""Opens thousands of comms and sends 100 MB through them, in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
from comm import create_comm

for number in range(2000):
    one = create_comm(target_name=f"hostile_{number}", data={"x": "y" * 1000})
    one.send({"x": "y" * 50_000}, buffers=[b"z" * 1000])
"""
