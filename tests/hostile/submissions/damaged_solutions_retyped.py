"""Has turned its right solution cells into markdown and raw cells."""

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    for number, cell in enumerate(nb.cells):
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.cell_type = ("markdown", "raw")[number % 2]
            del cell["outputs"], cell["execution_count"]
    return nb
