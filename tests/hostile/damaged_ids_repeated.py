"""Has the same id in every cell; all answers are right."""

import json

import nbformat.v4

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    for cell in plain["cells"]:
        cell["id"] = "same"
    return json.dumps(plain)
