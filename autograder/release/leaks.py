"""Nothing of the instructor's side may reach a student: looked for, not hoped for."""

import re
from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

REGION = re.compile(
    r"^[^\n]*BEGIN (?P<kind>SOLUTION|HIDDEN TESTS|MARK SCHEME)[^\n]*\n"
    r"(?P<text>.*?)"
    r"^[^\n]*END (?P=kind)",
    re.MULTILINE | re.DOTALL,
)
FORBIDDEN = (
    "autograder",
    "BEGIN SOLUTION",
    "END SOLUTION",
    "BEGIN HIDDEN TESTS",
    "END HIDDEN TESTS",
    "BEGIN MARK SCHEME",
    "END MARK SCHEME",
)
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
    return "\n".join(line for line in lines if not re.search(r"### (BEGIN|END) SOLUTION", line))


def _secret_texts(cell):
    for match in REGION.finditer(cell.source):
        yield match["text"]
    details = cell.metadata.get("nbgrader", {})
    if details.get("solution") and "BEGIN SOLUTION" not in cell.source:
        yield cell.source  # nbgrader replaces the whole cell


def _only(nb, cell):
    return nbformat.v4.new_notebook(cells=[cell], metadata=nb.metadata)


def _normal(line):
    """A line without its indent, so that a moved line is still found."""
    return " ".join(line.split())
