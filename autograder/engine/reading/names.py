"""The names that the text of a cell binds, also where it isn't valid Python."""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from functools import lru_cache

LONGEST_PARSED = 5_000  # characters; long texts take long and, says Python, may crash its parser

# What binds names at the left margin of a text that isn't valid Python.
BINDS = re.compile(
    r"^(?:(?:async\s+)?def|class)\s+(?P<definition>\w+)"
    r"|^(?:import|from)\s.*\sas\s+(?P<alias>\w+)"
    r"|^\(?(?P<targets>\*?\w+(?:[ \t]*,[ \t]*\*?\w+)*)[ \t,)]*"
    r"(?::[\w \t.,|\[\]]+)?(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)",
    re.MULTILINE,
)


def names_bound(source: str) -> frozenset[str]:
    """The names that a text binds at its top level; of broken Python as far as can be seen."""
    return _names_bound(source) if len(source) <= LONGEST_PARSED else _names_seen(source)


@lru_cache(maxsize=1000)  # most cells are the same in every submission
def _names_bound(source):
    tree = compiled(source, ast.PyCF_ONLY_AST)
    if tree is not None:
        return frozenset(names_in(tree))
    return _names_seen(source)


def _names_seen(source):
    """What broken Python, or a long text, seems to bind."""
    names = set()
    for match in BINDS.finditer(textwrap.dedent(source)):
        names |= {match["definition"], match["alias"], *re.findall(r"\w+", match["targets"] or "")}
    return frozenset(names - {None})


def names_in(tree: ast.AST) -> Iterator[str]:
    """Names bound by a module, without what functions, classes and comprehensions keep."""
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    waiting = [tree]  # a loop: the tree may be deeper than Python's recursion goes
    while waiting:
        node = waiting.pop()
        if isinstance(node, scopes):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, (ast.Lambda, ast.comprehension)):
            continue
        elif not (isinstance(node, ast.AnnAssign) and node.value is None):
            waiting.extend(ast.iter_child_nodes(node))


def compiled(source, flags):
    """`source` as a syntax tree or a code object; None if it isn't valid Python."""
    if len(source) > LONGEST_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, "<cell>", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
