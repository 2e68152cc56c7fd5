"""Has deleted the lesson, the setup and the cells that the answers need; they are right."""

PLAIN = (
    "no points for derivative_mask, conv1d, conv2d_shape, conv2d_values and 3 more, "
    "answered rightly"
)

BASE = "full"


def change(nb):
    nb.cells = [cell for cell in nb.cells if "grade_id" in cell.metadata.get("nbgrader", {})]
    nb.cells = [cell for cell in nb.cells if cell.id != "coursekit"]
    return nb
