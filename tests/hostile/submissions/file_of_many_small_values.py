"""Hands in 12 MB of JSON that takes many times as much memory when it is read."""

import nbformat.v4

PLAIN = "hangs, stopped after 90 s; its neighbour gets 0 points; the grader needs 1.5 GB"

BASE = "stub"


def change(nb):
    nb.metadata["mark"] = "here"
    return nbformat.v4.writes(nb).replace('"here"', "[" + "[]," * 4_000_000 + "[]]")
