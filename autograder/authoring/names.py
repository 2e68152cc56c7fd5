"""What a unit or a question may be called."""

import builtins
import keyword
import re

from autograder.course import CourseError

LONGEST = 30  # characters: lines with the name stay within the style's


def refuse_bad_name(name: str, of: str) -> None:
    """Raise `CourseError` unless `name` can be one of our modules or functions; `of`: 'a unit'."""
    why = _what_is_wrong(name)
    if why is None and of == "a unit" and name != name.lower():
        why = "it names files: write it in small letters"
    if why:
        raise CourseError(f"{name!r} can't be the name of {of}\n  {why}")


def _what_is_wrong(name):
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return "use letters, digits and underscores only, and begin with a letter"
    if keyword.iskeyword(name):
        return "it is a word of Python itself; choose another"
    if hasattr(builtins, name):
        return "Python has a function or class of this name; choose another"
    if len(name) > LONGEST:
        return f"it is longer than {LONGEST} characters; choose a shorter one"
    return None
