"""Stores outputs with scripts in every mime type; all answers are right."""

import nbformat.v4

PLAIN = "what it deserves"

BASE = "full"
SCRIPT = "<script>alert('hostile')</script>"
DATA = {
    "text/html": SCRIPT,
    "image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>",
    "application/javascript": "alert('hostile')",
    "text/markdown": SCRIPT,
    "text/latex": "$\\href{javascript:alert('hostile')}{x}$",
    "application/vnd.jupyter.widget-view+json": {"model_id": SCRIPT},
    "image/png": "\"><script>alert('hostile')</script>",
}


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            kinds = [{kind: text} for kind, text in DATA.items()]
            cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in kinds]
            cell.outputs.append(nbformat.v4.new_output("stream", text=SCRIPT))
            error = {"ename": SCRIPT, "evalue": SCRIPT, "traceback": [SCRIPT]}
            cell.outputs.append(nbformat.v4.new_output("error", **error))
    nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": SCRIPT}}
    return nb
