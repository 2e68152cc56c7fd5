"""Something to play with: how large the output of a layer is, and which pixels no window reaches.

Where widgets can't run (a web page, a viewer without Python) the first picture shows instead.
"""

from types import SimpleNamespace

import numpy as np

from coursekit import drawing, style
from coursekit.widgets import live

FIRST = {"size": 8, "kernel": 3, "stride": 2, "padding": 0, "dilation": 1}
RANGES = {
    "size": (1, 16),
    "kernel": (1, 7),
    "stride": (1, 4),
    "padding": (0, 3),
    "dilation": (1, 3),
}
PADDING, GIVEN = "#e3e7eb", "#d8e9de"  # pale gray; the colour of outputs, pale
OUTLINED = 5  # up to so many windows on a side, each is outlined whole; more can't be read
SIDE = 3.4  # inches that the larger of the two grids may take


def size_explorer():
    """Choose input size, kernel, stride, padding and dilation; see every place of the window.

    Rows and columns go alike. The padded input shows where each window begins, the taps of one
    window, and, hatched, the pixels that no window uses; beside it the output, to the same scale.
    """
    live.show(lambda: _Explorer().box, draw_sizes(**FIRST), describe_sizes(**FIRST))


def draw_sizes(size, kernel, stride=1, padding=0, dilation=1, step=0):
    """Draw the padded input with its windows, and the output.

    Args:
        size, kernel: pixels on a side of the input, taps on a side of the kernel.
        stride, padding, dilation: as in `torch.nn.Conv2d`.
        step: the window to show, counted from 0, row by row.

    Returns:
        A Matplotlib Figure; its axes are labelled "input" and "output" ("input" alone where the
        window doesn't fit).
    """
    s = _settle(size, kernel, stride, padding, dilation)
    extent = max(s.padded, s.reach if s.output < 1 else 0)
    cell = min(0.42, SIDE / extent)
    figure = drawing.new_figure(7.6, 5.1)
    ring = f" with {padding} of padding on each side" if padding else ""
    panel = _panel(figure, "input", s.padded, 0.2, cell, f"input {size} × {size}{ring}")
    colors = np.ones((s.padded, s.padded, 3))
    if padding:
        colors[:] = drawing.rgb(PADDING)
        colors[padding:-padding, padding:-padding] = 1
    if s.output < 1:
        panel.images[0].set_data(colors)
        drawing.frame(panel, (0, 0), (s.reach, s.reach), style.WINDOW, linestyle="--")
    else:
        row, column = divmod(step, s.output)
        corner = (row * stride, column * stride)
        _color_window(colors, corner, s)
        panel.images[0].set_data(colors)
        _hatch(panel, ~np.outer(s.reached, s.reached))
        _mark_starts(panel, s)
        if s.output <= OUTLINED:
            _outline_windows(panel, s)
        drawing.frame(panel, corner, (s.reach, s.reach), style.WINDOW)
        title = f"output {s.output} × {s.output}"
        panel = _panel(figure, "output", s.output, 4.0, cell, title)
        colors = np.ones((s.output, s.output, 3)) * drawing.rgb(GIVEN)
        panel.images[0].set_data(colors)
        drawing.frame(panel, (row, column), (1, 1), style.OUTPUT)
    _legend(figure, padding, s)
    figure.text(0.028, 0.025, "\n".join(_lines(s)), fontsize=10, color=style.INK, linespacing=1.6)
    return figure


def describe_sizes(size, kernel, stride=1, padding=0, dilation=1, step=0):
    """Say in one line what the picture shows (arguments as for `draw_sizes`)."""
    s = _settle(size, kernel, stride, padding, dilation)
    chosen = (
        f"input {size} × {size}, kernel {kernel} × {kernel}, stride {stride}, padding {padding}, "
        f"dilation {dilation}: "
    )
    if s.output < 1:
        return f"{chosen}{_lines(s)[-1]}"
    row, column = divmod(step, s.output)
    return (
        f"{chosen}output {s.output} × {s.output}. {_lines(s)[-1]}. Window {step + 1} of "
        f"{s.output**2} gives output[{row}, {column}]."
    )


class _Explorer:
    """The live explorer: `box` holds the sliders, the picture and a line of words."""

    def __init__(self):
        import ipywidgets as w

        self.controls = {
            name: w.IntSlider(FIRST[name], *ends, description=name, style=live.WIDE)
            for name, ends in RANGES.items()
        }
        self.step = w.IntSlider(0, 0, 1, description="window", style=live.WIDE, readout=False)
        self.text, self.picture = w.HTML(), live.live_picture(760)
        for control in (*self.controls.values(), self.step):
            control.layout.width = "290px"
        row = w.HBox([*self.controls.values(), self.step], layout=live.WRAP)
        self.box = w.VBox([row, self.text, w.HBox([self.picture])])
        self.step.observe(self._redraw, "value")
        for control in self.controls.values():
            control.observe(self._restart, "value")
        self._restart()

    def _restart(self, change=None):
        places = max(0, _settle(**self._chosen()).output) ** 2
        with live.unwatched(self.step, self._redraw):  # draw once, below
            self.step.value, self.step.max = 0, max(places - 1, 0)
            self.step.disabled = places < 2
        self._redraw()

    def _redraw(self, change=None):
        state = {**self._chosen(), "step": self.step.value}
        self.picture.value = drawing.png(draw_sizes(**state))
        self.text.value = describe_sizes(**state)

    def _chosen(self):
        return {name: control.value for name, control in self.controls.items()}


def _settle(size, kernel, stride, padding, dilation):
    """Everything that follows from the choice, along one side; `output` below 1: doesn't fit."""
    padded, reach = size + 2 * padding, dilation * (kernel - 1) + 1
    output = (padded - reach) // stride + 1
    reached = np.zeros(padded, dtype=bool)
    for start in range(0, padded - reach + 1, stride):
        reached[start : start + reach : dilation] = True
    return SimpleNamespace(
        size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation,
        padded=padded, reach=reach, output=output, reached=reached,
    )  # fmt: skip


def _panel(figure, label, count, left, cell, title):
    """Axes with a square grid of `count` pixels on a side, `left` inches from the left edge."""
    from matplotlib.collections import LineCollection

    width, height = figure.get_size_inches()
    size, no_ticks = [count * cell] * 2, {"xticks": [], "yticks": []}  # ticks are slow to draw
    panel = live.add_axes(figure, (left, 0.4), size, label=label, **no_ticks)
    panel.imshow(np.ones((count, count, 3)), interpolation="nearest")
    edges = np.arange(count + 1) - 0.5
    ends = (-0.5, count - 0.5)
    lines = [((e, ends[0]), (e, ends[1])) for e in edges]
    lines += [((ends[0], e), (ends[1], e)) for e in edges]
    grid = LineCollection(lines, colors=style.GRID, linewidths=0.7, zorder=1.2, clip_on=False)
    panel.add_collection(grid, autolim=False)
    panel.axis("off")
    figure.text(left / width, 1 - 0.33 / height, title, fontsize=10, color=style.INK)
    return panel


def _color_window(colors, corner, s):
    """Tint the window, and fill its taps."""
    window = colors[corner[0] : corner[0] + s.reach, corner[1] : corner[1] + s.reach]
    window[:] = 0.8 * window + 0.2 * drawing.rgb(style.WINDOW)
    window[:: s.dilation, :: s.dilation] = drawing.rgb(style.KERNEL)


def _hatch(panel, pixels):
    """Hatch the pixels that are marked True."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    square = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)])
    places = np.argwhere(pixels)[:, ::-1]
    if len(places):
        codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
        corners = (places[:, None] + square).reshape(-1, 2)
        look = {"hatch": "/////", "edgecolor": style.MUTED, "facecolor": "none", "linewidth": 0}
        panel.add_patch(PathPatch(Path(corners, codes * len(places)), zorder=1.1, **look))


def _outline_windows(panel, s):
    """Outline every window thinly, neighbours a little inside each other, so that none hides."""
    from matplotlib.collections import LineCollection

    outlines = []
    for i, j in np.ndindex(s.output, s.output):
        inset = 0.08 + 0.11 * ((i + j) % 3)
        low, high = inset - 0.5, s.reach - 0.5 - inset
        corners = np.array([(low, low), (high, low), (high, high), (low, high), (low, low)])
        outlines.append(corners + (j * s.stride, i * s.stride))
    look = {"colors": style.WINDOW, "linewidths": 0.7, "alpha": 0.6}
    panel.add_collection(LineCollection(outlines, zorder=1.9, label="windows", **look), False)


def _mark_starts(panel, s):
    """Outline the first pixel of every window, inside its cell, so that none covers another."""
    from matplotlib.collections import LineCollection

    inset = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * 0.33
    starts = np.arange(s.output) * s.stride
    squares = [inset + (x, y) for y in starts for x in starts]
    look = {"colors": style.WINDOW, "linewidths": 1.3 if s.padded <= 14 else 0.9}
    marks = LineCollection(squares, zorder=2, label="starts", **look)
    panel.add_collection(marks, autolim=False)


def _legend(figure, padding, s):
    from matplotlib.patches import Patch

    handles = [Patch(fill=False, edgecolor=style.WINDOW, linewidth=2.5, label="window")]
    if s.output > 0:
        start = {"fill": False, "edgecolor": style.WINDOW, "linewidth": 1}
        handles.append(Patch(color=style.KERNEL, label="its taps"))
        thin = "every window, its first pixel" if s.output <= OUTLINED else "first pixel of each"
        handles.append(Patch(label=thin, **start))
    if s.output > 0 and not s.reached.all():
        look = {"hatch": "/////", "facecolor": "none", "edgecolor": style.MUTED}
        handles.append(Patch(label="used by no window", **look, linewidth=0))
    if padding:
        handles.append(Patch(color=PADDING, label="padding"))
    place = {"loc": "lower left", "bbox_to_anchor": (0.013, 0.16), "ncols": len(handles)}
    figure.legend(handles=handles, frameon=False, fontsize=9, handlelength=1.2, **place)


def _lines(s):
    """The formula, the formula with its numbers, and what it means, in words."""
    formula = "output = floor((h + 2p − d(k − 1) − 1) / s) + 1"
    room = s.padded - s.reach
    numbers = (
        f"= floor(({s.size} + 2·{s.padding} − {s.dilation}·({s.kernel} − 1) − 1) / {s.stride}) "
        f"+ 1 = floor({room} / {s.stride}) + 1 = {s.output}".replace("-", "−")
    )
    if s.output < 1:
        meaning = (
            f"The kernel doesn't fit: it reaches over {s.dilation}·({s.kernel} − 1) + 1 = "
            f"{s.reach} pixels, and the padded input has {s.padded}."
        )
        return [formula, f"{numbers}, below 1", meaning]
    inside = s.reached[s.padding : s.padded - s.padding]
    lost = s.size**2 - inside.sum() ** 2
    meaning = f"{lost} of the {s.size**2} input pixels are used by no window"
    return [formula, numbers, meaning if lost else "Every input pixel is used"]
