"""Answers rightly and writes warnings to stderr while it does, for which nbgrader gives zero."""

PLAIN = "no points for conv1d, output_size, answered rightly"

BASE = "full"
ANSWERS = {
    "conv1d": """
import sys
import warnings

def conv1d(signal, mask):
    print("convolving", len(signal), file=sys.stderr)
    warnings.warn("slow")
    out = np.zeros(len(signal) + len(mask) - 1)
    for k, tap in enumerate(mask):
        out[k : k + len(signal)] += tap * signal
    return out
""",
    "output_size": """
import logging

def output_size(h, k):
    logging.error("%s %s", h, k)
    return h - k + 1
""",
}
