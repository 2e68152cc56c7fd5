"""Lets commands print 200 MB, ask for input, stay, and take the place of pip."""

PLAIN = "not measured"

BASE = "full"
FIRST_CELL = """
!yes hostile | head -c 200000000
!cat
!printf '#!/bin/sh\\nyes hostile_survivor | head -c 1000000\\n' > ~/.local/bin/pip
!pip install nothing
!exec -a hostile_survivor sleep 60 &
%nobody {knows} it
%%nobody
"""
