"""Hands in the untouched stub with 25 MB of stored output."""

import nbformat.v4

PLAIN = "what it deserves"

BASE = "stub"


def change(nb):
    cell = next(cell for cell in nb.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text="TEXT-OF-THE-OUTPUT")]
    return nbformat.v4.writes(nb).replace("TEXT-OF-THE-OUTPUT", "hostile\\n" * 2_800_000)
