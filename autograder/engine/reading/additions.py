"""What a student added to a cell that isn't theirs: imports and small definitions are kept.

Cells that draw, check and grade come back as they were released. What somebody typed into one
beside that, and other cells of theirs may need, runs as a cell of their own: in the kernel,
where all of a student's code runs, and never where grade cells are judged.
"""

import ast
import re
import textwrap
from dataclasses import dataclass

from autograder.engine.inside.definitions import is_definition
from autograder.engine.reading.names import LONGEST_PARSED, compiled
from autograder.engine.reading.uses import python_of, touched


@dataclass(frozen=True)
class Added:
    """The statements of a cell that its release doesn't have: `kept` ones, and whether others
    were left out."""

    kept: str = ""
    left_out: bool = False


def added(source: str, released: str, used: frozenset[str]) -> Added:
    """What a student's version of a cell adds to the released one.

    Kept is what imports or defines something and does nothing else, and what gives a value to,
    or changes, a name that is `used` by the student's code.
    """
    if max(len(source), len(released)) > LONGEST_PARSED:
        source, released = _other_lines(source, released), ""
    text, original = python_of(source), textwrap.dedent(source).split("\n")
    tree, other = (compiled(one, ast.PyCF_ONLY_AST) for one in (text, python_of(released)))
    if tree is None or other is None:
        return Added(left_out=bool(source.strip()))
    try:
        known = {ast.dump(one) for one in other.body}
        new = [one for one in tree.body if ast.dump(one) not in known]
        keep = [one for one in new if is_definition(one) or touched(one) & used]
        kept = "\n".join(_text_of(one, tree.body, original) for one in keep)
    except RecursionError:
        return Added(left_out=True)
    return Added(kept, len(keep) < len(new))


def without(source: str, released: str) -> str:
    """A text without the released one that stands on lines of its own within it."""
    within = re.compile(rf"^{re.escape(released.strip())}[ \t]*$\n*", re.MULTILINE)
    return within.sub("", source, count=1).strip("\n")


def _other_lines(source, released):
    """The lines of a long text that the released one doesn't have."""
    known = {line.rstrip() for line in released.splitlines()}
    return "\n".join(line for line in source.splitlines() if line.rstrip() not in known)


def _text_of(statement, all_of_them, lines):
    """A statement as it was typed; as Python writes it where others stand on its lines."""
    first, last = _span(statement)
    spans = [_span(one) for one in all_of_them if one is not statement]
    if any(start <= last and end >= first for start, end in spans):
        return ast.unparse(statement)
    return "\n".join(lines[first - 1 : last])


def _span(statement):
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)]), statement.end_lineno
