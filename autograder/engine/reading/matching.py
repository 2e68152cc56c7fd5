"""Which cell of the release a submitted cell is.

A submitted cell finds its place by its text, its grade id, its cell id, the names it binds, and
last by its position. Names come before position because a cell that was moved or split keeps
its names but not its neighbours.
"""

import ast
import re
import textwrap
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from nbformat import NotebookNode

from autograder.engine.cells import is_exploration
from autograder.engine.reading.intake import MAX_CELL, SubmittedCell
from autograder.engine.reading.names import LONGEST_PARSED, compiled, names_bound
from autograder.engine.reading.pictures import cut
from autograder.engine.reading.written import find_written

MOST_PIECES = 4  # a function may be cut into
REMEMBERED = 100_000  # characters of a cell whose words are kept for the next submissions

# A grade cell's hidden tests and an exercise's mark scheme are not in the student's version.
SECRET = re.compile(
    r"^[^\n]*BEGIN (HIDDEN TESTS|MARK SCHEME).*?END \1[^\n]*\n?", re.MULTILINE | re.DOTALL
)


@dataclass(eq=False)
class Place:
    """A cell of the release, and the student's cells that belong there."""

    index: int
    cell: NotebookNode
    found: list["Given"] = field(default_factory=list)
    answered_elsewhere: bool = False
    guessed: bool = False  # found by its position only
    beside: list = field(default_factory=list)  # of a written answer: (Given, text, where)

    def __post_init__(self):
        self.id, self.kind = self.cell.id, self.cell.cell_type
        self.key = key_of(self.shown_source)
        self.details = self.cell.metadata.get("nbgrader", {})
        self.grade_id = self.details.get("grade_id")
        self.solution = bool(self.details.get("solution"))

    @cached_property
    def names(self):
        return names_bound(self.cell.source) if self.kind == "code" else frozenset()

    @property
    def is_lesson_code(self):
        """Whether a student may well have put something of their own into the cell."""
        ours = self.details or self.is_exploration or self.is_test
        return self.kind == "code" and not ours

    @property
    def is_test(self):
        """Whether the cell checks or grades an answer."""
        check = self.cell.source.lstrip().startswith("checks.")
        return check or bool(self.details.get("grade") and not self.solution)

    @property
    def is_exploration(self):
        return is_exploration(self.cell)

    @property
    def shown_source(self):
        """The source that students got."""
        return _without_secrets(self.cell.source)


@dataclass(eq=False)
class Given:
    """A submitted cell; `binds` are the names of answers that it binds, if it was changed."""

    number: int
    kind: str
    source: str
    grade_id: str | None
    cell_id: str | None
    key: str
    binds: frozenset
    too_long: bool
    pieces: int
    intact: bool | None
    attachments: tuple
    place: Place | None = None
    joins: Place | None = None  # the written answer that its text becomes a part of


def match(cells: list[SubmittedCell], released: NotebookNode) -> tuple[list[Place], list[Given]]:
    """(places, given): the released cells and the submitted ones, each knowing the other."""
    places = [Place(index, cell) for index, cell in enumerate(released.cells)]
    given = _given_cells(cells, places)
    _match(places, given)
    find_written(places, given)
    return places, given


def key_of(source):
    """What makes two cells equal: their text without regard to white space."""
    return _words(source) if len(source) <= REMEMBERED else " ".join(source[:MAX_CELL].split())


@lru_cache(maxsize=500)  # most cells are the same in every submission
def _words(source):
    return " ".join(source.split())


def _without_secrets(source):
    return SECRET.sub("", source) if "BEGIN" in source else source


# --- the submitted cells -------------------------------------------------------------------


def _given_cells(cells, places):
    known = {place.key for place in places}
    answers = frozenset().union(*(place.names for place in places if place.solution))
    ids = {place.id for place in places}
    given = []
    for number, (cell, pieces) in enumerate(_rejoined(cells, known, answers, ids)):
        key, code = key_of(cell.source), cell.kind == "code"
        source = cell.source[:MAX_CELL] if code else cut(cell.source, MAX_CELL)
        binds = frozenset() if key in known else _names_among(answers, source)
        too_long = len(source) < len(cell.source)
        labels, come = (cell.grade_id, cell.cell_id), (cell.intact, cell.attachments)
        given.append(Given(number, cell.kind, source, *labels, key, binds, too_long, pieces, *come))
    return given


def _rejoined(cells, known, answers, ids):
    """Yield (cell, pieces); the pieces of an answer that was cut within a function are one."""
    start = 0
    while start < len(cells):
        end = start + 1
        if key_of(cells[start].source) not in known:
            end = _end_of_pieces(cells, start, known, answers)
        yield _joined(cells[start:end], ids), end - start
        start = end


def _end_of_pieces(cells, start, known, answers):
    """Where the pieces end that make valid Python, and bind an answer, only together."""
    first, text = cells[start], cells[start].source
    for end in range(start + 2, min(start + MOST_PIECES, len(cells)) + 1):
        last = cells[end - 1]
        text = f"{text}\n{last.source}"
        labels = {cell.grade_id for cell in cells[start:end]} - {None}
        if last.kind != first.kind or len(labels) > 1 or key_of(last.source) in known:
            break
        if len(text) > LONGEST_PARSED or not _names_among(answers, text):
            break
        if end == start + 2 and _runs(last.source):
            break
        if _runs(text):
            return end
    return start + 1


def _names_among(answers, source):
    """Which of the answers a text binds; most texts needn't be parsed to know."""
    return names_bound(source) & answers if any(name in source for name in answers) else frozenset()


def _runs(source):
    """Whether a text compiles as a cell: with top-level await, whatever its indent."""
    return compiled(textwrap.dedent(source), ast.PyCF_ALLOW_TOP_LEVEL_AWAIT) is not None


def _joined(pieces, ids):
    if len(pieces) == 1:
        return pieces[0]
    source = "\n".join(piece.source for piece in pieces)
    grade_id = next((piece.grade_id for piece in pieces if piece.grade_id), None)
    cell_id = next((piece.cell_id for piece in pieces if piece.cell_id in ids), None)
    return SubmittedCell(pieces[0].kind, source, grade_id, cell_id)


# --- matching ------------------------------------------------------------------------------


def _match(places, given):
    """Find the place of every submitted cell that has one; the most certain ways come first."""
    known = {place.key for place in places}
    _match_unchanged([place for place in places if not place.solution], given)
    changed = [one for one in given if one.key not in known]
    for label in ("grade_id", "cell_id"):
        _match_labels(places, changed, label, _fits)
    _match_names(places, changed)
    for label in ("grade_id", "cell_id"):
        _match_labels(places, changed, label, _may_fit)
    _match_unchanged(_open(places), given)  # the stubs
    _find_answered_elsewhere(places)
    _match_positions(places, changed)


def _open(places):
    """The solution cells that nothing was found for."""
    return [p for p in places if p.solution and not p.found and not p.answered_elsewhere]


def _take(place, *cells):
    for cell in place.found:
        cell.place = None
    place.found = list(cells)
    for cell in cells:
        cell.place = place


def _match_unchanged(places, given):
    """Cells whose text is the release's; among equal ones those with the right labels first."""
    for place in places:
        equal = [one for one in given if one.place is None and one.key == place.key]
        if equal:
            _take(place, max(equal, key=lambda one: (*_same_labels(place, one), -one.number)))


def _same_labels(place, one):
    return one.grade_id is not None and one.grade_id == place.grade_id, one.cell_id == place.id


def _match_labels(places, changed, label, fits):
    """Cells that carry a place's grade id or cell id, unless what they hold speaks against it."""
    for place in places:
        wanted = place.grade_id if label == "grade_id" else place.id
        named = [
            one
            for one in changed
            if one.place is None and wanted == getattr(one, label) and fits(place, one)
        ]
        if wanted and not place.found and named:
            _take(place, named[-1 if place.solution else 0])


def _fits(place, one):
    if not place.solution:
        return one.kind == place.kind and not (one.binds and one.binds - place.names)
    if place.names:
        return bool(one.binds & place.names)
    return not (one.kind == "code" and one.binds)


def _may_fit(place, one):
    """An answer that doesn't bind its name; another cell that does was looked for before."""
    return place.solution and place.kind == one.kind == "code" and not one.binds


def _match_names(places, changed):
    for place in _open(places):
        binding = [one for one in changed if one.place is None and one.binds & place.names]
        if binding:
            near = _gap(places, place, binding)
            _take(place, (near or binding)[-1])


def _gap(places, place, cells):
    """Those of `cells` that stand between the matched neighbours of a place."""
    before = [p.found[-1].number for p in places[: place.index] if p.found]
    after = [p.found[0].number for p in places[place.index + 1 :] if p.found]
    start, end = before[-1] if before else -1, after[0] if after else float("inf")
    return [one for one in cells if start < one.number < end]


def _find_answered_elsewhere(places):
    """Keep a stub from overwriting an answer that stands in another answer's cell."""
    for place in places:
        if not (place.solution and place.names) or (place.found and not is_stub(place)):
            continue
        answered = [p for p in places if p.solution and p.names and p.found and not is_stub(p)]
        holder = next((p for p in answered if place.names <= p.found[0].binds), None)
        if holder and holder.index < place.index:
            _take(place)
            place.answered_elsewhere = True
        elif holder and not place.found:  # the answer has to be there before its tests run
            _take(place, *holder.found)
            holder.found, holder.answered_elsewhere = [], True


def is_stub(place: Place) -> bool:
    return any(one.key == place.key for one in place.found)


def _match_positions(places, changed):
    """What stands where an answer should, as long as a cell next to it tells where that is."""
    for place in _open(places):
        neighbours = places[max(place.index - 1, 0) : place.index + 2]
        if any(neighbour.found for neighbour in neighbours):
            free = [one for one in changed if one.place is None and one.key and not one.binds]
            near = _gap(places, place, free)
            code = [one for one in near if one.kind == "code"]
            text = [one for one in near if one.kind != "code"]
            _take(place, *(code[-1:] if place.kind == "code" else text))
            place.guessed = bool(place.found)
