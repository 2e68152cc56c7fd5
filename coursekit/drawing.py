"""Drawing one array into Matplotlib axes: what `pictures`, `plots` and `widgets` are made of.

Matplotlib is imported where something is drawn: grading imports this and never draws, and the
import takes longer than a whole notebook without it.
"""

import base64
import io
import math
from contextlib import contextmanager

import numpy as np

from coursekit import style

GRID_SIDE = 24  # up to this many pixels on a side, lines separate the pixels
EMPTY = "#eef1f4"  # no number: NaN, masked, or nothing to draw yet
WAITING = "waiting for your code"  # in the place of a picture that needs an answer
VALUES_SIDE = 10  # up to this many, the numbers are written into them


def as_image(image, name="image"):
    """Return one channel as H x W, three as H x W x 3 (bytes as 0 to 1); or a ValueError."""
    array = numbers(image, name)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)):
        raise ValueError(
            f"{name}: expected an image H x W, H x W x 1 or H x W x 3, got shape {np.shape(image)}"
        )
    is_bytes = array.ndim == 3 and np.asarray(image).dtype == np.uint8
    return array / 255 if is_bytes else array


def one_channel(image, name):
    """Return an image of one channel as H x W; or a ValueError that names it."""
    array = as_image(image, name)
    if array.ndim == 3:
        raise ValueError(f"{name}: expected one channel, got shape {array.shape}")
    return array


def prepare(image, name="image", signed=None, limits=None):
    """Check an image and choose its colours: (array, colour map, (low, high)) for `draw`."""
    array = as_image(image, name)
    cmap, limits = scale(array, signed, limits)
    if array.ndim == 3:
        if cmap == style.SIGNED:
            raise ValueError(
                f"{name}: colours can't be negative (smallest value {array.min():.3g}); "
                "show one channel, like image[:, :, 0]"
            )
        array = np.clip((array - limits[0]) / (limits[1] - limits[0]), 0, 1)
    return array, cmap, limits


def draw(panel, array, cmap, limits, title="", values=None, bar=True):
    """Draw what `prepare` returned into Matplotlib axes, with pixel grid, numbers and bar."""
    from matplotlib import colormaps

    rows, columns = array.shape[:2]
    side = max(rows, columns)
    if values and array.ndim == 3:
        raise ValueError("numbers can be written into one channel only, got three")
    colors = colormaps[cmap].with_extremes(bad=EMPTY)
    drawn = panel.imshow(array, cmap=colors, vmin=limits[0], vmax=limits[1])
    set_title(panel, title)
    count_pixels(panel)
    for axis, length in ((panel.xaxis, columns), (panel.yaxis, rows)):
        axis.set_major_locator(whole_numbers(5))
        if length <= VALUES_SIDE:
            axis.set_ticks(range(length))
    if side <= GRID_SIDE:
        drawn.set_interpolation("nearest")
        separate_pixels(panel, rows, columns, 0.7)
    if array.ndim == 2 and (side <= VALUES_SIDE if values is None else values):
        write_values(panel, drawn, array)
    if bar and cmap == style.SIGNED:
        edge = panel.inset_axes([1.04, 0, 0.05, 1])  # as tall as the image, whatever its shape
        panel.figure.colorbar(drawn, cax=edge).ax.tick_params(labelsize=8)


def set_title(panel, text, **where):
    """Write the title of one panel; `where` goes to Matplotlib, like y=1.01."""
    panel.set_title(text, fontsize=10, color=style.INK, **where)


def count_pixels(panel):
    """Say on the axes of an image that they count columns and rows."""
    panel.set_xlabel("column (pixels)", fontsize=8)
    panel.set_ylabel("row (pixels)", fontsize=8)
    panel.tick_params(labelsize=8)


def separate_pixels(panel, rows, columns, linewidth):
    """Draw thin lines between the pixels of an image."""
    edges = {"color": style.GRID, "linewidth": linewidth}
    panel.hlines(np.arange(rows - 1) + 0.5, -0.5, columns - 0.5, **edges)
    panel.vlines(np.arange(columns - 1) + 0.5, -0.5, rows - 0.5, **edges)


def open_axes(panel, labelsize=8):
    """Leave the frame of a plot open at the top and on the right; size of the numbers on it."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=labelsize)


def legend_beside(panel, **look):
    """Put the legend of a plot to its right, where it hides no curve."""
    panel.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), **look)


def frame(panel, corner, shape, color, **look):
    """Frame `shape` pixels from the pixel `corner` on, both (rows, columns)."""
    from matplotlib.patches import Rectangle

    row, column = corner[0] - 0.5, corner[1] - 0.5
    hatched = "hatch" in look  # else a thick outline, which shows whole at the rim, too
    look = {"linewidth": 3, "zorder": 1.5 if hatched else 3, "clip_on": hatched, **look}
    panel.add_patch(
        Rectangle((column, row), shape[1], shape[0], fill=False, edgecolor=color, **look)
    )


def say(panel, text, title="", aspect="auto"):
    """Write words in the place of a picture, like `WAITING`.

    Args:
        panel: Matplotlib axes.
        text, title: the words, and what stands above them.
        aspect: height of the panel over its width, "equal" for a square; "auto" leaves it.
    """
    set_title(panel, title)
    panel.text(0.5, 0.5, text, ha="center", va="center", color=style.INK, fontsize=9)
    panel.set(xticks=[], yticks=[], facecolor=EMPTY, aspect=aspect, xlim=(0, 1), ylim=(0, 1))
    panel.spines[:].set_color(style.GRID)


def list_awaited(panel, label):
    """Give a curve that needs an answer its line in the legend, without a mark."""
    panel.plot([], [], " ", label=f"{label}: {WAITING}" if label else WAITING)


def whole_numbers(most="auto"):
    """Ticks at whole numbers only, at most `most` of them."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=most, integer=True)


def new_figure(width, height):
    """An empty figure of `width` x `height` inches that nothing shows by itself."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def png(figure):
    """Return the bytes of a figure as PNG."""
    file = io.BytesIO()
    fast = {"compress_level": 1}  # half the time, an eighth more bytes
    figure.savefig(file, format="png", dpi=120, facecolor=style.PAPER, pil_kwargs=fast)
    return file.getvalue()


def embedded(figure, words):
    """Return a figure as the output of a cell holds it: its PNG in base64; its width and alt text.

    The width is in pixels of a page.
    """
    about = {"width": int(100 * figure.get_figwidth()), "alt": words}
    return base64.b64encode(png(figure)).decode(), about


def rgb(color):
    """Return a colour like "#22313f" as shares of red, green and blue, from 0 to 1."""
    return np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])


def write_values(panel, drawn, array):
    """Write each number of an H x W array, masked ones excepted, into its pixel."""
    texts = {place: short(value) for place, value in np.ma.ndenumerate(array)}
    longest = max(map(len, texts.values()), default=1)
    width = 72 * panel.get_position().width * panel.figure.get_figwidth() / array.shape[1]
    size = min(11, 0.45 * width, 1.35 * width / longest)
    # A number never leaves its pixel; laying out hundreds of them takes longer than drawing.
    look = {"fontsize": size, "ha": "center", "in_layout": False}
    for (row, column), text in texts.items():
        color = drawn.cmap(drawn.norm(array[row, column]))[:3]
        ink = "white" if np.dot(color, style.BRIGHTNESS) < 0.45 else "black"
        panel.text(column, row, text, color=ink, va="center", **look)


def short(value):
    """Write a number briefly: 3, 0.25, a tiny one as 0, a huge one as 1.2e+05."""
    if abs(value) < 1e-9:
        return "0"
    if not np.isfinite(value) or abs(value) >= 1e5 or abs(value) < 0.01:
        text = f"{value:.2g}" if abs(value) > 1 else f"{value:.1g}"
    else:
        text = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def numbers(values, name):
    """Return an array, a list, or a tensor (on any device, with gradients) as a float64 array.

    Raises:
        ValueError: they aren't real numbers; it names them.
    """
    values = values.detach().cpu() if hasattr(values, "detach") else values
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected an array of real numbers, got {type(values).__name__}")
    return array.astype(np.float64)


def unbatched(array, dimensions):
    """Return a batch of one array of so many dimensions as that array, all else as it is."""
    return array[0] if array.ndim == dimensions + 1 and len(array) == 1 else array


def scale(array, signed=None, limits=None):
    """Choose a colour map and its (low, high) for an array, as `prepare` does."""
    finite = array[np.isfinite(array)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    if signed is None:
        signed = low < -1e-9 * max(1.0, high)  # rounding noise below zero is no sign
    if limits is None and signed:
        largest = max(abs(low), abs(high)) or 1.0
        limits = (-largest, largest)
    elif limits is None:
        limits = (min(low, 0.0), high if high > 1 else 1.0)
    return (style.SIGNED if signed else style.IMAGES), limits


@contextmanager
def shown_figure(images, per_row=4, widest=3.4, size=None, title=""):
    """A figure with one panel an image; shown at the end, closed even after an error."""
    import matplotlib.pyplot as plt

    columns = max(1, min(per_row, len(images)))
    rows = max(1, math.ceil(len(images) / columns))
    if size is None:
        width = min(widest, 9.6 / columns)
        shapes = [image[0].shape for image in images if image is not None] or [(1, 1)]
        tallest = min(2.0, max(shape[0] / shape[1] for shape in shapes))
        size = (columns * width + 0.4, rows * (0.75 * width * tallest + 0.9) + bool(title) * 0.3)
    figure, panels = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="compressed")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)
    try:
        for spare in panels.flat[len(images) :]:
            spare.set_axis_off()
        if title:
            figure.suptitle(title, fontsize=11, color=style.INK)
        yield list(panels.flat[: len(images)])
        plt.show()
    finally:
        plt.close(figure)
