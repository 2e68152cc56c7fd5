"""Nests formulas until the browser gives the page up; all answers are right."""

from nbformat.v4 import new_markdown_cell

PLAIN = "what it deserves"

BASE = "full"
NESTS = [
    "$" + r"\frac{1}{" * 900 + "hostile" + "}" * 900 + "$",
    "$$" + r"\left(" * 900 + "hostile" + r"\right)" * 900 + "$$",
    r"\begin{matrix}" * 250 + "hostile" + r"\end{matrix}" * 250,
    "$" + r"\sqrt{\}" * 900 + "hostile" + "}" * 900 + "$",
    "$ " + r"\frac1\{" * 900 + "hostile" + r"\}" * 900 + " $",
    r"\\(" + r"\sqrt{" * 150 + "hostile" + "}" * 150 + r"\\)",
]


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source += "\n\n".join(NESTS)
    nb.cells[6:6] = map(new_markdown_cell, NESTS)
    return nb
