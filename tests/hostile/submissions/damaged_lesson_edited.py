"""Has broken the setup and the lesson's cells by edits; all answers are right."""

PLAIN = (
    "no points for derivative_mask, conv1d, conv2d_shape, conv2d_values and 3 more, "
    "answered rightly"
)

BASE = "full"


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            cell.source = "def broken(:\n" + cell.source
    return nb
