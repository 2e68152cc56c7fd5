"""Which of our modules a source imports, directly or not: read, never run."""

import ast
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).parent.parent  # holds both packages


def imported(source: str) -> set[str]:
    """Names of the modules that a source may import, and of what it takes from them."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def closure(
    names: Iterable[str], packages: Iterable[str], project: Path = PROJECT
) -> dict[str, Path]:
    """{module: its file} of the modules called `names` and all that they import, sorted.

    Only modules of `packages` below the folder `project` count, packages around them included.
    """
    found, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name.split(".")[0] not in packages:
            continue
        found[name] = path = _file(name, project)
        waiting.append(name.rpartition(".")[0])  # a package is imported before its modules
        waiting += imported(path.read_text(encoding="utf-8")) if path else ()
    return {name: path for name, path in sorted(found.items()) if path}


def _file(name, project):
    """The file of a module; None for a name within a module."""
    path = project / name.replace(".", "/")
    files = path.with_suffix(".py"), path / "__init__.py"
    return next((one for one in files if one.is_file()), None)
