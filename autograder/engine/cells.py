"""What the cells of a unit's notebook say of themselves in their metadata.

The predicates are nbgrader's (`nbgrader.utils`), which takes half a second to import: every
process that grades would pay for it, and needs nothing else of nbgrader.
"""

from nbformat import NotebookNode

EXPLORATION = "exploration"  # tag of cells that only a person looks at
PRINTED = "printed"  # in the metadata of a grade cell's output: an answer printed it


def is_exploration(cell: NotebookNode) -> bool:
    """Whether grading leaves this cell out: pictures, widgets, comparisons with a library."""
    return EXPLORATION in cell.metadata.get("tags", [])


def is_grade(cell: NotebookNode) -> bool:
    """Whether points are given for this cell."""
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def is_solution(cell: NotebookNode) -> bool:
    """Whether students write in this cell."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def is_task(cell: NotebookNode) -> bool:
    """Whether this cell describes a task that a person grades."""
    return cell.metadata.get("nbgrader", {}).get("task", False)


def question_points(notebook: NotebookNode) -> dict[str, float]:
    """{question: points}, in the order of the notebook; what a person grades among them."""
    details = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {one["grade_id"]: float(one["points"]) for one in details if one.get("grade")}
