"""Breaks nbformat's schema here and there, as buggy tools do; all answers are right."""

import json

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    for number, cell in enumerate(plain["cells"]):
        cell["unknown"] = {"a": 1}
        if cell["cell_type"] == "code":
            cell["execution_count"] = ("3", -1, None, 2.5)[number % 4]
            cell["outputs"] = [{"output_type": "stream", "text": 5}, {"output_type": "odd"}, {}]
            if number % 3 == 0:
                del cell["outputs"], cell["execution_count"]
        else:
            cell["outputs"] = []
    plain["cells"].insert(3, {"cell_type": "heading", "level": 2, "source": "A heading"})
    plain["extra"] = None
    return json.dumps(plain)
