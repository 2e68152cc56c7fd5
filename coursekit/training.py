"""What a training run looks like: live curves, a table of nets, digits, mistakes, first filters.

Arrays and tensors (on any device) are taken alike, and None in their place shows the words "waiting
for your code". Digits are N x 1 x H x W or N x H x W, black at 0 and white at 1.
"""

import html
import math
import time

import numpy as np

from coursekit import drawing, style
from coursekit.drawing import (
    WAITING,
    numbers,
    open_axes,
    say,
    set_title,
    shown_figure,
    unbatched,
)
from coursekit.mosaics import mosaic

KINDS = {"loss": "loss per image (nats)", "accuracy": "accuracy (share right)"}
# Colour, marker, line: curves can be told apart without colours, too.
LOOKS = tuple(zip(style.CYCLE, style.MARKS, ("-", "--", "-.", ":", "-"), strict=True))
MOST_DIGITS = 100  # that one canvas shows
PARTS = {  # of a results table: heading -> how a value is written
    "parameters": lambda value: f"{value:,}",
    "seconds": lambda value: f"{value:.1f}",
    "device": str,
    "test accuracy": lambda value: f"{value:.4f}",
}


def live_curve(title=""):
    """Return an empty plot of losses and accuracies; `add` a point to each curve every epoch.

    In JupyterLab, Colab and VS Code one picture is redrawn in place. A saved or printed notebook
    keeps its last state. Plain Python prints a line instead.

        curve = live_curve()
        for epoch in range(5):
            curve.add(train_loss=..., train_accuracy=..., test_loss=..., test_accuracy=...)

    Args:
        title: text above the plot.

    Returns:
        A `Curve`.
    """
    return Curve(title)


class Curve:
    """A plot of losses and accuracies over the epochs.

    `history`: {"train_loss": [...], ...}, one value an epoch, NaN where none was given.
    """

    def __init__(self, title=""):
        self.title, self.history, self.epochs = title, {}, 0
        self._last, self._known = {}, set()  # values of the last epoch; curves that had a value
        self._output = _Output()

    def add(self, **values):
        """Add one epoch and redraw.

        Args:
            values: numbers named `<curve>_loss` or `<curve>_accuracy`, like `train_loss` and
                `test_accuracy`. None: your code isn't there yet. A name that is left out
                leaves a gap.

        Raises:
            ValueError: another name, or a value that is no single number.
        """
        self._last = {name: _number(name, value) for name, value in values.items()}
        for name, value in self._last.items():
            self.history.setdefault(name, [math.nan] * self.epochs)
            if value is not None:
                self._known.add(name)
        self.epochs += 1
        for name, row in self.history.items():
            value = self._last.get(name)
            row.append(math.nan if value is None else value)
        self._output.show(self.describe(), figure=self.draw)

    def draw(self):
        """Return the Matplotlib Figure: losses on the left, accuracies on the right."""
        figure = drawing.new_figure(8.4, 3.3 if self.title else 3.0)
        figure.set_layout_engine("constrained")
        if self.title:
            figure.suptitle(self.title, fontsize=11, color=style.INK)
        curves = list(dict.fromkeys(name.rpartition("_")[0] for name in self.history))
        for panel, kind in zip(figure.subplots(1, 2), KINDS, strict=True):
            for place, curve in enumerate(curves):
                if f"{curve}_{kind}" in self.history:
                    self._draw_curve(panel, f"{curve}_{kind}", LOOKS[place % len(LOOKS)])
            _finish(panel, kind, self.epochs)
        return figure

    def describe(self):
        """Return the last epoch in one line."""
        parts = [
            f"{name.replace('_', ' ')} {WAITING if value is None else f'{value:.4f}'}"
            for name, value in self._last.items()
        ]
        return f"epoch {self.epochs}: {', '.join(parts)}"

    def _draw_curve(self, panel, name, look):
        color, mark, line = look
        label = name.rpartition("_")[0].replace("_", " ")
        label += "" if name in self._known else f": {WAITING}"
        marked = {"marker": mark if self.epochs <= 30 else None, "markersize": 3.5}
        places = np.arange(1, self.epochs + 1)
        panel.plot(places, self.history[name], label=label, color=color, linestyle=line, **marked)


class Results:
    """A table of nets: parameters, training time, device and test accuracy; `add` fills it.

        results = Results()
        results.add("one conv layer", net, seconds, accuracy)

    `rows` is what it holds: {name: {"parameters": ..., "seconds": ..., ...}}.
    """

    def __init__(self):
        self.rows = {}
        self._output = _Output()

    def add(self, name, net, seconds, accuracy):
        """Add a net, or put it in the place of the one of the same name, and show the table.

        Args:
            name: what the table calls it.
            net: the `torch.nn.Module`, or its number of parameters.
            seconds: how long the training took.
            accuracy: on the test images, from 0 to 1.
            Each of the last three may be None: your code isn't there yet.

        Raises:
            ValueError: an accuracy outside 0 to 1.
        """
        if accuracy is not None and not 0 <= accuracy <= 1:
            raise ValueError(f"accuracy: expected a share from 0 to 1, got {accuracy}")
        count, device = _size(net)
        self.rows[name] = {
            "parameters": count,
            "seconds": None if seconds is None else float(seconds),
            "device": device,
            "test accuracy": None if accuracy is None else float(accuracy),
        }
        self.show()

    def show(self):
        """Show the table; the best accuracy is bold."""
        self._output.show(self.describe(), page=self._page())

    def describe(self):
        """Return the table as text."""
        if not self.rows:
            return "no net trained yet"
        table = [["net", *PARTS], *self._cells()]
        wide = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
        lines = [
            "  ".join([row[0].ljust(wide[0]), *map(str.rjust, row[1:], wide[1:])]) for row in table
        ]
        return "\n".join(lines)

    def _cells(self):
        """Each row as texts, its name first."""
        return [
            [name, *(_cell(part, row[part]) for part in PARTS)] for name, row in self.rows.items()
        ]

    def _best(self):
        """Places of the rows with the best accuracy."""
        found = [row["test accuracy"] for row in self.rows.values()]
        best = max((one for one in found if one is not None), default=None)
        return [place for place, one in enumerate(found) if one is not None and one == best]

    def _page(self):
        if not self.rows:
            return f"<p>{self.describe()}</p>"
        best, lines = self._best(), []
        for place, texts in enumerate(self._cells()):
            tag = "th" if place in best else "td"  # headings are bold without any style
            cells = "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)
            lines.append(f"<tr>{cells}</tr>")
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("net", *PARTS))
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def show_digits(images, labels=None, predicted=None, columns=10):
    """Show digits on one canvas, each with its label above; "3 → 8" is a 3 that was taken for an 8.

    Args:
        images: N x 1 x H x W or N x H x W; the first 100 are shown.
        labels: N class numbers, or None for digits without a label.
        predicted: N class numbers that a net gave; None where there are none yet.
        columns: how many digits stand in a row.

    Raises:
        ValueError: images of another shape, or not one label for each.
    """
    if images is None:
        _wait("digits")
        return
    count = len(images)
    tiles = _planes("images", images[:MOST_DIGITS])
    labels = None if labels is None else _classes("labels", labels, count)
    predicted = None if predicted is None else _classes("predicted", predicted, count)
    wrong = np.zeros(count, bool)
    if labels is not None and predicted is not None:
        wrong = labels != predicted
    known = predicted if labels is None else labels
    first = [""] * count if known is None else [str(one) for one in known]
    texts = [f"{first[n]} → {predicted[n]}" if wrong[n] else first[n] for n in range(len(tiles))]
    note = f"each {_size_of(tiles)}"
    if count > MOST_DIGITS:
        note = f"the first {MOST_DIGITS} of {count:,}, {note}"
    if wrong.any():
        note += "; orange: label → prediction"
    _canvas(tiles, texts, wrong, columns, note)


def show_confusion(labels, predicted):
    """Show how often each class was taken for each other one; right answers are green.

    Args:
        labels: N class numbers.
        predicted: N class numbers that a net gave.

    Raises:
        ValueError: not whole numbers from 0 on, or two lists of different lengths.
    """
    if labels is None or predicted is None:
        _wait("confusion matrix")
        return
    import seaborn
    from matplotlib.patches import Rectangle

    labels = _classes("labels", labels)
    predicted = _classes("predicted", predicted, len(labels))
    classes = max(10, labels.max() + 1, predicted.max() + 1)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predicted), 1)
    right = np.eye(classes, dtype=bool)
    mistakes = np.where(right, 0, counts)
    share = f"{counts.trace():,} of {counts.sum():,} right ({counts.trace() / counts.sum():.1%})"
    with shown_figure([None], size=(6.6, 5.6)) as (panel,):
        seaborn.heatmap(
            mistakes, ax=panel, annot=counts, fmt="d", square=True, linewidths=0.5,
            cmap="Oranges", vmin=0, vmax=max(1, mistakes.max()), annot_kws={"fontsize": 8},
            cbar_kws={"label": "mistakes (images)", "ticks": drawing.whole_numbers()},
        )  # fmt: skip
        for place in range(classes):
            panel.add_patch(Rectangle((place, place), 1, 1, fc=style.OUTPUT, alpha=0.25))
        panel.set(xlabel="prediction (class)", ylabel="label (class)")
        panel.tick_params(labelsize=8, rotation=0)
        set_title(panel, share)


def show_most_wrong(images, labels, probabilities, count=12):
    """Show the worst mistakes: those with the lowest probability of the label first.

    Above each digit stand its label and the prediction, with their probabilities.

    Args:
        images: N x 1 x H x W or N x H x W.
        labels: N class numbers.
        probabilities: N x classes, what softmax makes of the logits.
        count: how many mistakes are shown at most.

    Raises:
        ValueError: rows that are no probabilities, or not one label and row for each image.
    """
    if images is None or labels is None or probabilities is None:
        _wait("most wrong digits")
        return
    tiles = _planes("images", images)
    labels = _classes("labels", labels, len(tiles))
    table = _probabilities(probabilities, labels)
    predicted = table.argmax(axis=1)
    of_label = table[np.arange(len(table)), labels]
    wrong = np.flatnonzero(predicted != labels)
    if not len(wrong):
        _wait("most wrong digits", f"no mistake in {len(tiles):,} digits")
        return
    shown = wrong[np.argsort(of_label[wrong], kind="stable")][:count]
    texts = [
        f"label {labels[n]}: {of_label[n]:.3f}\nnet says {predicted[n]}: {table[n].max():.3f}"
        for n in shown
    ]
    note = f"{len(shown)} of {len(wrong):,} mistakes in {len(tiles):,} digits, {_size_of(tiles)}"
    _canvas(tiles[shown], texts, np.ones(len(shown), bool), 6, note, inches=1.3)


def show_first_layer(weight):
    """Show the filters of a first layer with their numbers: blue negative, red positive.

    Args:
        weight: K x 1 x k x k, as in `net[0].weight`; all filters have one scale.

    Raises:
        ValueError: another shape.
    """
    if weight is None:
        _wait("filters")
        return
    tiles = _planes("weight", weight)
    columns = math.ceil(math.sqrt(len(tiles)))
    with shown_figure([None], size=_canvas_size(len(tiles), columns, 0.8)) as (panel,):
        look = drawing.scale(tiles, signed=True)
        drawn = _draw_tiles(panel, tiles, _names(tiles), columns, look)
        set_title(panel, f"{len(tiles)} filters of {_size_of(tiles)}")
        _bar(panel, drawn, "weight")


def show_responses(image, maps):
    """Show an image beside the maps that a layer makes of it, with the numbers of the channels.

    Args:
        image: 1 x H x W or H x W, or a batch of one.
        maps: K x h x w, or a batch of one; negative values make blue and red maps.

    Raises:
        ValueError: another shape.
    """
    if image is None or maps is None:
        _wait("responses")
        return
    tile = _one("image", image, 3 if np.ndim(image) > 2 else 2)
    tiles = _one("maps", maps, 3)
    columns = math.ceil(math.sqrt(len(tiles)))
    width, height = _canvas_size(len(tiles), columns, 0.9)
    height = max(height, 2.9)
    signed = tiles.min() < -1e-9
    end = np.abs(tiles).max() or 1.0
    look = (style.SIGNED, (-end, end)) if signed else (style.MAGNITUDES, (0, end))
    with shown_figure([None, None], size=(width + 4.0, height)) as (left, right):
        left.figure.set_layout_engine("none")  # it would make both equally wide
        _place(left, 0.6, 2.2)
        _place(right, 3.1, width)
        tile = tile.reshape(tile.shape[-2:])
        drawing.draw(left, *drawing.prepare(tile, "image", signed=False), title="image")
        drawn = _draw_tiles(right, tiles, _names(tiles), columns, look)
        set_title(right, f"{len(tiles)} maps of {_size_of(tiles)}")
        bar = right.inset_axes([1.03, 0.1, 0.03, 0.8])
        right.figure.colorbar(drawn, cax=bar, label="response").ax.tick_params(labelsize=8)


class _Output:
    """One output of a cell, redrawn in place; in the next cell a new one begins.

    A picture can take longer than an epoch of a small net. One that comes soon after another is
    left out, and the last one is drawn when the cell has ended.
    """

    def __init__(self):
        self.handle = self.cell = self.late = None
        self.ready = 0  # when the next picture may be drawn

    def show(self, words, figure=None, page=None):
        """Show a page of HTML, or what `figure()` returns; `words` where neither can be shown."""
        from IPython import get_ipython

        shell = get_ipython()
        if not hasattr(shell, "kernel"):  # plain Python: nothing can show a picture
            print(words)
            return
        new = self.cell != shell.execution_count
        self.cell = shell.execution_count
        if new or page is not None or time.monotonic() > self.ready:
            self.late = None
            self._update(new, words, figure, page)
        elif self.late is None:
            self.late = words, figure
            shell.events.register("post_run_cell", self._catch_up)
        else:
            self.late = words, figure

    def _update(self, new, words, figure=None, page=None):
        from IPython.display import display

        bundle, about = {"text/plain": words}, {}
        if figure is not None:
            bundle["image/png"], about["image/png"] = self._encoded(figure, words)
        if page is not None:
            bundle["text/html"] = page
        if new:
            self.handle = display(bundle, raw=True, metadata=about, display_id=True)
        else:
            self.handle.update(bundle, raw=True, metadata=about)

    def _encoded(self, figure, words):
        """A picture's bytes as text, and what goes with it; drawing takes a fifth of the time."""
        start = time.monotonic()
        embedded = drawing.embedded(figure(), words)
        self.ready = time.monotonic() + 4 * (time.monotonic() - start)
        return embedded

    def _catch_up(self, result=None):
        """Draw what was left out, once."""
        from IPython import get_ipython

        get_ipython().events.unregister("post_run_cell", self._catch_up)
        if self.late is not None:
            late, self.late = self.late, None
            self._update(False, *late)


def _finish(panel, kind, epochs):
    """Axes, grid and legend of a panel of curves."""
    panel.set(xlabel="epoch", ylabel=KINDS[kind])
    panel.set_xlim(0.5, max(epochs, 2) + 0.5)
    panel.xaxis.set_major_locator(drawing.whole_numbers(8))
    if kind == "loss":
        panel.set_ylim(bottom=0)
    panel.grid(axis="y", color=style.GRID, linewidth=0.5)
    open_axes(panel)
    if panel.lines:
        panel.legend(frameon=False, fontsize=8)


def _number(name, value):
    """A value of `Curve.add` as a float; None stays None."""
    curve, _, kind = name.rpartition("_")
    if not curve or kind not in KINDS:
        raise ValueError(f"{name}: expected a name like train_loss or test_accuracy")
    if value is None:
        return None
    array = numbers(value, name)
    if array.size != 1:
        raise ValueError(f"{name}: expected one number, got shape {array.shape}")
    return float(array.reshape(()))


def _size(net):
    """Number of parameters and kind of device of a net; None for what isn't known."""
    if not hasattr(net, "parameters"):
        return None if net is None else int(net), None
    parameters = list(net.parameters())
    device = parameters[0].device.type if parameters else None
    return sum(one.numel() for one in parameters), device


def _cell(part, value):
    return "…" if value is None else PARTS[part](value)


def _planes(name, values):
    """N x 1 x H x W or N x H x W as N x H x W."""
    array = numbers(values, name)
    planes = array[:, 0] if array.ndim == 4 and array.shape[1] == 1 else array
    if planes.ndim != 3 or not planes.size:
        raise ValueError(f"{name}: expected N x 1 x H x W or N x H x W, got shape {array.shape}")
    return planes


def _one(name, values, ndim):
    """An array of `ndim` dimensions, or a batch of one of it, without the batch."""
    array = numbers(values, name)
    one = unbatched(array, ndim)
    if one.ndim != ndim or not one.size:
        raise ValueError(f"{name}: expected {ndim} dimensions, got shape {array.shape}")
    return one


def _classes(name, values, count=None):
    """N class numbers as integers."""
    array = numbers(values, name)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name}: expected N class numbers, got shape {array.shape}")
    if count is not None and len(array) != count:
        raise ValueError(f"{name}: {len(array)} of them for {count} images")
    if (array < 0).any() or (array % 1).any() or not np.isfinite(array).all():
        raise ValueError(f"{name}: expected whole numbers from 0 on")
    return array.astype(int)


def _probabilities(values, labels):
    """N x classes that go with the labels."""
    table = numbers(values, "probabilities")
    if table.ndim != 2 or len(table) != len(labels):
        raise ValueError(
            f"probabilities: expected {len(labels)} x classes, got shape {table.shape}"
        )
    if labels.max() >= table.shape[1]:
        raise ValueError(f"labels: {labels.max()} is none of {table.shape[1]} classes")
    if (table < -1e-6).any() or not np.allclose(table.sum(axis=1), 1, atol=1e-3):
        raise ValueError("probabilities: a row must add up to 1; softmax makes it of logits")
    return table


def _wait(title, words=WAITING):
    """Words in the place of a picture."""
    with shown_figure([None], size=(4.0, 2.2)) as (panel,):
        say(panel, words, title)


def _canvas(tiles, texts, wrong, columns, note, inches=0.75):
    """Show digits with a text above each, orange where it is a mistake."""
    columns = min(columns, len(tiles))
    colors = [style.WINDOW if one else style.INK for one in wrong]
    with shown_figure([None], size=_canvas_size(len(tiles), columns, inches)) as (panel,):
        look = (style.IMAGES, (0, max(1.0, tiles.max())))
        _draw_tiles(panel, tiles, texts, columns, look, colors)
        panel.set_title(note, fontsize=9, color=style.INK)


def _draw_tiles(panel, tiles, texts, columns, look, colors=None):
    """Draw N x H x W tiles in rows, a text above each; return the drawn image."""
    from matplotlib import colormaps

    height, width = tiles.shape[1:]
    lines = max(text.count("\n") + 1 for text in texts)
    room = math.ceil(height * (0.28 if lines == 1 else 0.36))  # over each tile, for its text
    sheet, corners = mosaic(tiles, columns, room, max(1, round(width * 0.1)))
    sheet = np.pad(sheet, ((room, 0), (0, 0)), constant_values=np.nan)
    for place, (top, left) in enumerate(corners):
        words = {"color": colors[place] if colors else style.INK, "fontsize": 8}
        middle, above = left + width / 2 - 0.5, room + top - 0.5 - 0.04 * height
        panel.text(middle, above, texts[place], ha="center", va="bottom", linespacing=1.1, **words)
    cmap, (low, high) = colormaps[look[0]].with_extremes(bad=style.PAPER), look[1]
    drawn = panel.imshow(sheet, cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
    panel.set_axis_off()
    return drawn


def _canvas_size(count, columns, inches):
    """Width and height in inches of a mosaic whose tiles are about `inches` wide."""
    return max(3.0, columns * inches * 1.1), math.ceil(count / columns) * inches * 1.36 + 0.4


def _size_of(tiles):
    return f"{tiles.shape[1]} × {tiles.shape[2]} pixels"


def _names(tiles):
    return [str(place) for place in range(len(tiles))]


def _place(panel, left, width):
    """Put axes at `left` inches, `width` inches wide, into a figure; keep room above and below."""
    total, height = panel.figure.get_size_inches()
    panel.set_position((left / total, 0.45 / height, width / total, 1 - 0.8 / height))


def _bar(panel, drawn, label):
    """A bar of colours beside a mosaic."""
    bar = panel.figure.colorbar(drawn, ax=panel, fraction=0.05, shrink=0.8, label=label)
    bar.ax.tick_params(labelsize=8)
