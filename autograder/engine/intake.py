"""What can be said about a submission before it is run."""

import json

import nbformat


class Unreadable(Exception):
    """The submission can't be graded at all; the message says why."""


def read_submission(path):
    """Read a submitted notebook; raises `Unreadable` with a reason a person can act on."""
    if not path.is_file():
        raise Unreadable(f"no file {path.name} was handed in")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path.name} can't be read: {error}") from None
    try:
        json.loads(text)
        nb = nbformat.reads(text, as_version=4)
        nbformat.validate(nb)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"{path.name} isn't a notebook: broken JSON at line {error.lineno}; "
            "ask for the file again"
        ) from None
    except RecursionError:
        raise Unreadable(f"{path.name} isn't a notebook: nested too deep") from None
    except Exception as error:  # nbformat raises many kinds for many kinds of damage
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Unreadable(f"{path.name} isn't a valid notebook: {reason:.120}") from None
    return nb


def missing_questions(nb, questions):
    """The graded questions whose cells have lost their nbgrader metadata or are gone."""
    present = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
    return [question for question in questions if question not in present]
