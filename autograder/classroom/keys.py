"""Keys of results: what a score depends on, as one digest.

A change of one hidden test changes the keys of the units whose grade cells import it, directly
or not, and of no others. What decides how a submission is run and judged lies in `engine/`: any
change there changes every key.
"""

import hashlib
import json
from dataclasses import asdict, replace
from functools import lru_cache

from autograder.engine.cells import is_grade
from autograder.engine.walls.sandbox import PACKAGES
from autograder.imports import PROJECT, closure, imported

ENGINE = "autograder/engine"


def digest(*parts):
    """A short text for some texts or bytes; where one ends and the next begins counts."""
    found = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        found.update(len(data).to_bytes(8, "little") + data)
    return found.hexdigest()


@lru_cache(maxsize=1)
def project_digest():
    """Of all our sources, as they are on this host."""
    return _of_files(path for name in PACKAGES for path in (PROJECT / name).rglob("*.py"))


def unit_digest(unit):
    """Of a `ReleasedUnit`: the notebook that students got, with its hidden tests."""
    return digest(unit.assignment, unit.topic, json.dumps(unit.notebook, sort_keys=True))


def sources_digest(unit, project=PROJECT):
    """Of the sources that run and judge a `ReleasedUnit`: the engine and its tests."""
    wanted = {f"autograder.hidden.{unit.topic}"}
    for cell in unit.notebook.cells:
        if cell.cell_type == "code" and is_grade(cell):
            wanted |= imported(cell.source)
    tests = closure(wanted, PACKAGES, project).values()
    return _of_files({*(project / ENGINE).rglob("*.py"), *tests}, project)


def result_key(handed, timestamp, fixed):
    """The key of one submission's result.

    handed: what was `HandedIn`; timestamp: of the hand-in, or None; fixed: texts for all else.
    """
    parts = (handed.name, handed.data, handed.unreadable, handed.notes, timestamp)
    return digest(*parts, *fixed)


def settings_text(settings):
    """A sandbox's `Settings` as text, without where the course lies on this host."""
    return json.dumps(asdict(replace(settings, hidden=())), sort_keys=True)


def _of_files(paths, project=PROJECT):
    names = sorted((path.relative_to(project).as_posix(), path) for path in paths)
    return digest(*(part for name, path in names for part in (name, path.read_bytes())))
