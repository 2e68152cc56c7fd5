"""Opens files, pipes and sockets until no more can be had, and keeps them."""

PLAIN = "what it deserves"

BASE = "stub"
COLD = "a cold kernel sets its own limits, and starts with other descriptors"
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
