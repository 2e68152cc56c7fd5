"""Has 60 tiny cells of its own; each ends the kernel, so that a new one runs what was before."""

import nbformat.v4

PLAIN = "not measured: nbgrader would stop at the first"

BASE = "stub"


def change(nb):
    """All of them at the end."""
    cells = [nbformat.v4.new_code_cell(f"import os\nos._exit({n % 3})") for n in range(60)]
    nb.cells += cells
    return nb
