"""Which cells that grading leaves out a student's code can't do without.

Lesson cells tagged `exploration` draw, train and compare. They aren't run in grading, but a
student may well use what one of them defines.
"""

from bisect import bisect_left
from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.engine.cells import is_exploration
from autograder.engine.reading.repair import is_theirs
from autograder.engine.reading.uses import NOTHING, WORD, uses_of


def needed_explorations(notebook: NotebookNode) -> dict[str, frozenset[str]]:
    """{id of an exploration cell: names that others take from it}, of a repaired notebook.

    The answers and the student's own cells ask for names, and so does each cell that is needed.
    What a cell reads while it runs it takes from the last cell before it that gives the name a
    value, as in any notebook; what is read later, when a function is called, from any.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any(map(is_exploration, cells)):
        return {}
    lesson = Lesson(cells)
    waiting = [place for place, cell in enumerate(cells) if _asks(cell)]
    needed = {}
    while waiting:
        asks = waiting.pop()
        for name, place in lesson.sources(asks):
            if place not in needed and place != asks:
                waiting.append(place)
            needed.setdefault(place, set()).add(name)
    return {cells[place].id: frozenset(needed[place]) for place in sorted(needed)}


def _asks(cell):
    return is_theirs(cell) and not is_exploration(cell)


class Lesson:
    """What the cells of a notebook take from those that are explorations."""

    def __init__(self, cells: list[NotebookNode]):
        found = {n: uses_of(cell.source) for n, cell in enumerate(cells) if is_exploration(cell)}
        through = {}
        for one in found.values():
            through |= {name: names for name, names in one.through.items() if names}
        self.gives = {}  # name -> explorations that give it a value or change that
        for place, one in found.items():
            called = (through[name] for name in through.keys() & one.all)
            for name in one.binds.union(one.changes, *called):
                self.gives.setdefault(name, []).append(place)
        # Most cells have no such name in them, and needn't be taken apart.
        self.uses = [
            found.get(n) or (uses_of(cell.source) if self._has_any(cell) else NOTHING)
            for n, cell in enumerate(cells)
        ]
        self.binding = {name: [] for name in self.gives}  # name -> cells that give it a value
        for place, one in enumerate(self.uses):
            for name in one.binds & self.gives.keys():
                self.binding[name].append(place)

    def _has_any(self, cell):
        return not self.gives.keys().isdisjoint(WORD.findall(cell.source))

    def sources(self, asks: int) -> Iterator[tuple[str, int]]:
        """(name, exploration) of all that the cell at `asks` takes from such cells."""
        one = self.uses[asks]
        for name in one.all & self.gives.keys():
            start, end = 0, len(self.uses)
            if name not in one.later:
                before = bisect_left(self.binding[name], asks)
                if before:  # else no cell has it before: this one may have been moved
                    start, end = self.binding[name][before - 1], asks
            for place in self.gives[name]:
                if start <= place < end:
                    yield name, place
