"""Shapes filled with textures: pictures with two cues, drawn here from a seed, no download.

In the training pictures each shape has a texture of its own, so a net may learn either cue. A
cue-conflict picture has the shape of one class and the texture of another: what a net calls it
tells which cue it uses. R. Geirhos et al., "ImageNet-trained CNNs are biased towards texture;
increasing shape bias improves accuracy and robustness", ICLR 2019 (arXiv:1811.12231), asked
nets trained on ImageNet in this way; these pictures are our own.
"""

import colorsys

import numpy as np

SIZE = 64  # pixels on a side
SHAPES = ("disc", "square", "triangle", "star", "cross", "ring")
TEXTURES = ("dots", "checks", "stripes", "waves", "blotches", "grain")  # each of the shape above
REACH = 1.17  # radii from the middle to the farthest corner of a shape
TURN = np.deg2rad(12)  # shapes and textures are turned by at most this


def shapes_and_textures(n, seed=0, own_texture=True):
    """Draw pictures with one shape each, at a random place, in random size and colours.

    Args:
        n: how many; all classes come equally often, or nearly so.
        seed: the same seed gives the same pictures.
        own_texture: True fills each shape with the texture of its class; False with any of
            them, so that the texture says nothing about the class.

    Returns:
        images n x 3 x 64 x 64, float32 from 0 to 1; labels n, int64, the places in `SHAPES`.
    """
    rng = np.random.default_rng(seed)
    shapes = rng.permutation(np.arange(n) % len(SHAPES))
    textures = shapes if own_texture else rng.integers(len(TEXTURES), size=n)
    return _images(shapes, textures, rng), _labels(shapes)


def cue_conflict(n, seed=0):
    """Draw pictures with the shape of one class and the texture of another.

    Args:
        n: how many; all 30 pairs of two classes come equally often, or nearly so.
        seed: the same seed gives the same pictures.

    Returns:
        images n x 3 x 64 x 64, float32 from 0 to 1; the classes of the shapes and those of the
        textures, each n, int64, never equal in one picture.
    """
    rng = np.random.default_rng(seed)
    pair = rng.permutation(np.arange(n) % (len(SHAPES) * (len(SHAPES) - 1)))
    shapes, step = np.divmod(pair, len(SHAPES) - 1)
    textures = (shapes + 1 + step) % len(SHAPES)
    return _images(shapes, textures, rng), _labels(shapes), _labels(textures)


def shape_share(decisions, shapes, textures):
    """Return the share of shape decisions: 1 is shape alone, 0 is texture alone.

    Decisions for a third class count for neither, as in Geirhos et al. (2019).

    Args:
        decisions: n predicted classes for the pictures of `cue_conflict`.
        shapes, textures: n classes each, as `cue_conflict` returns them.

    Returns:
        shape decisions / (shape decisions + texture decisions); NaN where there are none.

    Raises:
        ValueError: three lists of different lengths.
    """
    decisions, shapes, textures = map(np.asarray, (decisions, shapes, textures))
    if not decisions.shape == shapes.shape == textures.shape:
        raise ValueError(
            "decisions, shapes and textures: expected one each for every picture, got "
            f"{decisions.shape}, {shapes.shape} and {textures.shape}"
        )
    by_shape, by_texture = (decisions == shapes).sum(), (decisions == textures).sum()
    return float(by_shape / (by_shape + by_texture)) if by_shape + by_texture else float("nan")


def _labels(classes):
    import torch

    return torch.from_numpy(classes.astype(np.int64))


def _images(shapes, textures, rng):
    import torch

    images = np.empty((len(shapes), 3, SIZE, SIZE), dtype=np.float32)
    for image, shape, texture in zip(images, shapes, textures, strict=True):
        image[:] = _draw(SHAPES[shape], TEXTURES[texture], rng)
    return torch.from_numpy(images)


def _draw(shape, texture, rng):
    """One picture, 3 x 64 x 64: two colours mixed by the texture, on a plain background."""
    background, dark, light = _colors(rng)
    radius = rng.uniform(18, 25)
    room = SIZE / 2 - 0.5 - REACH * radius  # the whole shape stays inside
    middle = SIZE / 2 - 0.5 + rng.uniform(-room, room, 2)
    x, y = _turned(*(place / radius for place in _pixels(middle)), rng.uniform(-TURN, TURN))
    inside = np.clip(0.5 - radius * _DISTANCE[shape](x, y), 0, 1)  # soft for one pixel
    x, y = _turned(*_pixels(rng.uniform(0, SIZE, 2)), rng.uniform(-TURN, TURN))
    scale = rng.uniform(0.9, 1.15)
    amount = _AMOUNT[texture](x / scale, y / scale, rng)
    filled = dark + (light - dark) * amount
    picture = background + (filled - background) * inside
    return np.clip(picture + rng.normal(0, 0.015, picture.shape), 0, 1)


def _pixels(middle):
    """x and y of every pixel from a place (x, y), in pixels; y points down."""
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
    return columns - middle[0], rows - middle[1]


def _turned(x, y, angle):
    return np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x


def _colors(rng):
    """Background and two colours of the texture, each 3 x 1 x 1; all differ in brightness."""
    bright, dim = ((0.92, 1.0), (0.15, 0.4), (0.6, 0.85)), ((0.0, 0.1), (0.3, 0.45), (0.8, 1.0))
    values, saturations = bright if rng.random() < 0.5 else dim, ((0, 0.15), (0.4, 1), (0.2, 0.6))
    colors = []
    for value, saturation in zip(values, saturations, strict=True):
        hsv = (rng.random(), rng.uniform(*saturation), rng.uniform(*value))
        colors.append(np.array(colorsys.hsv_to_rgb(*hsv))[:, None, None])
    return colors


# --- shapes: distance to the outline in radii, negative inside; some only near the outline -----


def _square(x, y):
    return np.maximum(np.abs(x), np.abs(y)) - 0.82


def _triangle(x, y):
    y = y - 0.1  # its middle is nearer to its base than to its tip
    return np.maximum(np.sqrt(0.75) * np.abs(x) - 0.5 * y, y) - 0.55


def _star(x, y):
    fifth = 2 * np.pi / 5
    angle = np.abs((np.arctan2(x, -y) + fifth / 2) % fifth - fifth / 2)  # from the nearest tip
    along, across = np.hypot(x, y) * np.cos(angle), np.hypot(x, y) * np.sin(angle)
    tip, valley = 1.1, (0.5 * np.cos(fifth / 2), 0.5 * np.sin(fifth / 2))
    edge = np.hypot(tip - valley[0], valley[1])
    return ((along - tip) * valley[1] + across * (tip - valley[0])) / edge


def _cross(x, y):
    x, y = np.abs(x), np.abs(y)
    return np.minimum(np.maximum(x - 1, y - 0.36), np.maximum(x - 0.36, y - 1))


_DISTANCE = {
    "disc": lambda x, y: np.hypot(x, y) - 0.95,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "cross": _cross,
    "ring": lambda x, y: np.abs(np.hypot(x, y) - 0.72) - 0.27,
}


# --- textures: 0 is the dark colour, 1 the light one; x and y in pixels ------------------------


def _crisp(wave, sharpness=3.0):
    """A wave around zero as 0 to 1, with soft steps between the two."""
    return 0.5 + 0.5 * np.tanh(sharpness * wave)


def _cycle(place, period):
    return np.sin(2 * np.pi * place / period)


def _dots(x, y, rng):
    return _crisp(0.55 + 0.5 * (_cycle(x, 8) + _cycle(y, 8)), 4.0)


def _waves(x, y, rng):
    return _crisp(_cycle(y + 3 * _cycle(x, 18), 8))


def _blotches(x, y, rng):
    """The sign of many waves in all directions: patches without a grid."""
    angles, phases = rng.uniform(0, 2 * np.pi, (2, 16, 1, 1))
    lengths = rng.uniform(10, 16, (16, 1, 1))
    waves = np.cos(2 * np.pi * (np.cos(angles) * x + np.sin(angles) * y) / lengths + phases)
    return _crisp(waves.sum(axis=0) / 2)


_AMOUNT = {
    "dots": _dots,
    "checks": lambda x, y, rng: _crisp(_cycle(x, 12) * _cycle(y, 12), 5.0),
    "stripes": lambda x, y, rng: _crisp(_cycle(x + y, 9)),
    "waves": _waves,
    "blotches": _blotches,
    "grain": lambda x, y, rng: rng.random(x.shape),
}
