"""Leaves processes behind that ignore every signal they may and start others again."""

PLAIN = "leaves 3 processes running"

BASE = "full"
FIRST_CELL = r"""
import subprocess
import sys

STUBBORN = '''
import os, signal, sys, time  # hostile_survivor
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for _ in range(20):
    time.sleep(12)
    if os.fork():
        os._exit(0)
'''
for _ in range(3):
    subprocess.Popen([sys.executable, "-c", STUBBORN], start_new_session=True, close_fds=False)
"""
