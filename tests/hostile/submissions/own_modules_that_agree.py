"""Writes modules that are called as the grader's and the libraries', and agree with everything."""

PLAIN = "not measured"

BASE = "stub"
FIRST_CELL = """
import os

AGREE = '''
class Agreeable:
    def __eq__(self, other):
        return True
    def __call__(self, *arguments, **options):
        return self
    def __getattr__(self, name):
        return self

def __getattr__(name):
    return Agreeable()
'''
NAMES = ("autograder", "autograder/hidden", "autograder/engine", "coursekit", "coursekit/checks")
for name in NAMES:
    os.makedirs(name, exist_ok=True)
    with open(f"{name}/__init__.py", "w") as file:
        file.write(AGREE)
for name in ("wire", "server", "definitions", "workbook_makers", "numpy", "json", "cv2"):
    with open(f"{name}.py", "w") as file:
        file.write(AGREE)
import sys

sys.path.insert(0, os.getcwd())
import autograder.hidden, definitions, server, wire, workbook_makers
"""
