"""Draw the figures of the unit on CNN layers: `python assets/draw/cnn_layers.py [FIGURE ...]`."""

from functools import partial
from pathlib import Path

import canvas
import numpy as np
import torch
import torch.nn.functional as F
from canvas import TITLE, WIDTH, Grid, arrow, by, number, outline, tint, write
from matplotlib import colormaps
from matplotlib.patches import Circle, Rectangle
from torch import nn

from coursekit import style

ALT_TEXT = {
    "dense_or_local.png": (
        "Six pixels feed four neurons: fully connected with 24 weights, locally connected with "
        "12, and with shared weights the same 3 everywhere."
    ),
    "structure.png": (
        "Left, one box of 3x3x3 pixels in a 3x6x6 input feeds a column of 4 neurons. Right, each "
        "of 4 filters of 3x3x3 slides over the input and gives one 4x4 map."
    ),
    "stride.gif": (
        "A 3x3 window moves over an 8x8 input in steps of 2; the output grows to 3x3, and the "
        "last row and column of the input are never reached."
    ),
    "padding.gif": (
        "With one ring of zeros around a 4x4 input, a 3x3 window has 16 places: the output "
        "grows to 4x4, the size of the input."
    ),
    "dilation.gif": (
        "With dilation 2 the nine taps of a 3x3 kernel spread over 5x5 pixels; on a 7x7 input "
        "the output grows to 3x3."
    ),
    "pooling.png": (
        "Pooling with size 2 and stride 2 turns a 4x4 input into 2x2: the maxima are 6, 8, 9, 4, "
        "the averages 3, 5, 4, 2."
    ),
    "receptive_field.png": (
        "What one output sees of a row of pixels: after three layers of 3 taps 3, 5 and 7 pixels; "
        "with pooling of stride 2 in the middle 3, 4 and 8."
    ),
    "lenet.png": (
        "LeNet's shapes: 3x32x32, convolution to 6x28x28, pooling to 6x14x14, convolution to "
        "16x10x10, pooling to 16x5x5, then 120, 84 and 10 numbers."
    ),
    "fully_conv.png": (
        "A 16x5x5 volume flattened to 400 numbers and a dense layer of 120 give what 120 filters "
        "of 16x5x5 give at one place; on a 16x13x13 volume the filters slide to 9x9 places."
    ),
    "residual.png": (
        "A plain block passes x through two convolutions to F(x); the residual block adds its "
        "input over a shortcut and passes on ReLU of F(x) + x."
    ),
    "equivariance.png": (
        "Shifting an 8x8 picture by 2 columns and then convolving gives the same 8x8 map as "
        "convolving first and then shifting."
    ),
}
require_alt_text = partial(canvas.require_alt_text, ALT_TEXT)

NUMBERS = np.random.default_rng(5).integers(0, 4, (8, 8))
KERNEL = np.array([[1, 0, -1], [2, 1, 0], [0, -1, 1]])


def convolve(image, kernel, stride=1, padding=0, dilation=1):
    """Return what a convolution layer with one filter gives, by torch."""
    image, kernel = (torch.tensor(a, dtype=torch.float64)[None, None] for a in (image, kernel))
    return F.conv2d(image, kernel, None, stride, padding, dilation)[0, 0].numpy()


def sheets(axes, left, top, shape, color, *, cell, shift, block=None, fill=0.06, lines=True):
    """Draw C x H x W as sheets one behind the other, or a block (row, col, rows, cols) of each."""
    channels, rows, cols = shape
    row, col, height, width = block or (0, 0, rows, cols)
    for channel in reversed(range(channels)):
        grid = Grid(axes, left + shift[0] * channel, top + shift[1] * channel, rows, cols, cell)
        z = 2 + 0.01 * (channels - channel) + (0.005 if block else 0)
        look = {"fill": True, "fc": tint(color, fill), "ec": tint(color, 0.9), "zorder": z}
        if lines:
            for inside in np.ndindex(height, width):
                grid.block(row + inside[0], col + inside[1], lw=0.9, **look)
        else:
            grid.block(row, col, height, width, lw=0.9, **look)
        if block:
            grid.block(row, col, height, width, ec=color, lw=2.2, zorder=z + 0.002)


# dense_or_local.png -------------------------------------------------------------------------------

PIXELS, NEURONS, TAPS = 6, 4, 3


def dense_or_local(path: Path) -> None:
    """Show who is connected to whom: to all, to neighbours, with shared weights."""
    axes = canvas.new_canvas(266, scale=2)
    everyone = list(np.ndindex(NEURONS, PIXELS))
    local = [(n, n + tap) for n in range(NEURONS) for tap in range(TAPS)]
    shared = {(n, n + tap): tap for n in range(NEURONS) for tap in range(TAPS)}
    panels = (
        ("fully connected", {pair: index for index, pair in enumerate(everyone)}),
        ("locally connected", {pair: index for index, pair in enumerate(local)}),
        ("shared weights", shared),
    )
    for middle, (title, weights) in zip((100, 300, 500), panels, strict=True):
        count = len(set(weights.values()))
        require_alt_text(path.name, count)
        write(axes, middle, 20, title, size=15, weight="bold")
        _connections(axes, middle, weights, count)
        write(axes, middle, 216, f"{len(weights)} lines, {count} weights", size=14)
    note = (
        f"{PIXELS} pixels below, {NEURONS} neurons above. Equal colour and dash: the same weight."
    )
    write(axes, WIDTH / 2, 250, note, size=13)
    canvas.save_png(axes, path, colors=256)


def _connections(axes, middle, weights, count):
    colors = [style.KERNEL, style.WINDOW, style.OUTPUT]
    if count > TAPS:
        colors = [colormaps["turbo"](place) for place in np.linspace(0.03, 0.97, count)]
    for (neuron, pixel), weight in weights.items():
        ends = (middle - 81 + 2 + 28 * (pixel + 0.5), middle - 56 + 28 * (neuron + 0.5))
        dash = ("-", (0, (4, 1.2)), (0, (1, 0.8)))[weight] if count == TAPS else "-"
        line = {"color": colors[weight], "ls": dash, "lw": 2 if count > TAPS else 2.6, "zorder": 1}
        axes.plot((ends[0] - 5, ends[1]), (174, 72), **line)
    pixels = Grid(axes, middle - 84, 174, 1, PIXELS, 28, cell_height=22)
    pixels.fill(0, 0, tint(style.WINDOW, 0.2), cols=PIXELS)
    pixels.lines(style.WINDOW)
    for neuron in range(NEURONS):
        center = (middle - 56 + 28 * (neuron + 0.5), 64)
        look = {"fc": tint(style.OUTPUT, 0.3), "ec": style.OUTPUT, "lw": 1.5, "zorder": 2}
        axes.add_patch(Circle(center, 10, **look))


# structure.png ------------------------------------------------------------------------------------


def structure(path: Path) -> None:
    """Show a layer as neurons that each see a box, and as filters that slide."""
    volume, box, filters = (3, 6, 6), (3, 3, 3), 4
    output = (filters, *F.conv2d(torch.zeros(1, *volume), torch.zeros(filters, *box)).shape[2:])
    require_alt_text(path.name, by(volume), by(box), f"{filters} neurons", by(output[1:]))
    axes = canvas.new_canvas(372, scale=2)
    for middle, title in ((146, "neurons in a volume"), (452, "filters that slide")):
        write(axes, middle, 20, title, **TITLE)
    axes.plot((302, 302), (10, 362), color=style.GRID, lw=1)
    _neurons(axes, volume, box, output)
    _filters(axes, volume, box, output)
    canvas.save_png(axes, path)


def _neurons(axes, volume, box, output):
    place = (1, output[2] - 1)  # the window at the right, where its depth can be seen
    look = {"cell": 17, "shift": (11, -9)}
    sheets(axes, 14, 134, volume, style.GRID, **look)
    sheets(axes, 14, 134, volume, style.WINDOW, block=(*place, *box[1:]), fill=0.3, **look)
    look["cell"] = 20
    sheets(axes, 172, 146, output, style.GRID, **look)
    for channel in range(output[0]):
        left, top = 172 + 11 * channel, 146 - 9 * channel
        x, y = left + (place[1] + 0.5) * 20, top + (place[0] + 0.5) * 20
        ring = {"fc": tint(style.OUTPUT, 0.4), "ec": style.OUTPUT, "lw": 1.5}
        axes.add_patch(Circle((x, y), 7, zorder=4 - 0.1 * channel, **ring))
        arrow(axes, (140, 164), (x - 8, y + 1), color=style.MUTED, lw=0.9, mutation_scale=6)
    write(axes, 74, 74, f"input {by(volume, ' × ')}", size=13)
    write(axes, 228, 74, f"output {by(output, ' × ')}", size=13)
    write(axes, 74, 262, f"a box of\n{by(box, ' × ')} pixels", size=13, color=style.WINDOW)
    words = f"a column of {output[0]} neurons\nsees this one box"
    write(axes, 216, 262, words, size=13, color=style.OUTPUT)
    write(axes, 146, 330, "Neighbouring columns see\nneighbouring boxes.", size=13)


def _filters(axes, volume, box, output):
    sheets(axes, 316, 158, volume, style.GRID, cell=10, shift=(7, -6))
    block = (0, 0, *box[1:])
    sheets(axes, 316, 158, volume, style.WINDOW, block=block, cell=10, shift=(7, -6), fill=0.3)
    for index in range(output[0]):
        top = 90 + 62 * index
        sheets(axes, 434, top, box, style.KERNEL, cell=10, shift=(7, -6), fill=0.3)
        arrow(axes, (394, 176), (428, top + 12), color=style.MUTED)
        arrow(axes, (484, top + 12), (516, top + 12), color=style.MUTED)
        grid = Grid(axes, 522, top - 10, *output[1:], 11)
        grid.fill(0, 0, tint(style.OUTPUT, 0.2), *output[1:])
        grid.lines(tint(style.OUTPUT, 0.7))
    write(axes, 354, 114, "input", size=13)
    write(axes, 456, 50, f"{output[0]} filters\n{by(box, ' × ')}", size=13, color=style.KERNEL)
    maps = f"{output[0]} maps\n{by(output[1:], ' × ')}"
    write(axes, 546, 50, maps, size=13, color=style.OUTPUT)
    write(axes, 452, 338, "One filter, one map; together\nthe same output volume.", size=13)


# stride.gif, padding.gif, dilation.gif ------------------------------------------------------------


def stride(path: Path) -> None:
    """Animate stride 2, whose last place leaves a rest."""
    frames, output = _animation("stride 2", NUMBERS, stride=2)
    require_alt_text(path.name, by(NUMBERS.shape), by(output.shape))
    canvas.save_gif(frames, path, step_ms=1000, last_ms=3500)


def padding(path: Path) -> None:
    """Animate padding 1, which keeps the size."""
    frames, output = _animation("padding 1", NUMBERS[:4, :4], padding=1)
    require_alt_text(path.name, by((4, 4)), by(output.shape), f"{output.size} places")
    canvas.save_gif(frames, path, step_ms=800, last_ms=3500)


def dilation(path: Path) -> None:
    """Animate dilation 2."""
    frames, output = _animation("dilation 2", NUMBERS[:7, :7], dilation=2)
    reach = 2 * (len(KERNEL) - 1) + 1
    require_alt_text(path.name, by((7, 7)), by((reach, reach)), by(output.shape))
    canvas.save_gif(frames, path, step_ms=1000, last_ms=3500)


def _animation(title, image, **settings):
    """One frame for each place of the window, and the output."""
    output = convolve(image, KERNEL, **settings).astype(int)
    places = np.ndindex(output.shape)
    return [_frame(title, image, output, place, **settings) for place in places], output


def _frame(title, image, output, place, stride=1, padding=0, dilation=1):
    axes = canvas.new_canvas(356)
    write(axes, 20, 20, title, ha="left", **TITLE)
    padded = np.pad(image, padding)
    size, taps = len(padded), len(KERNEL)
    grid = Grid(axes, 20, 178 - 15 * size, size, size, 30)
    _input(grid, image, padding, stride * (len(output) - 1) + dilation * (taps - 1) + 1)
    corner, reach = [stride * p for p in place], dilation * (taps - 1) + 1
    grid.fill(*corner, tint(style.WINDOW, 0.2), reach, reach)
    if dilation > 1:
        for row, col in np.ndindex(KERNEL.shape):
            color = tint(style.KERNEL, 0.35)
            grid.fill(corner[0] + dilation * row, corner[1] + dilation * col, color)
    outline(grid, *corner, reach, reach, style.WINDOW)

    kernel = Grid(axes, 314, 178 - 15 * taps, taps, taps, 30)
    kernel.fill(0, 0, tint(style.KERNEL, 0.22), taps, taps)
    kernel.numbers(KERNEL, color=style.KERNEL, weight="bold")
    kernel.lines(tint(style.KERNEL, 0.7))
    result = Grid(axes, 460, 178 - 15 * len(output), *output.shape, 30)
    for done in list(np.ndindex(output.shape))[: place[0] * output.shape[1] + place[1] + 1]:
        result.fill(*done, tint(style.OUTPUT, 0.2))
        result.write(*done, number(output[done]))
    result.lines()
    outline(result, *place, 1, 1, style.OUTPUT)
    write(axes, (grid.right + kernel.left) / 2, 178, "⋆", size=30)
    write(axes, (kernel.right + result.left) / 2, 178, "=", size=20)
    for one, name in ((kernel, "kernel"), (result, "output")):
        words = f"{name} {by((one.rows, one.cols), ' × ')}"
        write(axes, (one.left + one.right) / 2, one.top - 14, words)
    _formula(axes, len(image), taps, stride, padding, dilation, len(output))
    return axes


def _input(grid, image, padding, reached):
    """Draw the padded input; padding is gray, what no window reaches is hatched."""
    size, inner = grid.rows, len(image)
    if padding:
        grid.fill(0, 0, tint(style.MUTED, 0.15), size, size)
        grid.fill(padding, padding, style.PAPER, inner, inner)
    if reached < size:
        grid.hatch(reached, 0, size - reached, size)
        grid.hatch(0, reached, reached, size - reached)
    for (row, col), value in np.ndenumerate(np.pad(image, padding)):
        inside = all(padding <= p < padding + inner for p in (row, col))
        used = inside and max(row, col) < reached
        plate = {"boxstyle": "round,pad=0.15", "fc": style.PAPER, "ec": "none"}
        bbox = {"bbox": plate} if inside and not used else {}
        grid.write(row, col, number(value), color=style.INK if used else style.MUTED, **bbox)
    grid.lines()


def _formula(axes, h, k, s, p, d, size):
    write(axes, WIDTH / 2, 318, "⌊(h + 2p − d(k − 1) − 1)/s⌋ + 1", size=14, color=style.MUTED)
    assert size == (h + 2 * p - d * (k - 1) - 1) // s + 1
    numbers = f"⌊({h} + 2·{p} − {d}·({k} − 1) − 1)/{s}⌋ + 1 = {size}"
    write(axes, WIDTH / 2, 340, numbers, size=16)


# pooling.png --------------------------------------------------------------------------------------

POOLED = np.array([[1, 3, 4, 8], [2, 6, 3, 5], [9, 0, 1, 2], [3, 4, 1, 4]])


def pooling(path: Path) -> None:
    """Show max and average pooling, size 2 and stride 2, with their numbers."""
    axes = canvas.new_canvas(232, scale=2)
    batch = torch.tensor(POOLED, dtype=torch.float64)[None, None]
    results = (
        ("maximum", F.max_pool2d(batch, 2)[0, 0].numpy()),
        ("average", F.avg_pool2d(batch, 2)[0, 0].numpy()),
    )
    grid = Grid(axes, 30, 48, 4, 4, 40)
    for row, col in np.ndindex(2, 2):
        grid.fill(2 * row, 2 * col, tint(style.WINDOW, 0.12 + 0.2 * ((row + col) % 2)), 2, 2)
        block = POOLED[2 * row : 2 * row + 2, 2 * col : 2 * col + 2]
        for (i, j), value in np.ndenumerate(block):
            bold = {"weight": "bold"} if value == block.max() else {}
            grid.write(2 * row + i, 2 * col + j, number(value), size=16, **bold)
        outline(grid, 2 * row, 2 * col, 2, 2, style.WINDOW, lw=2)
    grid.lines()
    write(axes, 110, 24, "input 4 × 4", **TITLE)
    for left, (title, values) in zip((300, 470), results, strict=True):
        result = Grid(axes, left, 88, 2, 2, 40)
        for place in np.ndindex(2, 2):
            result.fill(*place, tint(style.OUTPUT, 0.15 + 0.2 * (sum(place) % 2)))
        result.numbers(values, size=16)
        result.lines(tint(style.OUTPUT, 0.7))
        write(axes, left + 40, 24, title, **TITLE)
        write(axes, left + 40, 68, "2 × 2")
        require_alt_text(path.name, ", ".join(f"{value:g}" for value in values.flat))
    arrow(axes, (214, 128), (280, 128))
    write(axes, 247, 104, "size 2\nstride 2", size=13)
    write(axes, 425, 128, "or", size=15)
    canvas.save_png(axes, path)


# receptive_field.png ------------------------------------------------------------------------------


def receptive_field(path: Path) -> None:
    """Show the cone of pixels under one output, without and with downsampling."""
    axes = canvas.new_canvas(500, scale=2)
    conv, pool = ("convolution, 3 taps", 3, 1), ("pooling, 2 taps, stride 2", 2, 2)
    plain = _cone(axes, 26, "three convolutions", [conv] * 3, pixels=13)
    faster = _cone(axes, 276, "downsampling in the middle", [conv, pool, conv], pixels=14)
    texts = ["{}, {} and {}".format(*sizes) for sizes in (plain, faster)]
    require_alt_text(path.name, f"{texts[0]} pixels", texts[1])
    canvas.save_png(axes, path)


def _cone(axes, top, title, layers, pixels):
    """Draw rows of places from the output at the top to the pixels; return the sizes seen."""
    cell, left = 24, 20
    write(axes, left, top, title, ha="left", **TITLE)
    rows = [(left + cell / 2 + cell * np.arange(pixels), [{n} for n in range(pixels)])]
    needs = []  # for each layer: which places of the row below a place uses
    for _, taps, step in layers:
        centers, seen = rows[-1]
        count = (len(seen) - taps) // step + 1
        needs.append([range(n * step, n * step + taps) for n in range(count)])
        middles = np.array([np.mean(centers[list(below)]) for below in needs[-1]])
        rows.append((middles, [set().union(*(seen[n] for n in below)) for below in needs[-1]]))
    cone = [{len(needs[-1]) // 2}]
    for below in reversed(needs):
        cone.insert(0, {n for place in cone[0] for n in below[place]})
    heights = [top + 196 - 54 * depth for depth in range(len(rows))]
    for depth, used in enumerate(cone):
        _places(axes, rows[depth][0], heights[depth], used, depth, len(layers))
        for place in used if depth else ():
            for below in needs[depth - 1][place]:
                ends = (rows[depth][0][place], rows[depth - 1][0][below])
                line = {"color": style.MUTED, "lw": 1, "zorder": 0.3}
                axes.plot(ends, (heights[depth] + 9, heights[depth - 1] - 9), **line)
    write(axes, 366, heights[0], "input pixels", ha="left")
    sizes = [len(seen[0]) for _, seen in rows[1:]]
    for (name, *_), size, y in zip(layers, sizes, heights[1:], strict=True):
        write(axes, 366, y - 8, name, ha="left", size=13)
        write(axes, 366, y + 9, f"sees {size} pixels", ha="left", size=13, color=style.OUTPUT)
    return sizes


def _places(axes, centers, y, used, depth, last):
    color = {0: style.WINDOW, last: style.OUTPUT}.get(depth, style.KERNEL)
    for place, x in enumerate(centers):
        fill = tint(color, 0.45) if place in used else style.PAPER
        edge = color if place in used else style.GRID
        axes.add_patch(Rectangle((x - 9, y - 9), 18, 18, fc=fill, ec=edge, lw=1.3, zorder=1))


# lenet.png ----------------------------------------------------------------------------------------

CONV, POOL = "conv 5 × 5\nReLU", "max pool\n2 × 2"


def lenet_shapes():
    """Return LeNet's shapes for one picture, with what comes before each, by torch."""
    flat = nn.Flatten(0)  # one picture, no batch
    layers = [
        ("", [nn.Identity()]),
        (CONV, [nn.Conv2d(3, 6, 5), nn.ReLU()]),
        (POOL, [nn.MaxPool2d(2)]),
        (CONV, [nn.Conv2d(6, 16, 5), nn.ReLU()]),
        (POOL, [nn.MaxPool2d(2)]),
        ("flatten,\ndense\nReLU", [flat, nn.Linear(16 * 5 * 5, 120), nn.ReLU()]),
        ("dense\nReLU", [nn.Linear(120, 84), nn.ReLU()]),
        ("dense", [nn.Linear(84, 10)]),
    ]
    x, shapes = torch.zeros(3, 32, 32), []
    for name, modules in layers:
        x = nn.Sequential(*modules)(x)
        shapes.append((name, tuple(x.shape)))
    return shapes


def lenet(path: Path) -> None:
    """Draw LeNet as volumes and rows of numbers, to scale, with their shapes."""
    axes = canvas.new_canvas(218, scale=2)
    shapes, x, middle = lenet_shapes(), 6, 76
    require_alt_text(path.name, *(by(shape) for _, shape in shapes))
    for index, (name, shape) in enumerate(shapes):
        gap = 36 if len(shape) == 3 else 44
        if index:
            arrow(axes, (x + 4, middle), (x + gap - 4, middle), color=style.MUTED)
            write(axes, x + gap / 2, 188, name, size=11, linespacing=1.25)
            x += gap
        color = style.WINDOW if not index else style.KERNEL
        color = style.OUTPUT if index == len(shapes) - 1 else color
        width, height = _volume(axes, x, middle, shape, color)
        write(axes, x + width / 2, middle + height / 2 + 18, by(shape, "×"), size=11, weight="bold")
        x += width
    canvas.save_png(axes, path)


def _volume(axes, left, middle, shape, color):
    """Draw a volume or a row of numbers around a middle line; return its width and height."""
    if len(shape) == 1:
        corner = (left, middle - shape[0] * 0.45)
        look = {"fc": tint(color, 0.3), "ec": color, "lw": 1.2}
        axes.add_patch(Rectangle(corner, 12, shape[0] * 0.9, **look))
        return 12, shape[0] * 0.9
    side, step = 1.9 * shape[1], min(3.5, 30 / shape[0])
    depth = step * (shape[0] - 1)
    top = middle - (side - depth) / 2
    sheets(
        axes, left, top, (shape[0], 1, 1), color, cell=side, shift=(step, -step), fill=0.25,
        lines=False,
    )  # fmt: skip
    return side + depth, side + depth


# fully_conv.png -----------------------------------------------------------------------------------


def fully_conv(path: Path) -> None:
    """Show a dense layer on a flattened volume as a convolution, which may slide."""
    small, large, count = (16, 5, 5), (16, 13, 13), 120
    torch.manual_seed(0)
    dense = nn.Linear(int(np.prod(small)), count).double()
    volume = torch.rand(1, *large, dtype=torch.float64)
    weights = dense.weight.reshape(count, *small)
    maps = F.conv2d(volume, weights, dense.bias)
    corner = dense(volume[:, :, : small[1], : small[2]].flatten(1))
    assert torch.allclose(maps[:, :, 0, 0], corner)
    places = tuple(maps.shape[1:])
    require_alt_text(path.name, by(small), dense.in_features, count, by(large), by(places[1:]))

    axes = canvas.new_canvas(498, scale=2)
    _dense_row(axes, 86, small, dense.in_features, count)
    _filter_row(axes, 242, small, small, (count, 1, 1), "the same weights as filters")
    _filter_row(axes, 398, large, small, places, "on a larger volume they slide")
    write(axes, WIDTH / 2, 484, "Only 5 sheets of each volume are drawn.", size=12)
    canvas.save_png(axes, path)


def _dense_row(axes, y, small, flat, count):
    write(axes, 16, y - 68, "flatten, then a dense layer", ha="left", size=15, weight="bold")
    _stack(axes, 90, y, small, style.WINDOW)
    arrow(axes, (146, y), (206, y))
    write(axes, 176, y - 14, "flatten", size=13)
    _bar(axes, 230, y, 84, style.WINDOW)
    write(axes, 230, y + 56, str(flat), size=13)
    arrow(axes, (252, y), (462, y))
    write(axes, 357, y - 14, f"dense: {count} × {flat} weights", size=13, color=style.KERNEL)
    _bar(axes, 500, y, 60, style.OUTPUT)
    write(axes, 500, y + 56, str(count), size=13)


def _filter_row(axes, y, volume, taps, maps, title):
    write(axes, 16, y - 68, title, ha="left", size=15, weight="bold")
    _stack(axes, 90, y, volume, style.WINDOW, box=taps[1:])
    write(axes, 196, y, "⋆", size=28)
    _stack(axes, 300, y, taps, style.KERNEL)
    words = f"{maps[0]} filters of {by(taps, ' × ')}"
    write(axes, 306, y + 56, words, size=13, color=style.KERNEL)
    write(axes, 412, y, "=", size=20)
    _stack(axes, 500, y, maps, style.OUTPUT)


def _stack(axes, middle, y, shape, color, box=None):
    """Draw C x H x W as a few sheets around a point, 5 pixels a place, with its shape below."""
    side, step, layers = 5 * shape[1], 4, 5
    left, top = middle - (side + step * (layers - 1)) / 2, y - (side - step * (layers - 1)) / 2
    look = {"shift": (step, -step), "lines": False}
    sheets(axes, left, top, (layers, 1, 1), color, cell=side, fill=0.2, **look)
    if box and box != shape[1:]:
        front = Grid(axes, left, top, *shape[1:], 5)
        outline(front, 0, 0, *box, style.KERNEL, lw=2)
        arrow(axes, (left + 28, top + 12), (left + 46, top + 12), color=style.KERNEL, lw=1.2)
        arrow(axes, (left + 12, top + 28), (left + 12, top + 46), color=style.KERNEL, lw=1.2)
    if color != style.KERNEL:
        write(axes, middle, y + 56, by(shape, " × "), size=13)


def _bar(axes, x, y, height, color):
    look = {"fc": tint(color, 0.3), "ec": color, "lw": 1.2}
    axes.add_patch(Rectangle((x - 7, y - height / 2), 14, height, **look))


# residual.png -------------------------------------------------------------------------------------

STEPS = ("conv 3 × 3", "batch norm", "ReLU", "conv 3 × 3", "batch norm")


def residual(path: Path) -> None:
    """Show a plain block beside a residual block."""
    axes = canvas.new_canvas(436, scale=2)
    for x, title in ((130, "plain block"), (400, "residual block")):
        write(axes, x, 20, title, **TITLE)
        write(axes, x, 50, "x", size=17, style="italic")
        _line(axes, x, 60, x, 78)
        for index, step in enumerate(STEPS):
            _step(axes, x, 92 + 48 * index, step)
            _line(axes, x, 106 + 48 * index, x, 126 + 48 * index)
    _step(axes, 130, 332, "ReLU")
    _line(axes, 130, 346, 130, 406)
    write(axes, 130, 420, "ReLU(F(x))", size=16, color=style.OUTPUT)
    axes.add_patch(Circle((400, 338), 12, fc=tint(style.WINDOW, 0.3), ec=style.WINDOW, lw=2))
    write(axes, 400, 338, "+", size=18, weight="bold", color=style.WINDOW)
    _step(axes, 400, 378, "ReLU")
    _line(axes, 400, 350, 400, 364)
    _line(axes, 400, 392, 400, 406)
    write(axes, 400, 420, "ReLU(F(x) + x)", size=16, color=style.OUTPUT)
    axes.plot((400, 484, 484), (68, 68, 338), color=style.WINDOW, lw=2.5, solid_joinstyle="miter")
    arrow(axes, (484, 338), (413, 338), color=style.WINDOW, lw=2.5)
    words = "shortcut:\nx itself, or\na 1 × 1 conv\nand batch\nnorm where\nthe shape\nchanges"
    write(axes, 494, 200, words, size=12, ha="left", color=style.WINDOW, linespacing=1.3)
    for x in (130, 400):
        _brace(axes, x - 66, 78, 298)
        write(axes, x - 92, 188, "F(x)", size=15)
    canvas.save_png(axes, path)


def _step(axes, x, y, text):
    color = style.KERNEL if text.startswith("conv") else style.MUTED
    look = {"fc": tint(color, 0.22), "ec": color, "lw": 1.3}
    axes.add_patch(Rectangle((x - 54, y - 14), 108, 28, **look))
    write(axes, x, y, text, size=13)


def _line(axes, x, y, to_x, to_y):
    arrow(axes, (x, y), (to_x, to_y))


def _brace(axes, x, top, bottom):
    axes.plot((x + 5, x, x, x + 5), (top, top, bottom, bottom), color=style.MUTED, lw=1.3)


# equivariance.png ---------------------------------------------------------------------------------

SHIFT = 2
EDGES = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])


def equivariance(path: Path) -> None:
    """Show that shifting and convolving may change places."""
    picture = np.zeros((8, 8), int)
    picture[2:6, 1], picture[5, 1:5], picture[2, 2] = 3, 3, 1
    moved = shift(picture)
    response, response_moved = (convolve(p, EDGES, padding=1).astype(int) for p in (picture, moved))
    assert np.array_equal(shift(response), response_moved)
    assert response.any()
    require_alt_text(path.name, by(picture.shape), by(response.shape), f"{SHIFT} columns")
    axes = canvas.new_canvas(492, scale=2)
    limit = np.abs(response).max()
    for (left, top), values in zip(
        ((40, 44), (376, 44), (40, 290), (376, 290)),
        (picture, response, moved, response_moved),
        strict=True,
    ):
        signed = left > 300
        _plane(axes, left, top, values, limit if signed else 3, signed)
    write(axes, 132, 22, "picture", **TITLE)
    write(axes, 468, 22, "map", **TITLE)
    for y in (136, 382):
        arrow(axes, (236, y), (364, y), lw=2)
        write(axes, 300, y - 16, "convolve", size=15, color=style.KERNEL)
    for x in (132, 468):
        arrow(axes, (x, 236), (x, 282), lw=2)
        words = f"shift by\n{SHIFT} columns"
        write(axes, x + 12, 259, words, ha="left", size=14, linespacing=1.2)
    words = "both ways give\nthe same map"
    write(axes, 300, 432, words, size=13, color=style.OUTPUT, linespacing=1.3)
    canvas.save_png(axes, path)


def shift(plane):
    """Move a plane to the right; zeros come in, and nothing may fall off."""
    assert not plane[:, -SHIFT:].any()
    return np.pad(plane, ((0, 0), (SHIFT, 0)))[:, :-SHIFT]


def _plane(axes, left, top, values, limit, signed):
    grid = Grid(axes, left, top, *values.shape, 23)
    cmap = colormaps[style.SIGNED if signed else style.IMAGES]
    low = -limit if signed else 0
    for place, value in np.ndenumerate(values):
        color = cmap((value - low) / (limit - low))
        text = number(value) if value or not signed else ""
        grid.shade(*place, color, text, dark=0.45, size=11)
    grid.lines()


FIGURES = {
    "dense_or_local.png": dense_or_local,
    "structure.png": structure,
    "stride.gif": stride,
    "padding.gif": padding,
    "dilation.gif": dilation,
    "pooling.png": pooling,
    "receptive_field.png": receptive_field,
    "lenet.png": lenet,
    "fully_conv.png": fully_conv,
    "residual.png": residual,
    "equivariance.png": equivariance,
}

if __name__ == "__main__":
    canvas.draw_all("cnn_layers", FIGURES)
