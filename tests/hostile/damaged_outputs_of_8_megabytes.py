"""Has 8 MB of pictures stored in its outputs; all answers are right."""

import base64

import nbformat.v4

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    picture = base64.b64encode(bytes(range(256)) * 3000).decode()
    for cell in [cell for cell in nb.cells if cell.cell_type == "code"][:8]:
        cell.outputs = [nbformat.v4.new_output("display_data", data={"image/png": picture})]
    return nb
