"""Hidden tests: one module per unit, one function per graded question.

A hidden test calls the student's answer on inputs the student hasn't seen, returns nothing
when all is right and raises `coursekit.checks.core.CheckFailed` with the message otherwise.
Expected values come from an oracle (torch, OpenCV, numpy) or from arithmetic written out
here, never from the solution cell.
"""
