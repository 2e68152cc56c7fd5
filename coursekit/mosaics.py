"""Many small pictures as one large one: filters, channels, digits."""

import numpy as np


def mosaic(tiles, columns, rows_apart=1, columns_apart=1):
    """Lay tiles out row by row, with gaps of so many pixels between them.

    Args:
        tiles: N x h x w, or N x h x w x 3 in colours.
        columns: tiles in a row.

    Returns:
        (picture, corners): H x W with NaN in the gaps, or H x W x 3 with white there; and the
        (top, left) pixel of each tile.
    """
    count, height, width = tiles.shape[:3]
    columns = min(columns, count)
    rows, down, right = -(-count // columns), height + rows_apart, width + columns_apart
    shape = (rows * down - rows_apart, columns * right - columns_apart, *tiles.shape[3:])
    picture = np.full(shape, 1.0 if tiles.ndim == 4 else np.nan)
    corners = [(place // columns * down, place % columns * right) for place in range(count)]
    for tile, (top, left) in zip(tiles, corners, strict=True):
        picture[top : top + height, left : left + width] = tile
    return picture, corners
