"""Has turned grade cells and checks into markdown and raw cells; all answers are right."""

PLAIN = (
    "no points for derivative_mask, conv1d, conv2d_shape, conv2d_values and 3 more, "
    "answered rightly"
)

BASE = "full"


def change(nb):
    for number, cell in enumerate(nb.cells):
        details = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and not details.get("solution"):
            cell.cell_type = ("markdown", "raw")[number % 2]
            del cell["outputs"], cell["execution_count"]
    return nb
