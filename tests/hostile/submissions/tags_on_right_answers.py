"""Tags its right solution cells skip-execution and exploration, as a tool may do."""

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            cell.metadata["tags"] = ["skip-execution", "exploration", "remove-cell"]
    return nb
