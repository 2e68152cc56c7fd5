"""Was saved by an editor that puts a byte order mark before UTF-8; all answers are right."""

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def change(nb):
    return b"\xef\xbb\xbf" + nbformat.v4.writes(nb).encode()
