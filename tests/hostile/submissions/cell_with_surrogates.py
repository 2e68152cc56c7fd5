"""Holds lone surrogates, which no UTF-8 can hold, in a note and in one wrong answer."""

import json

import nbformat.v4

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 9 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0}
ANSWERS = {"conv1d": "def conv1d(signal, mask):\n    return 'SURROGATE'"}


def change(nb):
    nb.cells[0].source += "\n\nSURROGATE"
    text = nbformat.v4.writes(nb)
    return json.dumps(json.loads(text)).replace("SURROGATE", "\\ud800\\udc00\\udcff")
