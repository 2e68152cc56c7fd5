"""Claims nbformat 99; all answers are right."""

import json

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def change(nb):
    return json.dumps(json.loads(nbformat.v4.writes(nb)) | {"nbformat": 99})
