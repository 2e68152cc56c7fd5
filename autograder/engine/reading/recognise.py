"""Which unit a notebook is of, by what is in it: its name and its folder say nothing."""

from dataclasses import dataclass

from autograder.engine.reading.matching import is_stub, key_of, match

# Half of a unit's cells, saved by an editor that lost ids and metadata, are 0.3 and more of it;
# a notebook of another unit, with all its ids, is less than 0.1: 'title', 'setup' and a few more.
LEAST = 0.25  # of a unit
CLEARLY = 2  # times what is recognised of any other unit
CELL = 500  # characters of text; what it takes to compare a cell, be it as short as may be
NAMES_COUNT = 0.5  # answers alone, by their names: a net or a loop of the same name is found often


@dataclass(frozen=True)
class Likeness:
    """How much of a unit's notebook is in another: cells, and among them answers."""

    cells: int
    of_cells: int
    answers: int
    of_answers: int

    @property
    def share(self):
        """Between 0 and 1."""
        answers = self.answers / max(self.of_answers, 1)
        return max(self.cells / self.of_cells, NAMES_COUNT * answers)

    def __str__(self):
        return f"{self.cells} of {self.of_cells} cells"


def likeness(cells, released):
    """The `Likeness` of submitted cells to a released notebook.

    A cell counts by its text, its ids or the names it binds, never by its position alone.
    """
    places, _ = match(cells, released)
    known = [place for place in places if place.found and not place.guessed]
    answers = [place for place in places if place.solution]
    given = [place for place in known if place.solution and not is_stub(place)]
    return Likeness(len(known), len(places), len(given), len(answers))


def texts_of(notebooks):
    """The texts of all cells of some notebooks, without regard to white space."""
    return {key_of(cell.source) for notebook in notebooks for cell in notebook.cells}


def text_of_its_own(cells, texts):
    """How much there is to compare: characters of submitted cells that aren't among `texts`."""
    return sum(len(cell.source) + CELL for cell in cells if key_of(cell.source) not in texts)


def best(found):
    """The key in {key: `Likeness`} of which enough is there, and much more than of the others."""
    first, *others = sorted(found, key=lambda key: found[key].share, reverse=True)
    enough = found[first].share >= LEAST
    clear = all(found[first].share >= CLEARLY * found[other].share for other in others)
    return first if enough and clear else None
