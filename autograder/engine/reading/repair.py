"""A submission -> the release's notebook with the student's answers in it.

Of what was handed in only the answers and the student's own cells count; every other source,
all metadata and the order come from the release.
"""

import copy
from bisect import bisect_left
from itertools import count

from nbformat import NotebookNode

from autograder.engine.cells import is_solution
from autograder.engine.reading.inert import inert_markdown
from autograder.engine.reading.intake import MAX_CELL, Submission
from autograder.engine.reading.matching import is_stub, match

OWN_CELL = "own-"  # how the ids of the student's own cells begin
MAX_NOTE, MAX_NOTES = 20_000, 200_000  # characters of a text of the student's own, of all
ANSWERED_ELSEWHERE = "# answered in another cell"
MAX_LIST = 180  # characters of a list of cells in a sentence


def repair(submission: Submission, released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return (notebook, repairs): the release with the student's work in it, and sentences.

    The notebook has the cells of `released`, in order; the sources of its solution cells are
    the student's, whose own cells stand between. Never raises on account of the submission.
    """
    places, given = match(submission.cells, released)
    matched = [one for one in given if one.place and one is one.place.found[0]]
    backbone = _longest_in_order(matched)
    slots = _slots(places, given, matched, backbone)
    notebook = _assembled(released, places, slots)
    return notebook, [*_sentences(places, given, matched, backbone), *_shortened(notebook)]


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
    ids = (name for name in (f"{OWN_CELL}{number}" for number in count(1)) if name not in taken)
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
    if not place.found or is_stub(place):
        return place.cell.source
    if place.kind == "code":
        return place.found[0].source
    return inert_markdown("\n\n".join(one.source for one in place.found))


def is_theirs(cell: NotebookNode) -> bool:
    """Whether the student wrote a cell of a repaired notebook: an answer or one of their own."""
    return is_solution(cell) or is_own(cell)


def is_own(cell: NotebookNode) -> bool:
    """Whether a cell of a repaired notebook is one that the release doesn't have."""
    return cell.id.startswith(OWN_CELL)


def _own_cell(one, cell_id):
    if one.kind == "code":
        made = NotebookNode(cell_type="code", source=one.source, outputs=[], execution_count=None)
    else:
        made = NotebookNode(cell_type="markdown", source=inert_markdown(one.source))
    made.update(id=cell_id, metadata=NotebookNode())
    return made


def _shortened(notebook):
    """Cut the student's texts where a page with them would take minutes to make; say so."""
    cut, left_out, room = 0, 0, MAX_NOTES
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and is_theirs(cell):
            most = MAX_NOTE if is_solution(cell) else min(MAX_NOTE, room)
            if len(cell.source) > most:
                cut, left_out = cut + (most > 0), left_out + (most == 0)
                cell.source = cell.source[:most]
            room -= 0 if is_solution(cell) else len(cell.source)
    if cut:
        yield f"{_number(cut, 'text')} cut after {MAX_NOTE:,} characters"
    if left_out:
        yield f"{_number(left_out, 'text')} left out: more than {MAX_NOTES:,} characters together"


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
