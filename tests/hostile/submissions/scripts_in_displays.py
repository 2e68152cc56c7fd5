"""Displays scripts in every mime type while it runs; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = """
from IPython.display import HTML, SVG, Javascript, Markdown, display

script = "<script>alert('hostile')</script>"
display(HTML(script), Javascript("alert('hostile')"), Markdown(script))
display(SVG(f"<svg xmlns='http://www.w3.org/2000/svg'>{script}</svg>"))
print(script, "\\x1b]8;;javascript:alert('hostile')\\x07link\\x1b]8;;\\x07", "\\x1b[2J\\x1b[31m")
raise ValueError(script)
"""
