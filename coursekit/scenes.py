"""Unit 02: line drawings for its square detector, and how to show what is found.

A drawing holds hollow squares among shapes that mislead. Ink is 1 on 0; lines are one pixel thick.
Any two shapes keep at least two empty pixels between them, so that no 3x3 window sees two at once.
"""

import numpy as np

from coursekit import style
from coursekit.drawing import WAITING, draw, frame, prepare, say, shown_figure

SQUARE_SIDE = 4  # pixels of the squares to find
GAP = 2  # empty pixels between two shapes, at least
KINDS = (
    "5x5 box",
    "cross",
    "T-piece",
    "block",
    "broken square",
    "broken square",
    "horizontal line",
    "vertical line",
    "3x3 box",
    "corner",
    "corner",
)


def scene(seed, squares=3, size=32, distractors=KINDS):
    """Draw hollow 4x4 squares and other shapes at random places.

    Args:
        seed: a whole number, or a NumPy generator, which moves on.
        squares: how many hollow 4x4 squares there are.
        size: rows and columns of the drawing.
        distractors: names of the other shapes, each one of `KINDS`, a name for each shape. A broken
            square lacks one of its four corner pixels; a block is filled; crosses, T-pieces,
            corners and lines have random sizes and directions.

    Returns:
        (image, places): size x size x 1, float64, 0 or 1; and the sorted (row, column) of the top
        left pixels of the squares.

    Raises:
        ValueError: an unknown distractor, or more shapes than the drawing has room for.
    """
    rng = np.random.default_rng(seed)
    unknown = set(distractors) - set(KINDS)
    if unknown:
        raise ValueError(f"no distractor is called {min(unknown)!r}; choose from {set(KINDS)}")
    for _ in range(200):  # shapes that lie badly leave no room for the last ones: start again
        drawn = _attempt(rng, squares, size, distractors)
        if drawn is not None:
            return drawn
    raise ValueError(
        f"{squares} squares and {len(distractors)} distractors don't fit into {size}x{size} "
        "pixels; draw fewer, or make the drawing larger"
    )


def show_squares(image, expected, found):
    """Show a scene twice: the squares that are there framed, and those that were found.

    Args:
        image: H x W x 1.
        expected, found: (row, column) of top left pixels; `found` may be None.
    """
    ready = prepare(image, "scene")
    with shown_figure([ready, None if found is None else ready]) as panels:
        title = f"expected: {len(expected)} squares"
        _framed(panels[0], ready, expected, title)
        if found is None:
            say(panels[1], WAITING, "found by your detector", "equal")
        else:
            _framed(panels[1], ready, found, f"found by your detector: {len(found)}")


def show_row(images, limits):
    """Show images side by side in one row, as shades of gray.

    Args:
        images: {"title": H x W or H x W x 1}.
        limits: (low, high), the values that are black and white.
    """
    ready = [prepare(image, title, False, limits) for title, image in images.items()]
    with shown_figure(ready, per_row=len(ready)) as panels:
        for panel, title, image in zip(panels, images, ready, strict=True):
            draw(panel, *image, title=title)


def _framed(panel, ready, places, title):
    draw(panel, *ready, title=title)
    for row, column in places:
        frame(panel, (row - 1, column - 1), (SQUARE_SIDE + 2,) * 2, style.WINDOW, linewidth=2)


def _attempt(rng, squares, size, distractors):
    """One try: (image, places), or None where a shape found no room."""
    image, places = np.zeros((size, size)), []
    for kind in ["square"] * squares + list(distractors):
        shape = _shape(kind, rng)
        place = _free_place(rng, image, shape)
        if place is None:
            return None
        row, column = place
        image[row : row + shape.shape[0], column : column + shape.shape[1]] += shape
        if kind == "square":
            places.append(place)
    return image[:, :, np.newaxis], sorted(places)


def _free_place(rng, image, shape):
    """A random place for a shape, `GAP` pixels from all ink, or None."""
    near = np.pad(image, GAP)
    near = sum(  # every pixel that lies within the gap of some ink
        near[i : i + len(image), j : j + len(image)]
        for i in range(2 * GAP + 1)
        for j in range(2 * GAP + 1)
    )
    rows, columns = (len(image) - side + 1 for side in shape.shape)
    if min(rows, columns) < 1:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(near, shape.shape)
    free = np.argwhere((windows * shape).sum(axis=(2, 3)) == 0)
    return tuple(int(n) for n in rng.choice(free)) if len(free) else None


def _shape(kind, rng):
    """The pixels of one shape, 0 or 1, in a random size and direction."""
    if kind == "square":
        return _box(SQUARE_SIDE)
    if kind.endswith("box"):
        return _box(int(kind[0]))
    if kind == "block":
        return np.ones((rng.integers(3, 6), rng.integers(4, 6)))
    if kind == "broken square":
        broken = _box(SQUARE_SIDE)
        broken[0, 0] = 0
        return np.rot90(broken, rng.integers(4))
    length = rng.integers(5, 9)
    if kind == "horizontal line":
        return np.ones((1, length))
    if kind == "vertical line":
        return np.ones((length, 1))
    if kind == "corner":
        corner = np.zeros(rng.integers(3, 6, size=2))
        corner[0] = corner[:, 0] = 1
        return np.rot90(corner, rng.integers(4))
    cross = np.zeros((5, 5))
    cross[2] = cross[:, 2] = 1
    return cross if kind == "cross" else np.rot90(cross[2:], rng.integers(4))


def _box(side):
    box = np.ones((side, side))
    box[1:-1, 1:-1] = 0
    return box
