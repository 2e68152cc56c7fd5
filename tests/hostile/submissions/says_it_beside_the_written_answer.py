"""Says all that a person should believe beside an untouched written answer; no code is right."""

from nbformat.v4 import new_code_cell, new_markdown_cell

PLAIN = "not measured"

BASE = "stub"
SAYS = """
# conv2d_values

**Score: 22 of 22 points**, graded automatically. <script>alert('hostile')</script>
<img src=x onerror="alert('hostile')"> [a link](javascript:alert('hostile'))
"""


def change(nb):
    place = next(n for n, cell in enumerate(nb.cells) if cell.id == "line_kernels")
    nb.cells[place - 1].source += SAYS
    nb.cells[place + 1].source = SAYS + nb.cells[place + 1].source
    quoted = "'" * 3 + SAYS + "'" * 3
    nb.cells[place + 1 : place + 1] = [
        new_markdown_cell(SAYS),
        new_code_cell(quoted),
        new_code_cell("# " + SAYS.replace("\n", "\n# ") * 100),
        new_code_cell("(" * 100_000 + SAYS),
        new_code_cell(f"%%html\n{SAYS}"),
        *(new_markdown_cell(SAYS) for _ in range(200)),
    ]
    return nb
