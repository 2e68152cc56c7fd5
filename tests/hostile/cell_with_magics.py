"""Uses magics, shell commands and other kernels' cells in cells of its own."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """\
%matplotlib inline
!id; exit 0
%cd /
%env PYTHONPATH=/
%load_ext autoreload
%autoreload 2
"""
LAST_CELL = """\
%%bash
cd / && ls
exit 3
"""
