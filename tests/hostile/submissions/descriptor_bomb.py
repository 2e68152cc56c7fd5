"""Opens files, pipes and sockets until no more can be had, and keeps them."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = """
import os
import socket

kept = []
try:
    for _ in range(20_000):
        kept.append(os.open("/dev/null", os.O_RDONLY))
        kept += os.pipe()
        kept.append(socket.socketpair())
except OSError:
    pass
"""
