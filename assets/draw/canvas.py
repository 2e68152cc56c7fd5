"""What the drawing scripts share: a canvas in pixels, a grid of numbers, and files that never vary.

Lay a figure out 600 pixels wide, the width at which a notebook shows it. One unit on the canvas is
one of those pixels, y grows downwards like the rows of an image, and a text size is in pixels too.
The same script gives the same bytes each time, so that a changed picture shows up as a change.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import drawn
import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from PIL import Image

from coursekit import style

ASSETS = Path(__file__).resolve().parent.parent
WIDTH = 600
MINUS = "\N{MINUS SIGN}"
TITLE = {"size": 16, "weight": "bold"}  # how a figure's titles are written

# A reader's own matplotlibrc must not change the figures.
matplotlib.rcdefaults()
matplotlib.rcParams.update({"font.family": "DejaVu Sans", "text.hinting": "no_hinting"})


def new_canvas(height: float, *, scale: int = 1, width: float = WIDTH) -> Axes:
    """Return empty axes measured in pixels, y downwards; `scale=2` draws for sharp screens."""
    # At 72 dots per inch a point is a pixel, so text sizes and line widths are in pixels.
    figure = Figure(figsize=(width / 72, height / 72), dpi=72 * scale, facecolor=style.PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def require_alt_text(alt_text: dict[str, str], name: str, *facts) -> None:
    """Stop where the alt text of a figure doesn't state what was computed for it."""
    for fact in facts:
        assert str(fact) in alt_text[name], f"{name}: the alt text should say {fact}"


def tint(color: str, share: float = 0.25) -> str:
    """Return the colour mixed into the paper: `share` of it, the rest paper."""
    return to_hex(share * np.array(to_rgb(color)) + (1 - share) * np.array(to_rgb(style.PAPER)))


def number(value: float, *, bracket: bool = False) -> str:
    """Write a number with a true minus sign; `bracket` wraps a negative one, as after a times."""
    text = f"{value:g}".replace("-", MINUS)
    return f"({text})" if bracket and value < 0 else text


def by(shape: Sequence[int], sign: str = "x") -> str:
    """Write a shape, like 3x32x32."""
    return sign.join(map(str, shape))


def few_shades(name: str, count: int = 63) -> Colormap:
    """Return a colour map with so few shades that several images fit into one palette.

    Being odd, their number leaves white to zero.
    """
    return colormaps[name].resampled(count)


def write(axes: Axes, x: float, y: float, text: str, **options) -> None:
    """Write text centred on a point; any option of matplotlib's text overrides the default."""
    defaults = {"size": 14, "color": style.INK, "ha": "center", "va": "center_baseline"}
    axes.text(x, y, text, **(defaults | options))


def arrow(axes: Axes, start: tuple, end: tuple, *, kind: str = "-|>", **options) -> None:
    """Draw a straight arrow; kind "<|-|>" makes it a dimension line."""
    look = {"arrowstyle": kind, "color": style.INK, "lw": 1.3, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=look | {"mutation_scale": 11} | options)


def place_image(axes: Axes, left, top, width, height, image, **look) -> AxesImage:
    """Draw H x W or H x W x 3 into a rectangle of the canvas, pixels sharp."""
    sharp = {"interpolation": "nearest", "aspect": "auto"}
    return axes.imshow(image, extent=(left, left + width, top + height, top), **sharp, **look)


def inset(axes: Axes, left, top, width, height) -> Axes:
    """Return new axes that lie on the canvas, measured in its pixels."""
    total, tall = axes.get_xlim()[1], axes.get_ylim()[0]
    place = (left / total, 1 - (top + height) / tall, width / total, height / tall)
    return axes.figure.add_axes(place)


def new_plot(axes: Axes, left, top, width, height, **ticks) -> Axes:
    """Return axes for a curve; `ticks` goes to Matplotlib's tick_params."""
    plot = inset(axes, left, top, width, height)
    plot.spines[["top", "right"]].set_visible(False)
    plot.spines[["left", "bottom"]].set_color(style.MUTED)
    plot.tick_params(labelcolor=style.INK, color=style.MUTED, **ticks)
    return plot


@dataclass(frozen=True)
class Grid:
    """A grid of cells with its top left corner at (left, top); cells are addressed (row, col)."""

    axes: Axes
    left: float
    top: float
    rows: int
    cols: int
    cell: float  # width of a cell
    cell_height: float | None = None  # a square cell unless told

    @property
    def row_height(self) -> float:
        """Height of a cell."""
        return self.cell if self.cell_height is None else self.cell_height

    @property
    def right(self) -> float:
        """Where the grid ends on the right."""
        return self.left + self.cols * self.cell

    def center(self, row: float, col: float) -> tuple[float, float]:
        """Return the middle of a cell."""
        return self.left + (col + 0.5) * self.cell, self.top + (row + 0.5) * self.row_height

    def block(self, row, col, rows=1, cols=1, *, inset: float = 0, **options) -> None:
        """Draw a rectangle over `rows` x `cols` cells, unfilled unless told."""
        look = {"fill": False, "lw": 1, "joinstyle": "miter"} | options
        corner = self.left + col * self.cell + inset, self.top + row * self.row_height + inset
        width, height = cols * self.cell - 2 * inset, rows * self.row_height - 2 * inset
        self.axes.add_patch(Rectangle(corner, width, height, **look))

    def fill(self, row, col, color: str, rows=1, cols=1, **options) -> None:
        """Fill cells with a colour, below the lines and the numbers."""
        self.block(row, col, rows, cols, fill=True, fc=color, ec="none", zorder=0.5, **options)

    def hatch(self, row, col, rows=1, cols=1) -> None:
        """Hatch cells that take no part."""
        look = {"hatch": "////", "ec": style.MUTED, "lw": 0, "zorder": 0.6}
        self.block(row, col, rows, cols, **look)

    def lines(self, color: str = style.GRID) -> None:
        """Draw the thin lines between the cells and around them."""
        for row in range(self.rows):
            for col in range(self.cols):
                self.block(row, col, ec=color, zorder=0.8)

    def write(self, row, col, text: str, **options) -> None:
        """Write text in the middle of a cell."""
        write(self.axes, *self.center(row, col), text, **options)

    def shade(self, row, col, color, text: str = "", *, dark: float = 0.5, **options) -> None:
        """Fill a cell and write into it, in white where the brightness (0 to 1) is below `dark`."""
        self.fill(row, col, color)
        ink = style.PAPER if np.dot(color[:3], style.BRIGHTNESS) < dark else style.INK
        if text:
            self.write(row, col, text, color=ink, **options)

    def numbers(self, values, **options) -> None:
        """Write a 2-D array into the cells, row by row."""
        for (row, col), value in np.ndenumerate(values):
            self.write(row, col, number(value), **options)


def write_weights(grid: Grid, values: np.ndarray, strength: float = 0.22, **options) -> None:
    """Fill a grid with the weights of a mask or kernel."""
    grid.fill(0, 0, tint(style.KERNEL, strength), *values.shape)
    grid.numbers(values, **({"color": style.KERNEL, "weight": "bold"} | options))
    grid.lines(tint(style.KERNEL, 0.7))


def outline(grid: Grid, row, col, rows, cols, color: str, **options) -> None:
    """Draw a thick frame around cells, on top of everything: a window or its output."""
    grid.block(row, col, rows, cols, **({"ec": color, "lw": 3, "zorder": 3} | options))


def pixels(axes: Axes) -> np.ndarray:
    """Render a canvas to an H x W x 3 array of bytes."""
    axes.figure.canvas.draw()
    return np.asarray(axes.figure.canvas.buffer_rgba())[..., :3].copy()


def save_png(axes: Axes, path: Path, *, colors: int = 128) -> None:
    """Save a canvas as PNG with a palette of at most 256 colours."""
    [picture] = _with_palette([pixels(axes)], colors)
    picture.save(path, optimize=True)


def save_gif(frames: Sequence[Axes], path: Path, *, step_ms: int, last_ms: int) -> None:
    """Save canvases as a GIF that loops forever and rests on the last frame."""
    first, *others = _with_palette([pixels(axes) for axes in frames], colors=64)
    durations = [step_ms] * len(others) + [last_ms]
    first.save(path, save_all=True, append_images=others, duration=durations, loop=0, disposal=1)


def _with_palette(images: Sequence[np.ndarray], colors: int) -> list[Image.Image]:
    """Give images one palette: their most frequent colours, so that flat fills stay exact."""
    stack = np.stack(images).astype(np.int32)
    packed = (stack[..., 0] << 16) | (stack[..., 1] << 8) | stack[..., 2]
    shades, index, counts = np.unique(packed, return_inverse=True, return_counts=True)
    rgb = np.stack([shades >> 16, (shades >> 8) & 255, shades & 255], axis=1)
    # A stable sort breaks ties by colour value, which keeps the bytes the same on each run.
    palette = rgb[np.argsort(-counts, kind="stable")[:colors]]
    nearest = ((rgb[:, None] - palette[None]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    result = []
    for plane in nearest[index].reshape(packed.shape):
        picture = Image.fromarray(plane)
        picture.putpalette(palette.astype(np.uint8).tobytes())
        result.append(picture)
    return result


def draw_all(topic: str, figures: dict[str, Callable[[Path], None]]) -> None:
    """Draw the figures named on the command line, or all of them, into `assets/<topic>/`."""
    parser = argparse.ArgumentParser(description=f"Draw the figures of the unit {topic!r}.")
    parser.add_argument("names", nargs="*", metavar="FIGURE", help=", ".join(figures))
    names = parser.parse_args().names
    if unknown := set(names) - set(figures):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    folder = ASSETS / topic
    folder.mkdir(exist_ok=True)
    for name in names or figures:
        figures[name](folder / name)
        with Image.open(folder / name) as picture:
            size = (folder / name).stat().st_size / 1000
            print(f"{name}: {picture.width} x {picture.height} pixels, {size:.0f} kB")
    drawn.record(topic, names or list(figures))
