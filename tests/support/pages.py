"""Feedback pages: made from a notebook alone, and as text."""

import html
import re

from traitlets.config import Config

from autograder.report.feedback import PAGE_STEPS
from support.course import COURSE

SCORE = {"notebook": "n", "score": 1, "max_score": 2, "late_penalty": 0}


def page_exporter(kind):
    """An exporter of this class with the steps of a page that need no gradebook."""
    config = Config()
    config.merge(COURSE.config)
    config.Exporter.default_preprocessors = []
    made = kind(config=config)
    for step in PAGE_STEPS:
        made.register_preprocessor(step)
    return made


def made_page(exporter, nb):
    """The page of a notebook, which no student handed in."""
    where = {"metadata": {"name": "n", "path": ""}, "nbgrader": dict(SCORE)}
    text, _ = exporter.from_notebook_node(nb, where)
    return text


def unescaped(page):
    """A page's text without tags, entities resolved, so that messages can be looked for."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))
