"""What a person is told of how a submission differed from the release, in sentences."""

from autograder.engine.reading.intake import MAX_CELL
from autograder.engine.reading.written import is_empty

MAX_LIST = 180  # characters of a list of cells in a sentence


def about_repairs(places: list, given: list, matched: list, backbone: list, additions, homes):
    """The sentences about the cells of a submission; arguments as in `repair`."""
    return [
        *_about_metadata(given, matched),
        *_about_kinds(matched),
        *_about_order(matched, backbone),
        *_about_homes(homes),
        *_about_sources(places, given, matched, additions, homes),
        *_about_written(places),
    ]


def about_pictures(refused: dict[str, list[str]]) -> list[str]:
    """The sentences about pictures that aren't shown: {why: ids of cells}."""
    return [f"a picture in {listed(ids)} was left out: {why}" for why, ids in refused.items()]


def _about_metadata(given, matched):
    graded = [one for one in matched if one.place.grade_id]
    lost = [one.place.id for one in graded if one.grade_id is None]
    changed = [one.place.id for one in graded if one.grade_id not in (None, one.place.grade_id)]
    if lost and not any(one.grade_id for one in given):
        yield "nbgrader metadata was missing from all cells; recognised by their content"
    elif lost:
        yield f"nbgrader metadata was missing from {listed(lost)}; recognised by their content"
    if changed:
        yield f"other grade ids stood in {listed(changed)}; recognised by their content"


def _about_kinds(matched):
    for kind in ("code", "markdown", "raw"):
        other = [one.place.id for one in matched if one.kind == kind != one.place.kind]
        if other:
            yield f"{'cells' if other[1:] else 'cell'} {listed(other)} came as {kind}"


def _about_order(matched, backbone):
    moved = len(matched) - len(backbone)
    if moved:
        yield f"{number_of(moved, 'cell')} stood in another order"


def _about_written(places):
    for place in places:
        where = list(dict.fromkeys(where for _, _, where in place.beside))
        if where and is_empty(place):
            yield (
                f"{place.id} was left empty; a text {listed(where)} stands in it now, "
                "and a person has to look"
            )
        elif where:
            yield f"to {place.id} was added what stood {listed(where)}"


def _about_homes(homes):
    for one, home in homes.items():
        yield f"{one.place.id} was answered in {home.id}, which was restored"


def _about_sources(places, given, matched, additions, homes):
    there = [*homes.values(), *(place for place in places if place.found)]
    missing = [p.id for p in places if p not in there and not p.answered_elsewhere]
    if missing:
        yield f"put back {number_of(len(missing), 'deleted cell')}: {listed(missing)}"
    edited = [one.place for one in matched if not one.place.solution and one.key != one.place.key]
    kept = [place.id for place in edited if place.is_lesson_code]
    some = {one.place.id for one, new in additions.items() if new.kept}
    rest = {one.place.id for one, new in additions.items() if new.left_out}
    restored = [one for one in matched if one.place in edited and not one.place.is_lesson_code]
    restored = {one.place.id: one.intact for one in restored if one.place.id not in some}
    answers = [place for place in places if place.solution and place.found]
    unused = [one for one in given if one.place is None and one.joins is None]
    rivals = {one.grade_id for one in unused if one.key not in {place.key for place in places}}
    stubs = {one.key for one in unused}
    too_long = [one for one in given if one.too_long and (not one.place or one.place.solution)]
    facts = {
        "restored {}, which had been changed": [p for p, told in restored.items() if told is False],
        "restored {}, which differed from the release": [
            place for place, told in restored.items() if told is None
        ],
        "{} came from another release; this one's counts": [
            place for place, told in restored.items() if told
        ],
        "restored {}; what the student's version adds stands beside it as a cell of its own": [
            one.place.id for one in matched if one.place.id in some - rest
        ],
        "restored {}; of what the student's version adds, imports and definitions stand beside it "
        "as a cell of its own, the rest was left out": [
            one.place.id for one in matched if one.place.id in some & rest
        ],
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
            yield sentence.format(listed(ids))
    if too_long:
        yield f"{number_of(len(too_long), 'cell')} cut after {MAX_CELL:,} characters"


def number_of(number, thing):
    return f"{number} {thing}" + ("s" if number > 1 else "")


def listed(ids):
    """As many of the ids as a sentence can hold."""
    shown = list(ids)
    while len(", ".join(shown)) > MAX_LIST and len(shown) > 1:
        shown.pop()
    rest = len(ids) - len(shown)
    return ", ".join(shown)[:MAX_LIST] + (f" and {rest} more" if rest else "")
