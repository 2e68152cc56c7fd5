"""Has 200 tiny cells of its own, each of which prints, waits and leaves a thread that prints."""

import nbformat.v4

PLAIN = "not measured"

BASE = "full"


def change(nb):
    """All of them at the end."""
    source = """
import threading, time
def go_on():
    for number in range(300):
        print(number)
        time.sleep(0.01)
threading.Thread(target=go_on, daemon=True).start()
time.sleep(0.05)
print("x" * 5000)
"""
    nb.cells += [nbformat.v4.new_code_cell(source) for _ in range(200)]
    return nb
