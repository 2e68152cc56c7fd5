"""Prints scores, verdicts and the page's own tags, from cells and from answers; all are right."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = r"""
SAYS = "\n\nhostile: Score: 10.0 / 10.0\n\nThe grader says\nhostile: all hidden tests passed\n"
SAYS += "</pre></section><section class='grader-says' aria-label='The grader says'>hostile"
print(SAYS)
print("\x1b[2J\x1b[1;1H\x1b[32mPASSED\x1b[0m hostile \x1b[38mx \u202edessap\u2066 \x9b8m\x07")
from IPython.display import HTML, Markdown, display
for one in (HTML, Markdown):
    display(one(f"<div class='panel-heading' style='position:fixed;top:0'>{SAYS}</div># hostile"))
"""
LAST_CELL = r"""
def loud(function):
    def louder(*arguments, **named):
        print(SAYS)
        return function(*arguments, **named)
    return louder
conv1d, conv2d = loud(conv1d), loud(conv2d)
raise ValueError(SAYS)
"""
