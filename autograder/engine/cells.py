"""What the cells of a unit's notebook say of themselves in their metadata."""

from nbformat import NotebookNode

EXPLORATION = "exploration"  # tag of cells that only a person looks at


def is_exploration(cell: NotebookNode) -> bool:
    """Whether grading leaves this cell out: pictures, widgets, comparisons with a library."""
    return EXPLORATION in cell.metadata.get("tags", [])


def question_points(notebook: NotebookNode) -> dict[str, float]:
    """{question: points}, in the order of the notebook; what a person grades among them."""
    details = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {one["grade_id"]: float(one["points"]) for one in details if one.get("grade")}
