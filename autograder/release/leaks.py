"""Nothing of the instructor's side may reach a student: looked for, not hoped for."""

import re
from pathlib import Path

import nbformat
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    NbGraderPreprocessor,
)

# The instructor's regions, by nbgrader's own words for their first and last line.
REGIONS = [
    (ClearSolutions.begin_solution_delimeter, ClearSolutions.end_solution_delimeter),
    (ClearHiddenTests.begin_test_delimeter, ClearHiddenTests.end_test_delimeter),
    (ClearMarkScheme.begin_mark_scheme_delimeter, ClearMarkScheme.end_mark_scheme_delimeter),
]
MARKERS = [(begin.default_value, end.default_value) for begin, end in REGIONS]
SOLUTION = MARKERS[0]
REGION = re.compile(
    "|".join(
        rf"(?:^[^\n]*{re.escape(begin)}[^\n]*\n(.*?)^[^\n]*{re.escape(end)})"
        for begin, end in MARKERS
    ),
    re.MULTILINE | re.DOTALL,
)
FORBIDDEN = ("autograder", *(marker for pair in MARKERS for marker in pair))
SHORTEST = 12  # characters of a line that can give something away; `return out` can't


class LeakError(Exception):
    """The student version holds something of the instructor's."""


class CollectSecrets(NbGraderPreprocessor):
    """Notes every line of a solution, hidden test or mark scheme before it is removed."""

    def preprocess(self, nb, resources):
        secrets = {}
        for cell in nb.cells:
            for text in _secret_texts(cell):
                for line in map(_normal, text.splitlines()):
                    if len(line) >= SHORTEST:
                        secrets.setdefault(line, cell.id)
        resources["secrets"] = secrets
        return nb, resources


class ScanForLeaks(NbGraderPreprocessor):
    """Fails when the finished student version holds a secret, a name or a machine's path."""

    def preprocess(self, nb, resources):
        found = list(find_leaks(nb, resources.get("secrets", {}), _machine_paths(resources)))
        if found:
            raise LeakError(
                "the student version would give away:\n" + "\n".join(f"  {leak}" for leak in found)
            )
        return nb, resources


def _machine_paths(resources):
    """Where the packages, the course and its user's files are on this machine."""
    ours = {Path(__file__).resolve().parents[2], Path.home()}
    source = resources.get("metadata", {}).get("path")  # <course>/notebooks/NN_topic
    course = {Path(source).resolve().parents[1]} if source else set()
    return {str(path) for path in ours | course} - {"/"}


def find_leaks(nb, secrets, paths=()):
    """Yield a sentence for every leak in a notebook; `secrets` maps lines to cell ids."""
    for cell in nb.cells:
        text = cell.source + "\n" + nbformat.v4.writes(_only(nb, cell))
        for word in FORBIDDEN:
            if word.casefold() in text.casefold():
                yield f"cell {cell.id!r} holds the word {word!r}"
        for path in paths:
            if re.search(re.escape(path) + r"(?![\w-])", text):
                yield f"cell {cell.id!r} holds a path of this machine, {path!r}"
        for line in map(_normal, cell.source.splitlines()):
            if line in secrets:
                yield f"cell {cell.id!r} holds a secret line of cell {secrets[line]!r}: {line!r}"


def without_markers(source):
    """A solution cell's source without the lines that mark the solution."""
    lines = source.splitlines()
    return "\n".join(line for line in lines if not any(one in line for one in SOLUTION))


def _secret_texts(cell):
    for match in REGION.finditer(cell.source):
        yield next(text for text in match.groups() if text is not None)
    details = cell.metadata.get("nbgrader", {})
    if details.get("solution") and SOLUTION[0] not in cell.source:
        yield cell.source  # nbgrader replaces the whole cell


def _only(nb, cell):
    return nbformat.v4.new_notebook(cells=[cell], metadata=nb.metadata)


def _normal(line):
    """A line without its indent, so that a moved line is still found."""
    return " ".join(line.split())
