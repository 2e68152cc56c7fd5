"""Pictures of what a trained net looks for: heat maps, filters, channels, probabilities, outlines.

Everything takes tensors and arrays alike, in torch's layout: images C x H x W, or a batch of one.
None in the place of a map or a list shows the words "waiting for your code".
"""

import numpy as np

from coursekit import style
from coursekit.drawing import (
    EMPTY,
    WAITING,
    legend_beside,
    list_awaited,
    numbers,
    open_axes,
    say,
    set_title,
    short,
    shown_figure,
    unbatched,
    whole_numbers,
)
from coursekit.mosaics import mosaic

SHARE = 99.5  # colours end at this percentile: a few huge values would leave the rest dark
MOST_FILTERS, MOST_CHANNELS = 16, 32  # of filters with many channels, this many are shown
MANY = 50  # with more classes than this the axis of ranks is logarithmic, too
GAP = 1  # empty pixels between the tiles of a mosaic
WIDEST = 9.6  # inches
# What torchvision's nets expect of their pictures, for red, green and blue.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def show_heat(image, maps, signed=False, over=False, columns=4):
    """Show an image and, beside it, maps of which of its pixels matter.

    Args:
        image: 3 x H x W or 1 x H x W, from 0 to 1 or normalised for a net (see `as_picture`).
            None leaves it out.
        maps: {"title": map}, each h x w or 1 x h x w of any size, drawn as large as the image;
            a map 3 x h x w is drawn in colours with zero as middle gray, as is usual for
            gradients. None in a map's place: your code isn't there yet.
        signed: True for blue (negative), white (zero) and red (positive); False for dark to
            bright, from 0 or the smallest value to the largest. Each map has its own scale, and
            one value in 200 may lie beyond the end of its colours.
        over: True draws each map half transparent over the image.
        columns: panels in a row.

    Raises:
        ValueError: no image, or no map.
    """
    picture = None if image is None else as_picture(image, "image")
    ready = {title: None if map is None else _plane(map, title) for title, map in maps.items()}
    under = picture if over else None
    panels = ([("image", picture)] if picture is not None else []) + list(ready.items())
    tallest = max((_ratio(array) for _, array in panels if array is not None), default=1.0)
    with _tiles(len(panels), columns, tallest) as drawn:
        for place, (panel, (title, array)) in enumerate(zip(drawn, panels, strict=True)):
            if array is None:
                say(panel, WAITING, title)
            elif place == 0 and picture is not None:
                _draw_picture(panel, array, title)
            else:
                _draw_heat(panel, array, title, signed, under, picture)


def show_pictures(pictures, columns=4):
    """Show images in torch's layout.

    Args:
        pictures: {"title": 3 x H x W or 1 x H x W}, from 0 to 1 or normalised for a net (see
            `as_picture`); None in an image's place: your code isn't there yet.
        columns: panels in a row.

    Raises:
        ValueError: not an image.
    """
    ready = {k: None if image is None else as_picture(image, k) for k, image in pictures.items()}
    tallest = max((_ratio(array) for array in ready.values() if array is not None), default=1.0)
    with _tiles(len(ready), columns, tallest) as panels:
        for panel, (title, array) in zip(panels, ready.items(), strict=True):
            if array is None:
                say(panel, WAITING, title)
            else:
                _draw_picture(panel, array, title)


def show_filters(images, columns=8):
    """Show filters as small pictures, numbered from 0, row by row.

    Args:
        images: K x 3 x k x k (colours), K x 1 x k x k or K x k x k (grays), scaled to 0 to 1
            already. With another number of channels, a row shows one filter and a column one
            channel, 16 filters and 32 channels at most. {"title": images} shows several sets
            beside each other; None in a set's place: your code isn't there yet.
        columns: filters in a row.

    Raises:
        ValueError: no filters, or values outside 0 to 1.
    """
    sets = images if isinstance(images, dict) else {"": images}
    ready = {title: None if one is None else _filters(one, title) for title, one in sets.items()}
    mosaics = {k: None if one is None else _side_by_side(*one, columns) for k, one in ready.items()}
    drawn = [picture for picture in mosaics.values() if picture is not None]
    tallest = max((_ratio(picture) for picture in drawn), default=0.5)
    with _tiles(len(sets), 2, tallest, widest=6.0 if len(sets) == 1 else 4.6) as panels:
        for panel, (title, picture) in zip(panels, mosaics.items(), strict=True):
            if picture is None:
                say(panel, WAITING, title)
                continue
            panel.imshow(picture, cmap=style.IMAGES, vmin=0, vmax=1, interpolation="nearest")
            _about_filters(panel, title, *ready[title], columns)


def show_maps(maps, count=16, columns=8, title=""):
    """Show the channels of one layer side by side, on one colour scale, with their numbers.

    Args:
        maps: C x H x W or 1 x C x H x W; None: your code isn't there yet.
        count: how many channels, from channel 0 on.
        columns: channels in a row.
        title: text above the picture.

    Raises:
        ValueError: no maps.
    """
    array = None if maps is None else _one(maps, "maps", 3)
    with shown_figure([None], size=_mosaic_size(array, count, columns), title=title) as (panel,):
        if array is None:
            say(panel, WAITING)
            return
        shown = array[:count]
        columns = min(columns, len(shown))
        cmap, limits = colors_for(shown, bool((shown < 0).any()))
        room = max(GAP, round(0.16 * shown.shape[1]))  # between the rows, for the numbers
        picture, corners = mosaic(shown, columns, room, GAP)
        drawn = panel.imshow(picture, cmap=cmap, vmin=limits[0], vmax=limits[1])
        drawn.set_interpolation("nearest")
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(False)
        rows, width = array.shape[1:]
        for channel, (top, left) in enumerate(corners):
            look = {"fontsize": 7, "color": style.INK, "va": "bottom"}
            panel.text(left - 0.5, top - 0.5, str(channel), **look)
        panel.set_xlabel(
            f"channels 0 to {len(shown) - 1} of {len(array)}, each {rows} × {width}", fontsize=8
        )
        color_bar(panel, drawn, shown, limits, "response")


def show_top(labels, probabilities, image=None, title=""):
    """Show the most probable classes as bars, in the order given.

    Args:
        labels: k names or numbers of classes.
        probabilities: k numbers from 0 to 1; None, here or for the labels: your code isn't
            there yet.
        image: 3 x H x W or 1 x H x W to show on the left.
        title: text above the picture.

    Raises:
        ValueError: labels and probabilities of different lengths.
    """
    waiting = labels is None or probabilities is None
    values = None if waiting else _list(probabilities, "probabilities")
    names = None if waiting else [str(_plain(label)) for label in labels]
    if not waiting and len(names) != len(values):
        raise ValueError(f"{len(names)} labels for {len(values)} probabilities")
    picture = None if image is None else as_picture(image, "image")
    height = max(2.0, 0.9 + 0.34 * (3 if waiting else len(names)))
    panels = [None] * (1 + (picture is not None))
    size = (4.4 + 2.6 * (picture is not None), height)
    with shown_figure(panels, size=size, title=title) as drawn:
        if picture is not None:
            _draw_picture(drawn[0], picture, "")
        if waiting:
            say(drawn[-1], WAITING)
        else:
            _draw_top(drawn[-1], names, values)


def show_probability_curve(probabilities, k=5, title=""):
    """Show the probabilities of all classes, sorted, on a logarithmic axis.

    With more than 50 classes the ranks are on a logarithmic axis, too.

    Args:
        probabilities: one for each class, in any order, or {"label": probabilities} for several
            curves; None: your code isn't there yet. What rounds to 0 isn't drawn.
        k: the largest k are marked, and their sum is told.
        title: text above the plot.

    Raises:
        ValueError: not a list of numbers from 0 to 1, or k below 1 or above their number.
    """
    curves = probabilities if isinstance(probabilities, dict) else {"": probabilities}
    sizes = set()
    with shown_figure([None], size=(7.0, 3.2), title=title) as (panel,):
        for place, (label, values) in enumerate(curves.items()):
            if values is None:
                list_awaited(panel, label)
                continue
            ordered = np.sort(_probabilities(values, label or "probabilities"))[::-1]
            if not 1 <= k <= len(ordered):
                raise ValueError(f"k: expected 1 to {len(ordered)}, got {k}")
            sizes.add(len(ordered))
            _draw_curve(panel, ordered, k, label, style.CYCLE[place % 5])
        for size in sorted(sizes):
            look = {"color": style.MUTED, "linewidth": 1, "linestyle": ":"}
            panel.axhline(1 / size, label=f"all alike: 1/{size:,}", **look)
        many = max(sizes, default=1) > MANY
        panel.set(yscale="log", ylabel="probability (log scale)")
        rank = "rank of the class (1: most probable"
        if many:  # the first ranks would fall on one line
            panel.set(xscale="log", xlabel=f"{rank}; log scale)")
        else:
            panel.set_xlabel(f"{rank})")
            panel.xaxis.set_major_locator(whole_numbers())
        open_axes(panel)
        legend_beside(panel, fontsize=8)


def show_segmentation(image, mask):
    """Show an image, a mask, and the image with everything outside the mask faded.

    Args:
        image: 3 x H x W or 1 x H x W.
        mask: H x W: True or 1 is the object, False or 0 the rest. Masks of `cv2.grabCut` may be
            given as they are (0 and 2 are the rest, 1 and 3 the object). None: your code
            isn't there yet.

    Raises:
        ValueError: image and mask of different sizes, or other values in the mask.
    """
    picture = as_picture(image, "image")
    inside = None if mask is None else _mask(mask, picture.shape[:2])
    with _tiles(3, 3, _ratio(picture)) as panels:
        _draw_picture(panels[0], picture, "image")
        if inside is None:
            say(panels[1], WAITING, "mask")
            say(panels[2], WAITING, "cut out")
            return
        _draw_picture(panels[1], inside.astype(float), f"mask: {100 * inside.mean():.0f}%")
        colors = _in_colors(picture)
        _draw_picture(panels[2], np.where(inside[..., None], colors, 0.75 + 0.25 * colors), "")
        set_title(panels[2], "cut out")
        if 0 < inside.mean() < 1:
            panels[2].contour(inside, levels=[0.5], colors=style.WINDOW, linewidths=1.5)


# --- what comes in ---------------------------------------------------------------------------


def _one(values, name, dimensions):
    """An array with so many dimensions; a batch of one loses its first."""
    array = unbatched(numbers(values, name), dimensions)
    if array.ndim != dimensions or array.size == 0:
        layout = " x ".join("CHW"[-dimensions:])
        raise ValueError(f"{name}: expected {layout}, got shape {array.shape}")
    return array


def as_picture(image, name="image"):
    """Return an image in torch's layout as H x W or H x W x 3 from 0 to 1.

    Args:
        image: 3 x H x W or 1 x H x W, or a batch of one. Where values leave 0 to 1, torchvision's
            usual normalisation is undone, if it is that; else they are stretched to 0 to 1.
        name: what an error calls it.

    Raises:
        ValueError: not an image.
    """
    array = _one(image, name, 3)
    if len(array) not in (1, 3):
        raise ValueError(f"{name}: expected 3 x H x W or 1 x H x W, got shape {array.shape}")
    if array.min() < -1e-6 or array.max() > 1 + 1e-6:
        array = _back_to_colors(array)
    return array[0] if len(array) == 1 else np.clip(array, 0, 1).transpose(1, 2, 0)


def _back_to_colors(array):
    """Undo the usual normalisation of a picture, or stretch it to 0 to 1."""
    if len(array) == 3:
        mean, deviation = (np.reshape(part, (3, 1, 1)) for part in (MEAN, DEVIATION))
        colors = array * deviation + mean
        if colors.min() > -0.01 and colors.max() < 1.01:  # resizing may overshoot a little
            return np.clip(colors, 0, 1)
    return (array - array.min()) / (np.ptp(array) or 1.0)


def _plane(map, title):
    """A map as h x w, or as h x w x 3 where it has three channels."""
    array = numbers(map, title)
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and len(array) == 3)):
        raise ValueError(f"{title}: expected h x w or 3 x h x w, got shape {array.shape}")
    return array.transpose(1, 2, 0) if array.ndim == 3 else array


def _filters(images, title):
    """Filters as (tiles N x h x w (x 3), True where a row is a filter and a column a channel)."""
    array = numbers(images, title or "images")
    if array.ndim not in (3, 4) or array.size == 0:
        raise ValueError(
            f"{title or 'images'}: expected K x C x k x k or K x k x k, got shape {array.shape}"
        )
    if array.min() < -1e-6 or array.max() > 1 + 1e-6:
        raise ValueError(
            f"{title or 'images'}: expected values from 0 to 1, got {array.min():.3g} to "
            f"{array.max():.3g}; scale the filters first"
        )
    if array.ndim == 3:
        return array, False
    if array.shape[1] in (1, 3):
        tiles = array.transpose(0, 2, 3, 1)
        return (tiles[..., 0] if array.shape[1] == 1 else tiles), False
    return array, True


def _probabilities(values, name):
    array = _list(values, name)
    if not ((array >= 0) & (array <= 1 + 1e-6)).all():
        raise ValueError(f"{name}: expected numbers from 0 to 1")
    return array


def _list(values, name):
    array = unbatched(numbers(values, name), 1)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: expected a list of numbers, got shape {array.shape}")
    return array


def _plain(label):
    return label.item() if hasattr(label, "item") else label


def _mask(mask, shape):
    array = numbers(mask, "mask")
    if array.shape != shape:
        raise ValueError(f"mask: expected shape {shape}, as the image, got {array.shape}")
    if not np.isin(array, (0, 1, 2, 3)).all():
        raise ValueError("mask: expected True and False, or 0 to 3 as cv2.grabCut has them")
    return array % 2 == 1


# --- what is drawn ---------------------------------------------------------------------------


def _tiles(count, columns, tallest, widest=3.0):
    """A figure with one panel for each picture, high enough for the tallest."""
    columns = max(1, min(columns, count))
    rows = max(1, -(-count // columns))
    width = min(widest, WIDEST / columns)
    size = (columns * width, rows * (0.8 * width * min(2.5, tallest) + 0.45))
    return shown_figure([None] * count, per_row=columns, size=size)


def _ratio(array):
    return array.shape[0] / array.shape[1]


def _in_colors(picture):
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)


def _draw_picture(panel, picture, title):
    panel.imshow(picture, cmap=style.IMAGES, vmin=0, vmax=1)
    set_title(panel, title)
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_color(style.GRID)
    panel.set_xlabel(f"{picture.shape[0]} × {picture.shape[1]} pixels", fontsize=8)


def _draw_heat(panel, array, title, signed, under, picture):
    rows, columns = (array if picture is None else picture).shape[:2]
    place = {"extent": (-0.5, columns - 0.5, rows - 0.5, -0.5), "aspect": "equal"}
    if under is not None:
        gray = under if under.ndim == 2 else under @ style.BRIGHTNESS
        panel.imshow(gray, cmap=style.IMAGES, vmin=0, vmax=1)
        place["alpha"] = 0.55
    if array.ndim == 3:
        end = _end(np.abs(array)) or 1.0
        panel.imshow(np.clip(0.5 + array / (2 * end), 0, 1), interpolation="nearest", **place)
    else:
        cmap, limits = colors_for(array, signed)
        ends = {"vmin": limits[0], "vmax": limits[1]}
        drawn = panel.imshow(array, cmap=cmap, interpolation="nearest", **ends, **place)
        color_bar(panel, drawn, array, limits)
    set_title(panel, title)
    panel.set(xticks=[], yticks=[])
    panel.set_xlabel(f"map {array.shape[0]} × {array.shape[1]}", fontsize=8)


def colors_for(array, signed):
    """Return the colour map of a map and its (low, high).

    Args:
        array: h x w.
        signed: blue, white and red around zero; else dark to bright, from 0 or the smallest.
    """
    from matplotlib import colormaps

    finite = array[np.isfinite(array)]
    if signed:
        end = _end(np.abs(finite)) or 1.0
        return colormaps[style.SIGNED].with_extremes(bad=EMPTY), (-end, end)
    low = min(0.0, finite.min()) if finite.size else 0.0
    high = _end(finite)
    return colormaps[style.MAGNITUDES].with_extremes(bad=EMPTY), (low, max(high, low) or 1.0)


def _end(values):
    """Where the colours end; up to 200 values: the largest, so that small maps are exact."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0
    top = float(np.percentile(values, SHARE, method="higher"))
    return top if top > 0 else float(values.max())


def color_bar(panel, drawn, array, limits, label=""):
    """Add a colour bar as tall as the picture; an arrow at an end: values lie beyond.

    Args:
        panel, drawn: axes and what `imshow` returned.
        array, limits: the values, and the two ends of the colours.
        label: what is measured.
    """
    finite = array[np.isfinite(array)]
    below = finite.size > 0 and finite.min() < limits[0]
    above = finite.size > 0 and finite.max() > limits[1]
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[below, above]
    edge = panel.inset_axes([1.03, 0, 0.045, 1], label="bar")
    bar = panel.figure.colorbar(drawn, cax=edge, extend=extend)
    ticks = [limits[0], sum(limits) / 2, limits[1]]  # few: each tick costs drawing time
    bar.set_ticks(ticks, labels=[short(tick) for tick in ticks])
    bar.ax.tick_params(labelsize=7)
    bar.set_label(label, fontsize=8)
    bar.solids.set_alpha(1)


def _side_by_side(tiles, by_channel, columns):
    """What `_filters` returned as one picture."""
    if by_channel:
        tiles = tiles[:MOST_FILTERS, :MOST_CHANNELS]
        columns = tiles.shape[1]
        tiles = tiles.reshape(-1, *tiles.shape[2:])
    return mosaic(tiles, columns, GAP, GAP)[0]


def _mosaic_size(array, count, columns):
    if array is None:
        return (4.0, 1.6)
    columns = min(columns, count, len(array))
    rows = -(-min(count, len(array)) // columns)
    width = min(WIDEST - 0.6, 1.15 * columns)
    height = width * rows * array.shape[1] / (columns * array.shape[2])
    return (max(3.6, width + 0.6), 1.16 * height + 0.7)


def _about_filters(panel, title, tiles, by_channel, columns):
    """Title, and what rows and columns are."""
    set_title(panel, title)
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_visible(False)
    height, width = tiles.shape[2:4] if by_channel else tiles.shape[1:3]
    if by_channel:
        filters, channels = min(len(tiles), MOST_FILTERS), min(tiles.shape[1], MOST_CHANNELS)
        panel.set_ylabel(f"filters 0 to {filters - 1} of {len(tiles)}", fontsize=8)
        words = f"channels 0 to {channels - 1} of {tiles.shape[1]}, each {height} × {width}"
        panel.set_xlabel(words, fontsize=8)
        return
    words = f"filters 0 to {len(tiles) - 1}, row by row, each {height} × {width}"
    panel.set_xlabel(words, fontsize=8)


def _draw_top(panel, names, values):
    places = np.arange(len(names))
    drawn = panel.barh(places, values, color=style.KERNEL, height=0.66)
    texts = [f"{value:.1%}" if value >= 0.001 else f"{value:.0e}" for value in values]
    panel.bar_label(drawn, texts, fontsize=8, padding=3, color=style.INK)
    panel.set_yticks(places, [name if len(name) <= 26 else f"{name[:25]}…" for name in names])
    panel.invert_yaxis()
    panel.set(xlim=(0, 1.18), xlabel="probability", xticks=[0, 0.25, 0.5, 0.75, 1])
    open_axes(panel)


def _draw_curve(panel, ordered, k, label, color):
    positive = ordered[ordered > 0]
    ranks = np.arange(1, len(positive) + 1)
    name = f"{label}: " if label else ""
    panel.plot(ranks, positive, color=color, linewidth=1.4, label=f"{name}{len(ordered):,} classes")
    few = min(k, len(positive))
    words = f"{name}top {k}, together {ordered[:k].sum():.1%}"
    panel.plot(ranks[:few], positive[:few], "o", ms=4.5, color=color, label=words)
