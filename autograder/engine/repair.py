"""A submission -> the release's notebook with the student's answers in it.

Of what was handed in only the answers and the student's own cells count; every other source,
all metadata and the order come from the release. A submitted cell finds its place by its text,
its grade id, its cell id, the names it binds, and last by its position. Names come before
position because a cell that was moved or split keeps its names but not its neighbours.
"""

import ast
import copy
import re
import textwrap
import warnings
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from nbformat import NotebookNode

from autograder.engine.inert import inert_markdown
from autograder.engine.intake import MAX_CELL, SubmittedCell

ANSWERED_ELSEWHERE = "# answered in another cell"
LONGEST_PARSED = 5_000  # characters; long texts take long and, says Python, may crash its parser
MOST_PIECES = 4  # a function may be cut into
MAX_LIST = 180  # characters of a list of cells in a sentence

# A grade cell's hidden tests and an exercise's mark scheme are not in the student's version.
SECRET = re.compile(
    r"^[^\n]*BEGIN (HIDDEN TESTS|MARK SCHEME).*?END \1[^\n]*\n?", re.MULTILINE | re.DOTALL
)
# What binds names at the left margin of a text that isn't valid Python.
BINDS = re.compile(
    r"^(?:(?:async\s+)?def|class)\s+(?P<definition>\w+)"
    r"|^(?:import|from)\s.*\sas\s+(?P<alias>\w+)"
    r"|^\(?(?P<targets>\*?\w+(?:[ \t]*,[ \t]*\*?\w+)*)[ \t,)]*"
    r"(?::[\w \t.,|\[\]]+)?(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)",
    re.MULTILINE,
)


@dataclass(eq=False)
class _Place:
    """A cell of the release, and the student's cells that belong there."""

    index: int
    cell: NotebookNode
    found: list["_Given"] = field(default_factory=list)
    answered_elsewhere: bool = False
    guessed: bool = False  # found by its position only

    def __post_init__(self):
        self.id, self.kind = self.cell.id, self.cell.cell_type
        self.key = _key(SECRET.sub("", self.cell.source))
        self.details = self.cell.metadata.get("nbgrader", {})
        self.grade_id = self.details.get("grade_id")
        self.solution = bool(self.details.get("solution"))

    @cached_property
    def names(self):
        return names_bound(self.cell.source) if self.kind == "code" else frozenset()

    @property
    def is_lesson_code(self):
        """Whether a student may well have put something of their own into the cell."""
        shown_only = "exploration" in self.cell.metadata.get("tags", [])
        check = self.cell.source.lstrip().startswith("checks.")
        return self.kind == "code" and not (self.details or shown_only or check)


@dataclass(eq=False)
class _Given:
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
    place: _Place | None = None


def repair(submission, released):
    """Return (notebook, repairs): the release with the student's work in it, and sentences.

    The notebook has the cells of `released`, in order; the sources of its solution cells are
    the student's, whose own cells stand between. Never raises on account of the submission.
    """
    places = [_Place(index, cell) for index, cell in enumerate(released.cells)]
    given = _given_cells(submission.cells, places)
    _match(places, given)
    matched = [one for one in given if one.place and one is one.place.found[0]]
    backbone = _longest_in_order(matched)
    slots = _slots(places, given, matched, backbone)
    return _assembled(released, places, slots), _sentences(places, given, matched, backbone)


def names_bound(source):
    """The names that a text binds at its top level; of broken Python as far as can be seen."""
    tree = _compiled(source, ast.PyCF_ONLY_AST)
    if tree is not None:
        return frozenset(_names_in(tree))
    names = set()
    for match in BINDS.finditer(textwrap.dedent(source)):
        names |= {match["definition"], match["alias"], *re.findall(r"\w+", match["targets"] or "")}
    return frozenset(names - {None})


def _names_in(tree):
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


def _compiled(source, flags):
    """`source` as a syntax tree or a code object; None if it isn't valid Python."""
    if len(source) > LONGEST_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, "<cell>", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None


def _key(source):
    """What makes two cells equal: their text without regard to white space."""
    return " ".join(source[:MAX_CELL].split())


# --- the submitted cells -------------------------------------------------------------------


def _given_cells(cells, places):
    known = {place.key for place in places}
    answers = frozenset().union(*(place.names for place in places if place.solution))
    ids = {place.id for place in places}
    given = []
    for number, (cell, pieces) in enumerate(_rejoined(cells, known, answers, ids)):
        source, key = cell.source[:MAX_CELL], _key(cell.source)
        binds = frozenset() if key in known else _names_among(answers, source)
        too_long = len(cell.source) > MAX_CELL
        labels = cell.grade_id, cell.cell_id
        given.append(_Given(number, cell.kind, source, *labels, key, binds, too_long, pieces))
    return given


def _rejoined(cells, known, answers, ids):
    """Yield (cell, pieces); the pieces of an answer that was cut within a function are one."""
    start = 0
    while start < len(cells):
        end = start + 1
        if _key(cells[start].source) not in known:
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
        if last.kind != first.kind or len(labels) > 1 or _key(last.source) in known:
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
    return _compiled(textwrap.dedent(source), ast.PyCF_ALLOW_TOP_LEVEL_AWAIT) is not None


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
        if not (place.solution and place.names) or (place.found and not _is_stub(place)):
            continue
        answered = [p for p in places if p.solution and p.names and p.found and not _is_stub(p)]
        holder = next((p for p in answered if place.names <= p.found[0].binds), None)
        if holder and holder.index < place.index:
            _take(place)
            place.answered_elsewhere = True
        elif holder and not place.found:  # the answer has to be there before its tests run
            _take(place, *holder.found)
            holder.found, holder.answered_elsewhere = [], True


def _is_stub(place):
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


# --- order ---------------------------------------------------------------------------------


def _longest_in_order(matched):
    """The longest part of the matched cells that stands in the release's order."""
    ends, chains = [], []  # of the chains of each length: the smallest last index, the chain
    for one in matched:
        length = bisect_left(ends, one.place.index)
        chain = (one, chains[length - 1] if length else None)
        ends[length : length + 1], chains[length : length + 1] = [one.place.index], [chain]
    backbone, chain = [], chains[-1] if chains else None
    while chain:
        one, chain = chain
        backbone.append(one)
    return backbone[::-1]


def _slots(places, given, matched, backbone):
    """{index of a place: the student's own cells before it}."""
    slots = {index: [] for index in range(len(places) + 1)}
    known = {place.key for place in places}
    for one in given:
        if one.place is None and one.key and one.key not in known:
            slots[_slot(one, places, matched, backbone)].append(one)
        elif one.place and one.place.is_lesson_code and one.key not in ("", one.place.key):
            slots[one.place.index].append(one)
    return slots


def _slot(own, places, matched, backbone):
    """Before which place an own cell stands."""
    before = [one for one in matched if one.number < own.number]
    after = [one for one in matched if one.number > own.number]
    stay = set(backbone)
    # What stands beside an answer that goes back to its place goes along: it may be a helper.
    if after and after[0].place.solution and after[0] not in stay:
        return after[0].place.index
    if before and before[-1].place.solution and before[-1] not in stay:
        return before[-1].place.index + 1
    # The course's set-up cells, wherever they were put back to, come before what came after them.
    opening = next((place.index for place in places if place.solution), len(places))
    set_up = [one.place.index + 1 for one in before if one.place.index < opening]
    anchors = [one.place.index + 1 for one in before if one in stay]
    if anchors:
        return max([anchors[-1], *set_up])
    answers = [one.place.index for one in after if one.place.solution] or [opening]
    return max([min([answers[0], *(one.place.index for one in backbone[:1])]), *set_up])


# --- the notebook --------------------------------------------------------------------------


def _assembled(released, places, slots):
    notebook = copy.deepcopy(released)
    taken = {place.id for place in places}
    ids = (name for name in (f"own-{number}" for number in count(1)) if name not in taken)
    cells = []
    for place, cell in zip(places, notebook.cells, strict=True):
        cells += [_own_cell(one, next(ids)) for one in slots[place.index]]
        if place.solution:
            cell.source = _answer(place)
        if place.kind == "code":
            cell.outputs, cell.execution_count = [], None
        cells.append(cell)
    notebook.cells = cells + [_own_cell(one, next(ids)) for one in slots[len(places)]]
    return notebook


def _answer(place):
    if place.answered_elsewhere:
        return ANSWERED_ELSEWHERE
    if not place.found or _is_stub(place):
        return place.cell.source
    if place.kind == "code":
        return place.found[0].source
    return inert_markdown("\n\n".join(one.source for one in place.found))


def _own_cell(one, cell_id):
    if one.kind == "code":
        made = NotebookNode(cell_type="code", source=one.source, outputs=[], execution_count=None)
    else:
        made = NotebookNode(cell_type="markdown", source=inert_markdown(one.source))
    made.update(id=cell_id, metadata=NotebookNode())
    return made


# --- the sentences -------------------------------------------------------------------------


def _sentences(places, given, matched, backbone):
    return [
        *_about_metadata(given, matched),
        *_about_kinds(matched),
        *_about_order(matched, backbone),
        *_about_sources(places, given, matched),
    ]


def _about_metadata(given, matched):
    graded = [one for one in matched if one.place.grade_id]
    lost = [one.place.id for one in graded if one.grade_id is None]
    changed = [one.place.id for one in graded if one.grade_id not in (None, one.place.grade_id)]
    if lost and not any(one.grade_id for one in given):
        yield "nbgrader metadata was missing from all cells; recognised by their content"
    elif lost:
        yield f"nbgrader metadata was missing from {_list(lost)}; recognised by their content"
    if changed:
        yield f"other grade ids stood in {_list(changed)}; recognised by their content"


def _about_kinds(matched):
    for kind in ("code", "markdown", "raw"):
        other = [one.place.id for one in matched if one.kind == kind != one.place.kind]
        if other:
            yield f"{'cells' if other[1:] else 'cell'} {_list(other)} came as {kind}"


def _about_order(matched, backbone):
    moved = len(matched) - len(backbone)
    if moved:
        yield f"{_number(moved, 'cell')} stood in another order"


def _about_sources(places, given, matched):
    missing = [p.id for p in places if not p.found and not p.answered_elsewhere]
    if missing:
        yield f"put back {_number(len(missing), 'deleted cell')}: {_list(missing)}"
    edited = [one.place for one in matched if not one.place.solution and one.key != one.place.key]
    kept = [place.id for place in edited if place.is_lesson_code]
    restored = [place.id for place in edited if not place.is_lesson_code]
    answers = [place for place in places if place.solution and place.found]
    unused = [one for one in given if one.place is None]
    rivals = {one.grade_id for one in unused if one.key not in {place.key for place in places}}
    stubs = {one.key for one in unused}
    too_long = [one for one in given if one.too_long and (not one.place or one.place.solution)]
    facts = {
        "restored {}, which had been changed": restored,
        "restored {}; the student's version stands before it as a cell of its own": kept,
        "several cells carried the grade id of {}; the last one that answers it counts": [
            place.id for place in answers if place.grade_id in rivals
        ],
        "left out untouched copies of {}": [p.id for p in answers if p.key in stubs],
        "put the pieces of {} together": [one.place.id for one in matched if one.pieces > 1],
        "{} is answered in another answer's cell": [p.id for p in places if p.answered_elsewhere],
        "what counts as {} was chosen by its position only": [p.id for p in places if p.guessed],
    }
    for sentence, ids in facts.items():
        if ids:
            yield sentence.format(_list(ids))
    if too_long:
        yield f"{_number(len(too_long), 'cell')} cut after {MAX_CELL:,} characters"


def _number(number, thing):
    return f"{number} {thing}" + ("s" if number > 1 else "")


def _list(ids):
    """As many of the ids as a sentence can hold."""
    shown = list(ids)
    while len(", ".join(shown)) > MAX_LIST and len(shown) > 1:
        shown.pop()
    rest = len(ids) - len(shown)
    return ", ".join(shown)[:MAX_LIST] + (f" and {rest} more" if rest else "")
