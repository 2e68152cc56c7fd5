"""Binds its right answers a second time at the end, in a cell of its own that then fails."""

PLAIN = "what it deserves"

BASE = "full"
LAST_CELL = """
conv1d_again, conv2d_again = conv1d, conv2d
conv1d = lambda signal, mask: conv1d_again(signal, mask)
conv2d = lambda inpt, kernel, stride: conv2d_again(inpt, kernel, stride)
raise RuntimeError("unfinished")
"""
