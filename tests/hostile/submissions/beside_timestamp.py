"""Puts timestamps, a feedback page and a file of notes of nbgrader beside a right notebook."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"


def place(folder):
    (folder / "timestamp.txt").write_text("not a date {{ 7 * 7 }}")
    (folder / "convolution.html").write_text("<script>alert('hostile')</script>")
    (folder / "feedback.html").write_text("<script>alert('hostile')</script>")
    (folder / "grades.csv").write_text("student,total\n=cmd|' /C calc'!A0,24\n")
