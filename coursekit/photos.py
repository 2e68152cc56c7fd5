"""Real photos that are already on your disk: they come with scikit-image, no download.

Gray photos are H x W x 1, colour photos H x W x 3, both float64 with values from 0 to 1.
"""

import importlib.resources

import numpy as np
from PIL import Image

_FILES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "cells": "cell.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "moon": "moon.png",
    "motorcycle": "motorcycle_left.png",
    "page": "page.png",
    "rocket": "rocket.jpg",
    "text": "text.png",
}


def names():
    """Names that `gray` and `color` know, in alphabetical order."""
    return sorted(_FILES)


def gray(name, size=None, crop=None):
    """Return a photo as shades of gray, H x W x 1.

    Args:
        name: one of `names()`; a colour photo is turned into its brightness.
        size: (height, width) in pixels to resize to; None keeps the size.
        crop: (top, left, height, width) in pixels of the stored photo, cut out before resizing.

    Raises:
        ValueError: unknown name, or a crop that leaves the photo.
        ImportError: scikit-image, which brings the photos, is not installed.
    """
    return _read(name, "L", size, crop)[:, :, np.newaxis]


def color(name, size=None, crop=None):
    """Return a photo as red, green and blue, H x W x 3 (equal where the photo is gray).

    The arguments and errors are those of `gray`.
    """
    return _read(name, "RGB", size, crop)


def _read(name, mode, size, crop):
    if name not in _FILES:
        raise ValueError(f"no photo is called {name!r}; choose one of: {', '.join(names())}")
    try:
        # Only the file is used: importing skimage.data would load much of SciPy.
        file = importlib.resources.files("skimage").joinpath("data", _FILES[name])
    except ImportError as error:
        raise ImportError(
            "the photos come with scikit-image, which is not installed: pip install scikit-image"
        ) from error
    with file.open("rb") as stream, Image.open(stream) as stored:
        photo = stored.convert(mode)
    if crop is not None:
        photo = photo.crop(_box(crop, name, photo))
    if size is not None:
        height, width = size
        photo = photo.resize((width, height), Image.Resampling.LANCZOS)  # smooths while it shrinks
    return np.asarray(photo, dtype=np.float64) / 255.0


def _box(crop, name, photo):
    top, left, height, width = crop
    inside = 0 <= top < top + height <= photo.height and 0 <= left < left + width <= photo.width
    if not inside:
        raise ValueError(
            f"crop (top, left, height, width) = {tuple(crop)} is not inside {name!r}, "
            f"which is {photo.height} x {photo.width} pixels"
        )
    return left, top, left + width, top + height
