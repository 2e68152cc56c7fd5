"""Holds NUL, bidirectional marks, form feeds and odd line ends in its cells."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"conv1d": 0}
FIRST_CELL = "# \u202e\u2066 hidden \u2069\nx = 1\x0c\r\ny = 2\u2028# z\n"
ANSWERS = {"conv1d": "def conv1d(signal, mask):\x00\n    return signal"}
