"""Which statements of a cell only define or import something: they may run without the others."""

import ast

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ACTS = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def is_definition(node: ast.stmt) -> bool:
    """Whether a statement imports or defines and does nothing else.

    A name that gets a value without a call counts (`sigma = 2`, `f = lambda x: g(x)`), and so does
    a choice between such statements (`try: import a` / `except ImportError: a = None`).
    """
    if isinstance(node, DEFINITIONS):
        return True
    if isinstance(node, ast.Assign):
        return all(isinstance(one, ast.Name) for one in node.targets) and _is_plain(node.value)
    if isinstance(node, ast.If):
        return _is_plain(node.test) and all(map(is_definition, [*node.body, *node.orelse]))
    if isinstance(node, ast.Try):
        handled = [one for handler in node.handlers for one in handler.body]
        parts = [*node.body, *handled, *node.orelse, *node.finalbody]
        return all(isinstance(one, ast.Pass) or is_definition(one) for one in parts)
    return False


def _is_plain(value):
    """Whether an expression calls nothing when it is evaluated."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ACTS):
            return False
        if not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return True
