"""A submission -> the release's notebook with the student's answers in it.

Of what was handed in only the answers and the student's own cells count; every other source,
all metadata and the order come from the release.
"""

import copy
from bisect import bisect_left
from dataclasses import replace
from itertools import count

from nbformat import NotebookNode

from autograder.engine.cells import is_solution
from autograder.engine.reading.additions import added, without
from autograder.engine.reading.album import Album
from autograder.engine.reading.intake import Submission
from autograder.engine.reading.matching import is_stub, match
from autograder.engine.reading.sentences import about_pictures, about_repairs, number_of
from autograder.engine.reading.uses import uses_of
from autograder.engine.reading.written import is_empty

OWN_CELL = "own-"  # how the ids of the student's own cells begin
MAX_NOTE, MAX_NOTES = 20_000, 200_000  # characters of a text of the student's own, of all
ANSWERED_ELSEWHERE = "# answered in another cell"


def repair(submission: Submission, released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return (notebook, repairs): the release with the student's work in it, and sentences.

    The notebook has the cells of `released`, in order; the sources of its solution cells are
    the student's, whose own cells stand between. Never raises on account of the submission.
    """
    places, given = match(submission.cells, released)
    matched = [one for one in given if one.place and one is one.place.found[0]]
    backbone = _longest_in_order(matched)
    homes = _homes(places, matched)
    additions = _additions(places, given, matched)
    slots = _slots(places, given, matched, backbone, additions)
    album = Album()
    notebook = _assembled(released, places, slots, album, homes)
    shortened = list(_shortened(notebook))
    texts = sorted(texts_of_theirs(notebook), key=is_own)  # answers have the first right to room
    told = about_repairs(places, given, matched, backbone, additions, homes)
    return notebook, [*told, *shortened, *about_pictures(album.put_into(texts))]


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


def _homes(places, matched):
    """{an answer: the cell of ours that it was typed into, as the labels say}."""
    ours = [place for place in places if _is_ours(place) and not place.found]
    found = {}
    for one in matched:
        if one.place.solution and one.place.kind == "code":
            labels = {one.grade_id, one.cell_id} - {None}
            home = next((p for p in ours if labels & {p.grade_id, p.id}), None)
            if home and one.place.grade_id not in labels:
                found[one] = home
    return found


def _additions(places, given, matched):
    """{a submitted cell: what it `Added`} of the code that isn't the student's to change."""
    known = {place.key for place in places}
    changed = [one for one in given if one.kind == "code" and one.key not in known]
    # What is as its release gave it, an older one perhaps, is no student's.
    ours = [one for one in matched if _is_ours(one.place) and not one.intact]
    edited = [one for one in changed if one in ours]
    if not edited:
        return {}
    used = frozenset().union(*(uses_of(one.source).all for one in changed))
    return {one: added(one.source, one.place.shown_source, used) for one in edited}


def _is_ours(place):
    """Whether a cell is code that only we write in: it draws, checks, grades or holds helpers."""
    return place.kind == "code" and not (place.solution or place.is_lesson_code)


def _slots(places, given, matched, backbone, additions):
    """{index of a place: the student's own cells before it}."""
    slots = {index: [] for index in range(len(places) + 1)}
    known = {place.key for place in places}
    for one in given:
        if one in additions:
            if additions[one].kept:
                # What it defines has to be there before it is tested, but may use what our own
                # cells define.
                behind = one.place.is_exploration or not one.place.is_test
                slots[one.place.index + behind].append(replace(one, source=additions[one].kept))
        elif one.place is None and one.joins is None and one.key and one.key not in known:
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


def _assembled(released, places, slots, album, homes):
    notebook = copy.deepcopy(released)
    taken = {place.id for place in places}
    ids = (name for name in (f"{OWN_CELL}{number}" for number in count(1)) if name not in taken)
    cells = []
    for place, cell in zip(places, notebook.cells, strict=True):
        cells += [_own_cell(one, next(ids), album) for one in slots[place.index]]
        if place.solution:
            cell.source = _answer(place, album, homes)
        if place.kind == "code":
            cell.outputs, cell.execution_count = [], None
        cells.append(cell)
    notebook.cells = cells + [_own_cell(one, next(ids), album) for one in slots[len(places)]]
    return notebook


def _answer(place, album, homes):
    if place.answered_elsewhere:
        return ANSWERED_ELSEWHERE
    if place.kind == "code":
        if not place.found or is_stub(place):
            return place.cell.source
        one = place.found[0]
        return without(one.source, homes[one].shown_source) if one in homes else one.source
    found = [] if is_empty(place) else [(one, one.source) for one in place.found]
    texts = [*found, *((one, text) for one, text, _ in place.beside)]
    if not texts:
        return place.cell.source
    return "\n\n".join(album.inert(text, one.attachments) for one, text in texts)


def is_theirs(cell: NotebookNode) -> bool:
    """Whether the student wrote a cell of a repaired notebook: an answer or one of their own."""
    return is_solution(cell) or is_own(cell)


def is_own(cell: NotebookNode) -> bool:
    """Whether a cell of a repaired notebook is one that the student added."""
    return cell.id.startswith(OWN_CELL)


def texts_of_theirs(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of a repaired notebook with texts that the student wrote."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown" and is_theirs(cell)]


def _own_cell(one, cell_id, album):
    if one.kind == "code":
        made = NotebookNode(cell_type="code", source=one.source, outputs=[], execution_count=None)
    else:
        source = album.inert(one.source, one.attachments)
        made = NotebookNode(cell_type="markdown", source=source)
    made.update(id=cell_id, metadata=NotebookNode())
    return made


def _shortened(notebook):
    """Cut the student's texts where a page with them would take minutes to make; say so."""
    cut, left_out, room = 0, 0, MAX_NOTES
    for cell in texts_of_theirs(notebook):
        most = MAX_NOTE if is_solution(cell) else min(MAX_NOTE, room)
        if len(cell.source) > most:
            cut, left_out = cut + (most > 0), left_out + (most == 0)
            cell.source = cell.source[:most]
        room -= 0 if is_solution(cell) else len(cell.source)
    if cut:
        yield f"{number_of(cut, 'text')} cut after {MAX_NOTE:,} characters"
    if left_out:
        yield f"{number_of(left_out, 'text')} left out: more than {MAX_NOTES:,} characters together"
