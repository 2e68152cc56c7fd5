"""Has all its right answers in one cell of its own and deleted everything else."""

import nbformat.v4

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    answers = [
        cell.source
        for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    ]
    setup = next(cell for cell in nb.cells if cell.id == "setup")
    sobel = next(cell for cell in nb.cells if cell.id == "sobel-kernels")
    source = "\n\n".join([sobel.source, *answers])
    nb.cells = [setup, nbformat.v4.new_code_cell(source, id="everything")]
    return nb
