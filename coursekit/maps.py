"""Pictures of what a network sees where: a scene of digits, a map of classes, receptive fields.

Everything takes arrays and tensors alike.
"""

import numpy as np

from coursekit import style
from coursekit.drawing import (
    WAITING,
    count_pixels,
    frame,
    numbers,
    rgb,
    say,
    separate_pixels,
    set_title,
    shown_figure,
    unbatched,
)

CLASSES = [  # one colour a class: matplotlib's "tab10", but gray is the picture's own
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2"),
    *(style.INK, "#bcbd22", "#17becf"),
]


def digit_scene(seed=0, count=5, height=96, width=160, size=32, step=4, digits=None):
    """Place several digits on one large black picture, no two on the same pixels.

    Args:
        seed: which digits stand where.
        count: how many digits.
        height, width: size of the picture in pixels.
        size: side of a digit in pixels.
        step: rows and columns of the top left corners are multiples of it. A network whose
            map has one place every `step` pixels then has a window that frames a digit exactly.
        digits: (images N x 1 x size x size, labels N) to choose from, such as those that a
            network hasn't seen; None takes `small_digits(size)`.

    Returns:
        picture: 1 x height x width, float32 from 0 to 1.
        places: a list of (label, top, left), one for each digit.

    Raises:
        ValueError: the digits don't fit.
    """
    if digits is None:
        from coursekit.digits import small_digits

        digits = small_digits(size)
    images, labels = (numbers(part, "digits") for part in digits)
    if images.shape[1:] != (1, size, size):
        raise ValueError(f"digits: expected N x 1 x {size} x {size}, got shape {images.shape}")
    rng = np.random.default_rng(seed)
    picture = np.zeros((1, height, width), dtype=np.float32)
    places = []
    for index in rng.choice(len(images), size=count, replace=False):
        free = [
            (top, left)
            for top in range(0, height - size + 1, step)
            for left in range(0, width - size + 1, step)
            if all(max(abs(top - y), abs(left - x)) >= size for _, y, x in places)
        ]
        if not free:
            raise ValueError(
                f"{count} digits of {size} x {size} found no room on {height} x {width} pixels; "
                "take fewer of them, or a larger picture"
            )
        top, left = free[rng.integers(len(free))]
        picture[:, top : top + size, left : left + size] = images[index]
        places.append((int(labels[index]), top, left))
    return picture, places


def show_class_map(picture, logits_map, cell=4, offset=14, window=32, places=()):
    """Show a picture, and over it the most probable class at each place of a network's map.

    Each place of the map has looked at one window. Its class is drawn as a coloured square in
    the middle of this window. The surer the network (softmax), the stronger the colour; from
    50% on the class is written into the square, where there is room.

    Args:
        picture: 1 x H x W or H x W, from 0 to 1.
        logits_map: K x H' x W' or 1 x K x H' x W' with at most 10 classes; None: your code
            isn't there yet.
        cell: pixels from one window to the next, which is the side of a square.
        offset: pixels from the picture's edge to the first square, (window - cell) / 2.
        window: side of a window in pixels; that of the surest place is outlined.
        places: (label, top, left) of the objects, as `digit_scene` returns them.

    Raises:
        ValueError: not a picture, or not a map.
    """
    image = numbers(picture, "picture")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[0] != 1):
        raise ValueError(f"picture: expected 1 x H x W or H x W, got shape {image.shape}")
    image = image.reshape(image.shape[-2:])
    answer = None if logits_map is None else _most_probable(logits_map)
    height, width = image.shape
    tall = width > 1.3 * height  # a wide picture: one below the other
    scale = 6.2 / width if tall else 4.2 / width
    size = (6.9, 2 * (height * scale + 0.75)) if tall else (9.6, height * scale + 0.9)
    grid = {"per_row": 1 if tall else 2, "size": size}
    with shown_figure([None, None], **grid) as panels:
        _draw_picture(panels[0], image)
        set_title(panels[0], "picture")
        for label, top, left in places:
            _outline(panels[0], top, left, window, str(label))
        if answer is None:
            say(panels[1], WAITING, "most probable class", aspect=height / width)
        else:
            _draw_picture(panels[1], 1 - 0.3 * image)  # pale on white: the colours stay true
            _draw_map(panels[1], *answer, cell, offset, window)


def show_receptive_fields(layers):
    """Show which pixels one number sees after each layer, on one grid of pixels.

    The pixels are marked by going back from the number, layer by layer, to whatever it needs.
    Dark pixels are used after that layer; pale ones lie between them and are skipped (dilation).

    Args:
        layers: a list of (name, f, s, d): kernel side, stride, dilation, in the order of the
            network. Pooling counts like a convolution of its size.

    Raises:
        ValueError: an empty list, or an f, s, d below 1.
    """
    masks = _marked(layers)
    names = [name for name, *_ in layers]
    side = len(masks[-1])
    columns = len(masks) if len(masks) <= 4 else min(4, -(-len(masks) // 2))
    rows = -(-len(masks) // columns)
    size = (2.4 * columns + 0.3, 2.75 * rows)
    with shown_figure([None] * len(masks), per_row=columns, size=size) as panels:
        for panel, name, mask, color in zip(panels, names, masks, _shades(len(masks)), strict=True):
            _draw_field(panel, mask, side, color)
            set_title(panel, f"after {name}: {len(mask)} × {len(mask)}")


def _most_probable(logits_map):
    """The class and the confidence at each place of a map."""
    logits = unbatched(numbers(logits_map, "logits_map"), 3)
    if logits.ndim != 3 or logits.size == 0 or len(logits) > len(CLASSES):
        raise ValueError(
            f"logits_map: expected K x H' x W' with K up to {len(CLASSES)}, got shape "
            f"{np.shape(logits_map)}"
        )
    if not np.isfinite(logits).all():
        raise ValueError("logits_map: it holds NaN or infinite numbers")
    shares = np.exp(logits - logits.max(axis=0))
    shares /= shares.sum(axis=0)
    return shares.argmax(axis=0), shares.max(axis=0)


def _draw_picture(panel, image):
    panel.imshow(image, cmap=style.IMAGES, vmin=0, vmax=1)
    count_pixels(panel)


def _draw_map(panel, classes, confidence, cell, offset, window):
    rows, columns = classes.shape
    squares = np.empty((rows, columns, 4))
    squares[..., :3] = np.array([rgb(color) for color in CLASSES])[classes]
    squares[..., 3] = 0.8 * np.clip((confidence - 0.1) / 0.9, 0, 1)  # ten classes by chance: 0.1
    limits = panel.get_xlim(), panel.get_ylim()
    edges = (offset - 0.5, offset + columns * cell - 0.5, offset + rows * cell - 0.5, offset - 0.5)
    panel.imshow(squares, extent=edges, interpolation="nearest")
    panel.set(xlim=limits[0], ylim=limits[1])
    _write_classes(panel, classes, confidence, cell, offset)
    row, column = np.unravel_index(confidence.argmax(), confidence.shape)
    _outline(panel, row * cell, column * cell, window, "")
    for found in np.unique(classes):
        panel.plot([], [], "s", ms=8, color=CLASSES[found], label=str(found))
    beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.02), "labelspacing": 0.35}
    fonts = {"fontsize": 8, "title_fontsize": 8, "handletextpad": 0.1}
    panel.legend(title="class", frameon=False, **beside, **fonts)
    surest = f"surest: {classes[row, column]} with {100 * confidence[row, column]:.0f}%"
    set_title(panel, f"most probable class\n({surest}, its window outlined)")


def _write_classes(panel, classes, confidence, cell, offset):
    """Write the class where the network is rather sure and the square has room for it."""
    width = panel.get_position().width * panel.figure.get_figwidth() * 72  # points
    room = cell * width / np.ptp(panel.get_xlim())
    if room < 7:
        return
    for found in np.unique(classes):  # markers, since hundreds of texts would be slow
        rows, columns = np.nonzero((confidence >= 0.5) & (classes == found))
        x, y = (offset + (place + 0.5) * cell - 0.5 for place in (columns, rows))
        dark = np.dot(rgb(CLASSES[found]), style.BRIGHTNESS) < 0.3
        look = {"color": style.PAPER if dark else style.INK, "linewidth": 0}
        panel.scatter(
            x, y, s=min(60, 0.3 * room**2), marker=f"${found}$", label=f"_{found}", **look
        )


def _outline(panel, top, left, side, text):
    below = {"linewidth": 2, "zorder": 1, "clip_on": True}  # the classes are written over it
    frame(panel, (top, left), (side, side), style.WINDOW, **below)
    inside = {"color": style.WINDOW, "fontsize": 10, "fontweight": "bold", "va": "top"}
    panel.text(left + 1, top + 1, text, **inside)


def _marked(layers):
    """For each layer a row of booleans: the pixels that one of its output numbers uses."""
    if not layers:
        raise ValueError("layers: expected at least one (name, f, s, d)")
    masks = []
    for depth, (name, *sizes) in enumerate(layers):
        if len(sizes) != 3 or min(sizes) < 1:
            raise ValueError(f"{name}: expected f, s and d from 1 on, got {sizes}")
        mask = np.ones(1, dtype=bool)
        for _, f, s, d in reversed(layers[: depth + 1]):
            wider = np.zeros((len(mask) - 1) * s + (f - 1) * d + 1, dtype=bool)
            for place in np.flatnonzero(mask):
                wider[place * s : place * s + (f - 1) * d + 1 : d] = True
            mask = wider
        masks.append(mask)
    return masks


def _shades(count):
    """Greens from pale to the colour of outputs, one a layer."""
    paper, full = rgb(style.PAPER), rgb(style.OUTPUT)
    return [paper + share * (full - paper) for share in np.linspace(1, 0.5, count)[::-1]]


def _draw_field(panel, mask, side, color):
    used = np.zeros((side, side), dtype=bool)
    start, size = (side - len(mask)) // 2, len(mask)
    used[start : start + size, start : start + size] = np.outer(mask, mask)
    shown = np.ones((side, side, 3))
    shown[start : start + size, start : start + size] = 0.75 + 0.25 * np.array(color)
    shown[used] = color
    panel.imshow(shown, interpolation="nearest")
    if side <= 64:
        separate_pixels(panel, side, side, 0.6 if side <= 24 else 0.3)
    frame(panel, (start, start), (size, size), style.WINDOW, linewidth=2)
    panel.set(xticks=[], yticks=[])
    panel.set_xlabel(f"{side} × {side} input pixels", fontsize=8)
