"""Ends a cell of its own with a result of 50 MB of text, and one with a repr that lies."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
class Long:
    def __repr__(self):
        return "9" * 50_000_000

    def _repr_html_(self):
        return "<script>alert('hostile')</script>" * 100_000

Long()
"""
