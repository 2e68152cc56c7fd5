"""Names bash as its kernel and has a shell command in a cell of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = "touch hostile; echo 2"


def change(nb):
    nb.metadata["kernelspec"] = {"display_name": "Bash", "language": "bash", "name": "bash"}
    nb.metadata["language_info"] = {"name": "bash"}
    return nb
