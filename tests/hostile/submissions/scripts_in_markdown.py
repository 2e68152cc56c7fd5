"""Puts scripts into markdown cells and the written answer; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"
SCRIPTS = """
<script>alert('hostile')</script>
<img src=x onerror="alert('hostile')">
<svg onload="alert('hostile')"></svg>
<iframe srcdoc="<script>parent.alert('hostile')</script>"></iframe>
<a href="javascript:alert('hostile')">a link</a> [another](javascript:alert('hostile'))
![alt](x"onerror="alert('hostile'))
<style>@import url(//example.org/hostile.css); body { display: none }</style>
<form action="//example.org/hostile"><input name=q></form><meta http-equiv=refresh content=0>
$$\\href{javascript:alert('hostile')}{x}$$ <math href="javascript:alert('hostile')">x</math>
</textarea></div></div></body><base href="//example.org/">
"""


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            locked = cell.metadata.get("nbgrader", {}).get("locked")
            cell.source = cell.source if locked else cell.source + SCRIPTS
    return nb
