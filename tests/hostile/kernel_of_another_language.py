"""Names R as its language and kernel; all answers are right Python."""

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    nb.metadata["kernelspec"] = {"display_name": "R", "language": "R", "name": "ir"}
    nb.metadata["language_info"] = {"name": "R", "file_extension": ".r"}
    return nb
