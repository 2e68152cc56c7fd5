"""Puts links to the course, to the system and to itself beside a right notebook."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def place(folder):
    (folder / "course").symlink_to("../../../../notebooks")
    (folder / "loop").symlink_to(".")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "broken").symlink_to("no/such/file")
    (folder / "gradebook.db").symlink_to("../../../gradebook.db")
