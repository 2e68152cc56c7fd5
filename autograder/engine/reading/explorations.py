"""Which cells that grading leaves out a student's code can't do without.

Lesson cells tagged `exploration` draw, train and compare. They aren't run in grading, but a
student may well use what one of them defines.
"""

from nbformat import NotebookNode

from autograder.engine.cells import is_exploration
from autograder.engine.reading.repair import is_theirs
from autograder.engine.reading.uses import Uses, uses_of


def needed_explorations(notebook: NotebookNode) -> dict[str, frozenset[str]]:
    """{id of an exploration cell: names that others take from it}, of a repaired notebook.

    The answers and the student's own cells ask for names, and so does each cell that is needed.
    What a cell reads while it runs it takes from the last cell before it that gives the name a
    value, as in any notebook; what is read later, when a function is called, from any.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any(map(is_exploration, cells)):
        return {}
    uses = [uses_of(cell.source) for cell in cells]
    explorations = {place for place, cell in enumerate(cells) if is_exploration(cell)}
    changes = _changes(uses, explorations)
    waiting = [place for place, cell in enumerate(cells) if _asks(cell)]
    needed = {}
    while waiting:
        asks = waiting.pop()
        for name, place in _sources(asks, uses, explorations, changes):
            if place not in needed and place != asks:
                waiting.append(place)
            needed.setdefault(place, set()).add(name)
    return {cells[place].id: frozenset(needed[place]) for place in sorted(needed)}


def _asks(cell):
    return is_theirs(cell) and not is_exploration(cell)


def _changes(uses, explorations):
    """{place: names whose values the cell changes}, also by a call of another's function."""
    through = {}
    for place in explorations:
        through |= {name: names for name, names in uses[place].through.items() if names}
    found = {}
    for place in explorations:
        called = through.keys() & uses[place].all
        found[place] = uses[place].changes.union(*(through[name] for name in called))
    return found


def _sources(asks: int, uses: list[Uses], explorations, changes):
    """Yield (name, exploration cell) of all that the cell at `asks` takes from such cells."""
    one = uses[asks]
    for name in one.later:
        for place in explorations:
            if name in uses[place].binds or name in changes[place]:
                yield name, place
    for name in one.now - one.later:
        binding = [place for place, other in enumerate(uses[:asks]) if name in other.binds]
        start = binding[-1] if binding else 0
        places = [place for place in explorations if start <= place < asks]
        found = [p for p in places if name in uses[p].binds or name in changes[p]]
        if not binding:  # nor would a notebook know it; the cell may have been moved
            found += [p for p in explorations if p > asks and name in uses[p].binds]
        for place in found:
            yield name, place
