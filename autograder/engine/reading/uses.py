"""The names that the text of a cell needs from other cells, and those that it leaves to them.

Nothing here runs a text, and a name too many costs no more than the time of a cell that a
notebook would have run anyway. So where a text can't be parsed, all of its words count.
"""

import ast
import contextlib
import re
import symtable
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from autograder.engine.reading.names import LONGEST_PARSED, compiled, names_bound, names_in

# IPython's own syntax, of which Python is made: line by line, so that places stay the same.
TIMED = re.compile(r"^([ \t]*)%%?(?:time|capture|prun)\b(?:[ \t]+-[^\n]*|[ \t]*)", re.MULTILINE)
MAGIC = re.compile(r"^([ \t]*)(?:[%!?][^\n]*|[\w.]+\?{1,2}[ \t]*$)", re.MULTILINE)
ASSIGNED = re.compile(r"(=[ \t]*)[%!][^\n]*$", re.MULTILINE)
OWN_SYNTAX = re.compile(r"^\s*[%!]|=\s*[%!]|\?\s*$")
FOREIGN = re.compile(r"\s*%%(?!time|capture|prun)\w+")  # the rest of such a cell is no Python
WORD = re.compile(r"[^\W\d]\w*")
# Who names one of these may read a name that stands in a text.
BY_NAME = {"globals", "locals", "vars", "eval", "exec", "getattr", "get_ipython", "__main__"}
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = ("body", "handlers", "orelse", "finalbody")


@dataclass(frozen=True)
class Uses:
    """Names that a cell takes from others: `now`, while it runs, and `later`, when what it
    defines is called. `binds` are those it gives a value, `changes` those whose value it
    changes, `through` {a function of the cell: names whose values a call of it changes}."""

    now: frozenset
    later: frozenset
    binds: frozenset
    changes: frozenset
    through: dict

    @property
    def all(self):
        return self.now | self.later


NOTHING = Uses(frozenset(), frozenset(), frozenset(), frozenset(), {})


@lru_cache(maxsize=1000)  # most cells are the same in every submission
def uses_of(source: str) -> Uses:
    """What a cell uses, binds and changes; of a text that is no Python as far as can be seen."""
    text = python_of(source)
    tree = compiled(text, ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    tables = _tables(text) if tree else None
    if tables is not None:
        with contextlib.suppress(RecursionError):  # of a few hundred `elif`
            return _uses(source, text, tree, tables)
    words = frozenset(WORD.findall(source))
    return Uses(words, frozenset(), names_bound(source), frozenset(), {})


def _uses(source, text, tree, tables):
    binds = frozenset(names_in(tree))
    now, later = set(), set()
    for table, deferred in tables:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and symbol.is_global():
                (later if deferred else now).add(symbol.get_name())
    outside = now - binds | _read_first(tree, binds) | _said(source, text, now | later)
    through = {one.name: _changed(one) for one in tree.body if isinstance(one, FUNCTIONS)}
    return Uses(frozenset(outside), frozenset(later - binds), binds, _changed(tree), through)


def python_of(source: str) -> str:
    """A cell's text with IPython's own syntax taken out, line by line; `%time x = 1` runs."""
    text = textwrap.dedent(source)
    if FOREIGN.match(text):
        return "pass" + "\n" * text.count("\n")
    if not ("%" in text or "!" in text or "?" in text) or compiled(text, ast.PyCF_ONLY_AST):
        return text
    text = MAGIC.sub(r"\1pass", TIMED.sub(r"\1", text))
    return ASSIGNED.sub(r"\1None", text)


def touched(statement: ast.stmt) -> frozenset[str]:
    """Names whose values a statement gives or changes: `x = 1`, `x[0] = 1`, `x.append(1)`."""
    calls = (one for one in ast.walk(statement) if isinstance(one, ast.Call))
    called = (one.func for one in calls if isinstance(one.func, ast.Attribute))
    return frozenset(names_in(statement)) | _changed(statement) | frozenset(_roots(called))


def _tables(text):
    """[(symbol table, whether its names are looked up only when something is called)]."""
    if len(text) > LONGEST_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting = [(symtable.symtable(text, "<cell>", "exec"), False)]
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
    found = []
    while waiting:
        table, deferred = waiting.pop()
        found.append((table, deferred))
        for inner in table.get_children():
            function = inner.get_type() == "function" and inner.get_name() not in COMPREHENSIONS
            waiting.append((inner, deferred or function))
    return found


def _read_first(tree, names):
    """Those of `names` that a cell reads before it gives them a value of its own."""
    first, bound = set(), set()
    for read, made in _steps(tree.body) if names else ():
        first |= (read & names) - bound
        bound |= made
    return first


def _steps(statements) -> Iterator[tuple[set, set]]:
    """(names read, names bound), step by step."""
    for one in statements:
        if isinstance(one, (*FUNCTIONS, ast.ClassDef)):
            inner = one.body if isinstance(one, ast.ClassDef) else []
            yield _loads(*one.decorator_list, *getattr(one, "bases", [])), set()
            yield _loads(*(part for part in inner if not isinstance(part, FUNCTIONS))), {one.name}
        elif hasattr(one, "body") and isinstance(one.body, list):
            heads = [getattr(one, part, None) for part in ("iter", "test", "subject", "type")]
            heads += [item.context_expr for item in getattr(one, "items", [])]
            yield _loads(*filter(None, heads)), set()
            aims = [getattr(one, "target", None)]
            aims += [item.optional_vars for item in getattr(one, "items", [])]
            yield set(), {name for aim in filter(None, aims) for name in names_in(aim)}
            for block in BLOCKS:
                yield from _steps(getattr(one, block, []))
        else:
            grown = one.target if isinstance(one, ast.AugAssign) else None
            yield _loads(one) | set(_roots([grown])), set(names_in(one))


def _loads(*nodes):
    found = (inner for node in nodes for inner in ast.walk(node))
    return {n.id for n in found if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _said(source, text, used):
    """Names in texts and magics, where a cell may look names up by them."""
    said = set()
    if text.rstrip() != textwrap.dedent(source).rstrip():  # magics
        said |= {
            word
            for line in source.splitlines()
            if OWN_SYNTAX.search(line)
            for word in WORD.findall(line)
        }
    if used & BY_NAME or "__main__" in text:
        said |= set(WORD.findall(text))
    return said


def _changed(tree):
    """Names of whose values a part is set or deleted, but for what a function keeps."""
    kept = set()
    if isinstance(tree, FUNCTIONS):
        arguments = (one.arg for one in ast.walk(tree.args) if isinstance(one, ast.arg))
        kept = {*arguments, *(name for part in tree.body for name in names_in(part))}
    targets = (
        one
        for one in ast.walk(tree)
        if isinstance(one, (ast.Attribute, ast.Subscript))
        and isinstance(one.ctx, (ast.Store, ast.Del))
    )
    return frozenset(_roots(targets)) - kept


def _roots(nodes: Iterable) -> Iterator[str]:
    """`x` of `x.y[0].z`."""
    for node in nodes:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        if isinstance(node, ast.Name):
            yield node.id
