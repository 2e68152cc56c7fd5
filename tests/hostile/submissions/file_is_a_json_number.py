"""Hands in valid JSON that is one number with a hundred thousand digits."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return "9" * 100_000
