"""Hostile and damaged submissions of unit 01, for the engine to be tried on.

A wrong answer never scores; a right answer in a damaged notebook never loses; nobody else's
grade, file or process is touched; the batch always finishes and nothing outlives it.

One module per submission. The first line of its docstring says what it tries, and it may bind

    PLAIN       what stock nbgrader 0.9.6 made of it, measured
    BASE        "stub" (released stubs) or "full" (right answers) for whatever it doesn't replace
    ANSWERS     {student's name: source of the solution cell}
    FIRST_CELL  source of a code cell of the student's own, right after the setup cell
    LAST_CELL   the same at the end
    GETS        {question: points} where it differs from what BASE gives, or "nothing"
    COLD        why it may end otherwise in a kernel that starts cold; "" unless told
    change(nb)      takes the filled notebook; returns a notebook, a str or bytes
    place(folder)   adds things to the submission folder; the notebook is there already

What may lose nothing stands on BASE "full", what tries to score on BASE "stub". A submission
that finds out whether a wall holds (a socket, a file, a process) answers `conv1d` rightly if
it doesn't, so that a hole shows as points.

The rules, because every one of them may some day run where a wall is missing: it gives the
same result each time; it ends by itself within ten minutes; at most 300 processes that sleep
for 60 s, 6 GB of memory, 300 MB of files in the current folder, /tmp or /dev/shm; it deletes
nothing and overwrites nothing of others, what it writes outside is appended, created, or a
grade in a gradebook found above the current folder; it signals no process but its own parent,
and that only where the command line is a grader's. What it leaves running carries
"hostile_survivor" in its command line where it has one of its own.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat.v4

from autograder.submissions import fill

NOTEBOOK = "convolution.ipynb"
# For submissions that forge messages: works in a Jupyter kernel, as stock nbgrader's, and here.
SENDER = """
def sender():
    # A Jupyter kernel's session, or what answers the grader here.
    import gc
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is not None:
        return lambda kind, content: kernel.session.send(
            kernel.iopub_socket, kind, content, parent=kernel.get_parent(), ident=kind.encode()
        )
    server = next(one for one in gc.get_objects() if type(one).__name__ == "Server")
    number = lambda: server.cells.outbox.number
    return lambda kind, content: server.send({"id": number(), "kind": kind, "content": content})
"""

# For those that answer `conv2d_fast` rightly, but with a loop.
SLOW = """
def slow(inpt, kernel, stride):
    kh, kw, channels = kernel.shape
    rows = range(0, inpt.shape[0] - kh + 1, stride)
    columns = range(0, inpt.shape[1] - kw + 1, stride)
    out = np.zeros((len(rows), len(columns)))
    for y, i in enumerate(rows):
        for x, j in enumerate(columns):
            for c in range(channels):
                window = inpt[i : i + kh, j : j + kw, c]
                out[y, x] += np.sum(np.multiply(window, kernel[:, :, c]))
    return out
"""


@dataclass(frozen=True)
class Hostile:
    """One submission; the fields are what its module binds."""

    name: str
    tries: str
    plain: str
    base: str
    answers: dict[str, str]
    first_cell: str | None
    last_cell: str | None
    gets: dict[str, float] | str
    cold: str
    change: Callable | None
    place: Callable | None

    def write(self, folder, stub, solutions):
        """Write the submission into `folder`.

        `stub` is the released notebook, `solutions` are the right answers by student's name.
        """
        folder.mkdir(parents=True, exist_ok=True)
        nb = fill(stub, (solutions if self.base == "full" else {}) | self.answers)
        _add_own_cells(nb, self.first_cell, self.last_cell)
        made = self.change(nb) if self.change else nb
        if isinstance(made, nbformat.NotebookNode):
            made = nbformat.v4.writes(made)  # as it is: many are invalid
        data = made.encode() if isinstance(made, str) else made
        (folder / NOTEBOOK).write_bytes(data)
        if self.place:
            self.place(folder)

    def expected(self, points):
        """{question: points it has to get}; `points` are those of the automatic questions."""
        if self.gets == "nothing":
            return dict.fromkeys(points, 0)
        unknown = set(self.gets) - set(points)
        if unknown:
            raise ValueError(f"{self.name}: no question {', '.join(sorted(unknown))}")
        return {q: self.gets.get(q, p if self.base == "full" else 0) for q, p in points.items()}


def collection():
    """Every submission of this folder, sorted by name."""
    paths = sorted(Path(__file__).parent.glob("*.py"))
    return [_load(path.stem) for path in paths if path.stem != "__init__"]


def _load(name):
    module = importlib.import_module(f"{__name__}.{name}")
    return Hostile(
        name=name,
        tries=module.__doc__.splitlines()[0],
        plain=module.PLAIN,
        base=module.BASE,
        answers=getattr(module, "ANSWERS", {}),
        first_cell=getattr(module, "FIRST_CELL", None),
        last_cell=getattr(module, "LAST_CELL", None),
        gets=getattr(module, "GETS", {}),
        cold=getattr(module, "COLD", ""),
        change=getattr(module, "change", None),
        place=getattr(module, "place", None),
    )


def _add_own_cells(nb, first, last):
    if first:
        after = [cell.id for cell in nb.cells].index("setup") + 1
        nb.cells.insert(after, nbformat.v4.new_code_cell(first, id="own-first"))
    if last:
        nb.cells.append(nbformat.v4.new_code_cell(last, id="own-last"))
