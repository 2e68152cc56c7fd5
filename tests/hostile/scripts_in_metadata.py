"""Puts scripts into ids, tags, titles and names of the notebook; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"
SCRIPT = "\"><script>alert('hostile')</script>"


def change(nb):
    nb.metadata["title"] = SCRIPT
    nb.metadata["authors"] = [{"name": SCRIPT}]
    nb.metadata["kernelspec"]["display_name"] = SCRIPT
    nb.metadata["language_info"]["pygments_lexer"] = SCRIPT
    nb.metadata["language_info"]["mimetype"] = SCRIPT
    for number, cell in enumerate(nb.cells):
        if "nbgrader" not in cell.metadata:
            cell.metadata["tags"] = [SCRIPT, f"{number}"]
            cell.metadata["name"] = SCRIPT
            cell.metadata["slideshow"] = {"slide_type": SCRIPT}
    return nb
