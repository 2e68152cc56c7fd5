"""Visible checks: what a student can run on an answer before handing it in.

One module per unit, one function per question. A check prints one screen and never raises,
so "Run all" goes on. The hidden tests use the same comparisons (`coursekit.checks.core`) but
raise, because a grade cell has to fail.
"""
