"""Written answers that stand beside the cell that was meant for them.

An untouched answer gets no points by itself. So a text near it, which may well be the answer,
has to come to the person who marks.
"""

import ast
import re
from functools import lru_cache

from autograder.engine.reading.names import compiled

WORD = re.compile(r"[^\W_]+")
# A cell of code, or of the lesson, whose words are perhaps not meant; a text far away.
SOME_WORDS, MANY_WORDS = 5, 8
EXERCISE = re.compile(r"(?m)^#+\s*Exercise\s+(?P<number>\d+)[^:\n]*:\s*(?P<title>[^·\n]*\w)")
CALLED = "exercise|ex|task|question|problem|answer|aufgabe|übung"  # before the number of one
SHOWING = re.compile(r"\s*%%(?:markdown|html|latex|md)\b[^\n]*\n", re.IGNORECASE)
COMMENT = re.compile(r"(?m)^[ \t]*#+[ \t]?(.*)$")
SAYING = {"print", "display", "Markdown", "HTML", "Latex"}
SHOWN = (ast.Expr, ast.Assign, ast.Import, ast.ImportFrom)


def find_written(places: list, given: list) -> None:
    """Fill in `beside` of the places of written answers: [(submitted cell, text, where)].

    A cell of the student's own that stands between the released neighbours goes into the answer.
    """
    known = {place.key for place in places}
    for place in places:
        if not (place.solution and place.kind == "markdown"):
            continue
        beside = _in_the_task(places, place)
        if is_empty(place):
            own = [one for one in given if _is_own(one, known)]
            beside += _in_own_cells(places, place, own)
            beside += _in_neighbours(places, place, given)
            beside = beside or _elsewhere(places, place, own)
        place.beside = sorted(beside, key=lambda one: one[0].number)


def is_empty(place) -> bool:
    """Whether nothing was written where the answer should stand."""
    texts = [one.source for one in place.found if one.key != place.key]
    return not any(WORD.search(text) for text in texts)


def words_in(text: str) -> int:
    return len(WORD.findall(text))


def _is_own(one, known):
    return one.place is None and one.joins is None and one.key not in known


# --- cells of the lesson -------------------------------------------------------------------


def _in_the_task(places, place):
    """What was typed into the text of the task."""
    if place.index == 0:
        return []
    return _typed_into(places[place.index - 1], 1)


def _in_neighbours(places, place, given):
    """What was typed into the cells around: before the task, and behind the answer."""
    if any(one.place and one.intact and one.key != one.place.key for one in given):
        return []  # of another release, whose lesson may have other words
    around = [
        places[index] for index in (place.index - 2, place.index + 1) if _is_in(index, places)
    ]
    return [found for neighbour in around for found in _typed_into(neighbour, SOME_WORDS)]


def _is_in(index, places):
    return 0 <= index < len(places)


def _typed_into(neighbour, least):
    if neighbour.solution or not neighbour.found:
        return []
    one = neighbour.found[0]
    if one.key == neighbour.key or one.intact:
        return []
    text = added_text(one.source, neighbour.cell.source)
    if neighbour.kind == "code":
        text = prose(text) or ""
    return [(one, text, f"in {neighbour.id}")] if words_in(text) >= least else []


def added_text(source: str, released: str) -> str:
    """The words of a text that the released one doesn't have, by whole or broken-off lines."""
    known = [line.strip() for line in released.splitlines()]
    kept = []
    for line in source.splitlines():
        stripped = line.strip()
        if stripped in known:
            kept += [] if stripped else [""]
            continue
        begun = [one for one in known if one and stripped.startswith(one)]
        ended = [one for one in known if one and stripped.endswith(one)]
        if begun:
            stripped = stripped.removeprefix(max(begun, key=len))
        elif ended:
            stripped = stripped.removesuffix(max(ended, key=len))
        kept.append(stripped)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


# --- cells of the student's own ------------------------------------------------------------


def _in_own_cells(places, place, own):
    """Texts between the task and what follows the answer."""
    if not any(p.found for p in places[max(place.index - 1, 0) : place.index + 2]):
        return []  # nothing tells where that is
    before = [p.found[-1].number for p in places[: place.index] if p.found]
    after = [p.found[0].number for p in places[place.index + 1 :] if p.found]
    start, end = before[-1] if before else -1, after[0] if after else float("inf")
    stub = place.found[0].number if place.found else None
    found = []
    for one in own:
        text = _text_of(one) if start < one.number < end else None
        if text:
            side = "beside" if stub is None else "before" if one.number < stub else "behind"
            found.append((one, text, f"in a new cell {side} it"))
            if one.kind != "code":
                one.joins = place
    return found


def _elsewhere(places, place, own):
    """Texts that name the exercise; where the answer's cell is gone, any of some length."""
    task = EXERCISE.search(places[place.index - 1].cell.source) if place.index else None
    found = []
    for one in own:
        named = place.grade_id in one.source or (task and _names(one.source, task))
        if not named and (place.found or one.kind == "code"):
            continue
        text = _text_of(one) or ""
        if words_in(text) >= MANY_WORDS:
            found.append((one, text, "in a new cell elsewhere"))
    return found


def _names(text, task):
    number = rf"(?<!\w)(?:{CALLED})[\s.:#]*{task['number']}(?!\d)"
    return task["title"].lower() in text.lower() or re.search(number, text, re.IGNORECASE)


def _text_of(one):
    """What a cell says in words; None where it says nothing."""
    if one.kind == "code":
        return prose(one.source)
    return one.source if WORD.search(one.source) else None


@lru_cache(maxsize=1000)
def prose(source: str) -> str | None:
    """What a cell of code says in comments and texts, or as words that are no Python.

    None where it says too little: beside code that does something a few words are no answer.
    """
    if showing := SHOWING.match(source):
        return source[showing.end() :].strip() or None
    tree = compiled(source, ast.PyCF_ONLY_AST)
    if tree is None:
        return source if words_in(source) >= SOME_WORDS else None
    strings = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    comments = [
        (source.count("\n", 0, one.start()) + 1, one[1])
        for one in COMMENT.finditer(source)
        if not any(one[1] in text for _, text in strings)
    ]
    text = "\n".join(said for _, said in sorted(strings + comments)).strip()
    return text if words_in(text) >= (2 if _only_says(tree) else MANY_WORDS) else None


def _only_says(tree):
    """Whether code gives texts names, or shows them, and does nothing else."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return all(isinstance(one, SHOWN) for one in tree.body) and (
        {one.id for one in names} <= bound | SAYING
    )
