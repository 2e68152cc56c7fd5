"""Visible checks: what a student can run on an answer before handing it in.

One module per unit, one function per question. A check prints one screen and never raises,
so "Run all" goes on. The hidden tests use the same comparisons (`coursekit.checks.core`) but
raise, because a grade cell has to fail.
"""

# Longest time that one call of a student's function may take. Here, because those who only start
# a grading need it without numpy.
CALL_SECONDS = 5.0
