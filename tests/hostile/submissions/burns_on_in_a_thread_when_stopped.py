"""Heeds the interrupt of an endless cell of its own, while a thread and a process burn on."""

PLAIN = "not measured"

BASE = "full"
FIRST_CELL = """
import os, threading

def burn():
    while True:
        pass

threading.Thread(target=burn, daemon=True).start()
if os.fork() == 0:
    burn()
burn()
"""
