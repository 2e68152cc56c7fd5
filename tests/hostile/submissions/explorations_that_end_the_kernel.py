"""Lets lesson cells that its code asks for hang or end the kernel; all answers are right."""

PLAIN = "not measured"

BASE = "full"
FIRST_CELL = """
import os, time

def dies(*_, **__):
    os.kill(os.getpid(), 9)

def hangs(*_, **__):
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

photos.color, photos.gray = dies, hangs
"""
LAST_CELL = "print(red, blue, coffee, camera, edges, thin, smooth, slope)"
