"""Hands in the bytes of a picture with the notebook's name."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100
