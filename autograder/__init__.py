"""The instructor's side: hidden tests, known mistakes, release, grading and reports.

Nothing in this package reaches a student, and `coursekit` never imports it.
"""
