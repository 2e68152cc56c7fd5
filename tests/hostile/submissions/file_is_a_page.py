"""Hands in a web page with the notebook's name."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    return "<!DOCTYPE html><html><body><script>alert('hostile')</script></body></html>"
