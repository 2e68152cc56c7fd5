"""Ends the process in the notebook's last cell, when all answers are bound."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
LAST_CELL = """
import os

os._exit(0)
"""
