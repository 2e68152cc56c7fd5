"""Feedback pages as text."""

import html
import re


def unescaped(page):
    """A page's text without tags, entities resolved, so that messages can be looked for."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))
