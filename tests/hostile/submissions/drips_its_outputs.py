"""Lets the outputs of a cell come a byte at a time, in a frame that never ends."""

from hostile.submissions.drips_its_reply import DRIP

PLAIN = "nothing"

BASE = "stub"
FIRST_CELL = DRIP + "\ndrip(3_000_000)\n"
ANSWERS = {"output_size": "drip(3_000_000)\ndef output_size(h, k):\n    return h - k + 2"}
