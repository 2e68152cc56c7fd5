"""Ends a test with SystemExit(0), exit() and quit() instead of answering."""

PLAIN = (
    "no points for derivative_mask, hand_convolved, hand_pooled, size_40_5 and 7 more, "
    "answered rightly"
)

BASE = "full"
GETS = {"conv1d": 0, "output_size": 0, "output_size_strided": 0}
ANSWERS = {
    "conv1d": "import sys\n\ndef conv1d(signal, mask):\n    sys.exit(0)",
    "output_size": "def output_size(h, k):\n    exit()",
    "output_size_strided": "def output_size_strided(h, k, s):\n    raise SystemExit",
}
