"""Attaches pictures that are pages and scripts to markdown cells; all answers are right."""

import base64

PLAIN = "what it deserves"

BASE = "full"
PAGE = base64.b64encode(b"<script>alert('hostile')</script>").decode()


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell["attachments"] = {
                "a.png": {"text/html": PAGE, "image/svg+xml": PAGE},
                "\"><script>alert('hostile')</script>": {"image/png": PAGE},
            }
            if not cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source += "\n\n![a](attachment:a.png)\n"
    return nb
