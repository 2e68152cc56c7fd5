"""Draw the unit's figures: `python assets/draw/filter_design.py [FIGURE ...]`."""

from functools import partial
from pathlib import Path

import canvas
import numpy as np
from canvas import WIDTH, Grid, arrow, by, number, outline, tint, write, write_weights
from matplotlib.patches import Arc, Circle, Polygon
from scipy.signal import correlate

from coursekit import filtering, photos, scenes, style

ALT_TEXT = {
    "families.png": (
        "Six filters of 25x25 pixels as pictures, each above the curve of its middle row: "
        "Gaussian, first derivative, second derivative, Laplacian of Gaussian, Gabor and "
        "difference of Gaussians."
    ),
    "separable.png": (
        "The column [1, 2, 1] times the row [1, 2, 1] gives a 3x3 kernel whose weights add up "
        "to 16; products per pixel for k = 3, 7, 15: k x k = 9, 49, 225 against 2k = 6, 14, 30."
    ),
    "angle.png": (
        "The angle theta is counted counter-clockwise from the x axis as seen on screen; four "
        "edges with theta = 0, 45, 90 and 180 degrees, an arrow from dark to bright on each."
    ),
    "turning.gif": (
        "A first-derivative filter turns from 0 to 180 degrees; beside it its response on a photo "
        "of coins: the strong places wander around the rims with the angle."
    ),
    "layer.gif": (
        "Three input channels and two filters of three little 2x2 kernels each; the three "
        "products are summed over the channels into two output channels."
    ),
    "volume.png": (
        "A layer as volumes: an input of 6x6x3, two filters of 3x3x3 between, an output of 4x4x2."
    ),
    "detector.png": (
        "A 32x32x1 drawing becomes four 30x30 maps, one for each kind of corner, and then one "
        "29x29x1 map with three bright dots, one for each hollow 4x4 square."
    ),
    "two_by_two.png": (
        "A 2x2 window on the corner of a hollow 4x4 square sees three pixels of ink and one empty "
        "pixel. It sees the same in a cross, a T-piece, crossing lines and a 3x3 box; in a filled "
        "block it sees four."
    ),
    "square.png": (
        "A hollow 4x4 square, enlarged, with the four 3x3 windows on its corners; they start at "
        "(0, 0), (0, 1), (1, 0) and (1, 1)."
    ),
}
require_alt_text = partial(canvas.require_alt_text, ALT_TEXT)


SHADES = canvas.few_shades(style.MAGNITUDES)
SCENE = 1  # seed of the drawing in the figure
SQUARE = np.pad(np.ones((4, 4), int) - np.pad(np.ones((2, 2), int), 1), 1)  # hollow, 1 px around
PURPOSES = {
    "Gaussian": "blurs",
    "first derivative": "finds edges",
    "second derivative": "finds lines",
    "Laplacian of Gaussian": "finds spots",
    "Gabor": "finds edges of one direction",
    "difference of Gaussians": "finds spots",
}


def _picture(axes, left, top, image, size, cmap, **options):
    """Draw an image with whole screen pixels per image pixel, `size` wide."""
    options["cmap"] = canvas.few_shades(cmap, options.pop("shades", 63))
    height = size * image.shape[0] / image.shape[1]
    return canvas.place_image(axes, left, top, size, height, image, **options)


def _frame(axes, left, top, width, height, color=style.GRID, **options):
    Grid(axes, left, top, 1, 1, width, cell_height=height).block(0, 0, ec=color, **options)


def _signed(values):
    largest = np.abs(values).max()
    return {"cmap": style.SIGNED, "vmin": -largest, "vmax": largest}


# families.png -------------------------------------------------------------------------------------


def families(path: Path) -> None:
    """Show each family as a picture, above the curve of its middle row."""
    size, sigma = 25, 3.0
    require_alt_text(path.name, f"{size}x{size}", *(name for name in filtering.FAMILIES))
    axes = canvas.new_canvas(640, scale=2)
    for place, name in enumerate(filtering.FAMILIES):
        row, column = divmod(place, 3)
        _family(axes, 36 + 196 * column, 14 + 306 * row, name, size, sigma)
    note = (
        f"σ = {sigma:g} pixels, θ = 0. Red is positive, blue is negative; each has its own scale."
    )
    write(axes, WIDTH / 2, 627, note, size=12)
    canvas.save_png(axes, path, colors=256)


def _family(axes, left, top, name, size, sigma):
    kernel = filtering.family(name, size, sigma, theta=0.0)
    middle = left + 78
    write(axes, middle, top, name, size=13.5, weight="bold")
    write(axes, middle, top + 19, PURPOSES[name], size=12, color=style.MUTED)
    _picture(axes, middle - 62.5, top + 33, kernel, 125, **_signed(kernel))
    _frame(axes, middle - 62.5, top + 33, 125, 125)
    cut = filtering.profile(kernel, theta=0.0)
    assert np.array_equal(cut, kernel[size // 2])
    steps = np.arange(size) - size // 2
    panel = _plot(axes, middle - 62.5, top + 176, 125, 76)
    panel.axhline(0, color=style.GRID, lw=1)
    panel.plot(steps, cut, color=style.KERNEL, lw=1.8, marker="o", ms=2.6)
    panel.set(xlim=(-12.5, 12.5), ylim=1.25 * np.array([-1, 1]) * np.abs(cut).max())
    tick = float(f"{np.abs(cut).max():.1g}")
    panel.set_xticks([-10, 0, 10], [f"{canvas.MINUS}10", "0", "10"])
    panel.set_yticks([-tick, 0, tick], [number(-tick), "0", number(tick)])
    panel.set_xlabel("pixels from the middle", size=11, color=style.INK, labelpad=2)
    write(axes, middle - 62.5, top + 168, "weight", size=11, ha="right")


def _plot(axes, left, top, width, height):
    """Axes for a small curve, measured in canvas pixels."""
    return canvas.new_plot(axes, left, top, width, height, labelsize=11, length=3, pad=2)


# separable.png ------------------------------------------------------------------------------------


def separable(path: Path) -> None:
    """Build a kernel from a column and a row, and compare what both ways cost."""
    taps = np.array([1, 2, 1])
    kernel = np.outer(taps, taps)
    require_alt_text(path.name, taps.tolist(), f"add up to {kernel.sum()}")
    axes = canvas.new_canvas(404, scale=2)
    cell, top = 42, 38
    column = Grid(axes, 60, top, 3, 1, cell)
    row = Grid(axes, 166, top + cell, 1, 3, cell)
    product = Grid(axes, 358, top, 3, 3, cell)
    for grid, values in ((column, taps[:, None]), (row, taps[None]), (product, kernel)):
        write_weights(grid, values, size=17)
    write(axes, 135, top + 1.5 * cell, "×", size=22)
    write(axes, 325, top + 1.5 * cell, "=", size=22)
    for grid, text in ((column, "column 3 × 1"), (row, "row 1 × 3"), (product, "kernel 3 × 3")):
        write(axes, (grid.left + grid.right) / 2, 18, text)
    outline(column, 2, 0, 1, 1, style.WINDOW)
    outline(row, 0, 1, 1, 1, style.WINDOW)
    outline(product, 2, 1, 1, 1, style.WINDOW)
    product_line = f"{taps[2]} × {taps[1]} = {kernel[2, 1]}"
    write(axes, product.right + 12, top + 2.5 * cell, product_line, ha="left", color=style.WINDOW)
    _cost(axes, path.name, sizes=(3, 7, 15), top=194)
    canvas.save_png(axes, path)


def _cost(axes, name, sizes, top):
    both = [[k * k for k in sizes], [2 * k for k in sizes]]
    require_alt_text(name, *(", ".join(map(str, costs)) for costs in both))
    write(axes, 60, top, "products for one output pixel", ha="left", weight="bold")
    key = ((style.MUTED, 322, "k × k at once"), (style.KERNEL, 440, "column, then row: 2k"))
    for color, left, text in key:
        Grid(axes, left, top - 6, 1, 1, 12).fill(0, 0, color)
        write(axes, left + 17, top, text, ha="left", size=12)
    unit = 440 / max(both[0])
    for place, k in enumerate(sizes):
        y = top + 24 + 62 * place
        write(axes, 88, y + 22, f"k = {k}", ha="right", size=13)
        for line, (color, costs) in enumerate(zip((style.MUTED, style.KERNEL), both, strict=True)):
            bar = Grid(axes, 100, y + 23 * line, 1, 1, unit * costs[place], cell_height=20)
            bar.fill(0, 0, color)
            write(axes, bar.right + 7, y + 23 * line + 10, str(costs[place]), ha="left", size=13)


# angle.png ----------------------------------------------------------------------------------------


def angle(path: Path) -> None:
    """Draw how theta is counted, and the edges of four angles with their gradients."""
    axes = canvas.new_canvas(302, scale=2)
    _convention(axes, 138, 158, 100, degrees=30)
    angles = (0, 45, 90, 180)
    assert "theta = 0, 45, 90 and 180 degrees" in ALT_TEXT[path.name]
    for place, degrees in enumerate(angles):
        row, column = divmod(place, 2)
        x, y = 380 + 146 * column, 84 + 142 * row
        write(axes, x, y - 66, f"θ = {degrees}°", weight="bold")
        _edge(axes, x, y, 52, degrees)
        _gradient(axes, x, y, 40, degrees)
    canvas.save_png(axes, path)


def _convention(axes, x, y, radius, degrees):
    write(axes, x, 18, "θ, as you see it on screen", weight="bold")
    _edge(axes, x, y, radius, degrees)
    look = {"color": style.INK, "lw": 1.2}
    arrow(axes, (x, y), (x + radius + 26, y), **look)
    write(axes, x + radius + 32, y + 1, "x", size=14, ha="left")
    _gradient(axes, x, y, 84, degrees)
    axes.add_patch(Arc((x, y), 88, 88, theta1=-degrees, theta2=0, color=style.INK, lw=1.6))
    arrow(axes, *[_on_circle(x, y, 44, degrees - d) for d in (4, -2)], mutation_scale=10)
    write(axes, *_on_circle(x, y, 60, degrees / 2), "θ", size=17)
    write(axes, *_on_circle(x, y, 74, degrees + 15), "gradient", size=13, color=style.WINDOW)
    ends = [_on_circle(x, y, way * (radius + 12), degrees + 90) for way in (-1, 1)]
    axes.plot(*zip(*ends, strict=True), color=style.KERNEL, lw=2, ls=(0, (4, 2)))
    write(axes, *_on_circle(x, y, radius + 24, degrees + 90), "edge", size=13, color=style.KERNEL)
    arrow(axes, (18, y - 30), (18, y + 30), **look)
    write(axes, 18, y - 42, "rows", size=13)
    write(axes, x, 282, f"θ = {degrees}°: from dark to bright", size=13)


def _on_circle(x, y, radius, degrees):
    """The point at an angle counted counter-clockwise on screen; y grows downwards."""
    t = np.radians(degrees)
    return x + radius * np.cos(t), y - radius * np.sin(t)


def _edge(axes, x, y, radius, degrees):
    """A disc that is dark on one side and bright on the other, brightening towards `degrees`."""
    rim = np.array([_on_circle(x, y, radius, degrees + d) for d in range(-90, 91, 2)])
    axes.add_patch(Circle((x, y), radius, fc="#4a5560", ec="none"))
    axes.add_patch(Polygon(rim, fc="#f3f4f6", ec="none"))
    axes.add_patch(Circle((x, y), radius, fill=False, ec=style.MUTED, lw=1))


def _gradient(axes, x, y, length, degrees):
    start, end = _on_circle(x, y, -0.5 * length, degrees), _on_circle(x, y, length, degrees)
    arrow(axes, start, end, color=style.WINDOW, lw=3, mutation_scale=18)


# turning.gif --------------------------------------------------------------------------------------


def turning(path: Path) -> None:
    """Turn a filter through 180 degrees beside its response on a photo."""
    crop = (16, 40, 176, 236)
    photo = photos.gray("coins", size=(82, 110), crop=crop)
    large = photos.gray("coins", size=(112, 150), crop=crop)[..., 0]
    angles = range(0, 181, 15)
    require_alt_text(path.name, f"from {angles[0]} to {angles[-1]} degrees")
    kernels = [filtering.family("first derivative", 11, 1.5, np.radians(d)) for d in angles]
    responses = [filtering.convolve(photo, kernel) for kernel in kernels]
    limit = np.abs(responses).max()
    frames = [
        _turning_frame(large, degrees, kernel, response, limit)
        for degrees, kernel, response in zip(angles, kernels, responses, strict=True)
    ]
    canvas.save_gif(frames, path, step_ms=600, last_ms=1800)


def _turning_frame(photo, degrees, kernel, response, limit):
    axes = canvas.new_canvas(340)
    write(axes, 89, 18, f"filter, θ = {degrees}°")
    _picture(axes, 23, 34, kernel, 132, shades=21, **_signed(kernel))
    _frame(axes, 23, 34, 132, 132)
    x, y = 89, 100
    arrow(axes, _on_circle(x, y, -30, degrees), _on_circle(x, y, 56, degrees), lw=2.5)
    write(axes, 89, 196, "photo")
    _picture(axes, 14, 210, photo, 150, style.IMAGES, shades=21, vmin=0, vmax=1)
    write(axes, 376, 18, "response: red where it brightens along the arrow")
    rows, columns = response.shape
    look = {"cmap": style.SIGNED, "vmin": -limit, "vmax": limit, "shades": 15}
    _picture(axes, 184, 36, response, 4 * columns, **look)
    _frame(axes, 184, 36, 4 * columns, 4 * rows)
    return axes


# layer.gif ----------------------------------------------------------------------------------------

CHANNELS = np.array(
    [
        [[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 2], [1, 0, 1, 3]],
        [[0, 2, 1, 0], [1, 1, 0, 2], [3, 0, 1, 1], [0, 2, 2, 0]],
        [[2, 1, 0, 1], [0, 1, 2, 0], [1, 0, 3, 1], [1, 2, 0, 1]],
    ]
)
FILTERS = np.array(
    [
        [[[1, 0], [0, 1]], [[0, -1], [1, 0]], [[1, 1], [0, 0]]],
        [[[0, 1], [-1, 0]], [[1, 0], [0, 2]], [[-1, 0], [0, 1]]],
    ]
)
NAMES = "AB"


def layer(path: Path) -> None:
    """Animate a layer: six little kernels, their products summed over the channels."""
    windows = np.lib.stride_tricks.sliding_window_view(CHANNELS, FILTERS.shape[2:], axis=(1, 2))
    products = windows[None] * FILTERS[:, :, None, None]  # filter, channel, row, col, k, k
    sums = products.sum(axis=(4, 5))
    outputs = sums.sum(axis=1)
    for one, result in zip(FILTERS, outputs, strict=True):  # an independent way to the same
        assert np.array_equal(correlate(CHANNELS, one, mode="valid")[0], result)
    places = list(np.ndindex(outputs.shape[1:]))
    frames = [_layer_frame(step, places, products, sums, outputs) for step in range(len(places))]
    canvas.save_gif(frames, path, step_ms=2200, last_ms=4000)


def _layer_frame(step, places, products, sums, outputs):
    axes = canvas.new_canvas(458)
    row, col = places[step]
    taps = FILTERS.shape[2]
    write(axes, 64, 16, "input 4 × 4 × 3")
    write(axes, 508, 16, "output 3 × 3 × 2")
    for channel, values in enumerate(CHANNELS):
        top = 46 + 122 * channel
        grid = Grid(axes, 16, top, *values.shape, 24)
        write(axes, 64, top - 10, f"channel {channel + 1}", size=11.5, color=style.MUTED)
        grid.fill(row, col, tint(style.WINDOW, 0.2), taps, taps)
        grid.numbers(values, size=13)
        grid.lines()
        outline(grid, row, col, taps, taps, style.WINDOW)
        for index, left in enumerate((136, 292)):
            terms = products[index, channel, row, col].ravel()
            _little_kernel(axes, left, top, FILTERS[index, channel], terms)
    for index, left in enumerate((136, 292)):
        middle = left + 68
        write(axes, middle, 16, f"filter {NAMES[index]}", weight="bold", color=style.KERNEL)
        write(axes, middle, 36, "2 × 2 × 3", size=11.5, color=style.MUTED)
        parts = sums[index, :, row, col]
        assert parts.sum() == outputs[index, row, col]
        write(axes, middle, 412, _sum(parts), size=14)
        total = number(outputs[index, row, col])
        write(axes, middle, 437, f"= {total}", size=17, color=style.OUTPUT, weight="bold")
        _layer_output(axes, index, step, places, outputs[index])
    write(axes, 64, 412, "sum over the", size=12)
    write(axes, 64, 428, "three channels", size=12)
    return axes


def _sum(terms):
    """Write numbers as a sum: 2 + 0 − 1."""
    text = number(terms[0])
    for term in terms[1:]:
        text += f" {canvas.MINUS if term < 0 else '+'} {number(abs(term))}"
    return text


def _little_kernel(axes, left, top, kernel, terms):
    grid = Grid(axes, left + 38, top + 4, *kernel.shape, 30)
    write_weights(grid, kernel, size=14)
    line = f"{_sum(terms)} = {number(terms.sum())}"
    write(axes, left + 68, top + 78, line, size=12.5)


def _layer_output(axes, index, step, places, output):
    grid = Grid(axes, 460, 66 + 178 * index, *output.shape, 32)
    title = f"from filter {NAMES[index]}"
    write(axes, (grid.left + grid.right) / 2, grid.top - 12, title, size=11.5, color=style.MUTED)
    for done in places[: step + 1]:
        grid.fill(*done, tint(style.OUTPUT, 0.2))
        grid.write(*done, number(output[done]))
    grid.lines()
    outline(grid, *places[step], 1, 1, style.OUTPUT)


# volume.png ---------------------------------------------------------------------------------------

CELL = 24  # of the volumes
SHEET = (16, -12)  # how far the next channel is shifted: to the right and up


def volume(path: Path) -> None:
    """Draw the layer as volumes: input, two filters, output."""
    size, taps, channels, filters = 6, 3, 3, 2
    out = size - taps + 1
    shapes = (size, size, channels), (taps, taps, channels), (out, out, filters)
    require_alt_text(path.name, *map(by, shapes))
    axes = canvas.new_canvas(310, scale=2)
    corner = (0, out - 1)  # the window at the top right, where its depth can be seen
    _volume(axes, 16, 104, shapes[0], style.GRID)
    _volume(axes, 16, 104, shapes[0], style.WINDOW, block=(*corner, taps, taps))
    for index, top in enumerate((86, 194)):
        _volume(axes, 280, top, shapes[1], style.KERNEL, fill=0.3)
        middle = top + 1.5 * CELL
        write(axes, 268, middle, NAMES[index], ha="right", weight="bold", color=style.KERNEL)
        arrow(axes, (200, 158), (246, middle), color=style.MUTED)
        arrow(axes, (392, middle), (440, 162), color=style.MUTED)
        end = 456 + out * CELL + index * SHEET[0], 118 + out * CELL + index * SHEET[1]
        write(axes, end[0] + 3, end[1] - 6, NAMES[index], ha="left", size=12, color=style.KERNEL)
    _volume(axes, 456, 118, shapes[2], style.GRID)
    _volume(axes, 456, 118, shapes[2], style.OUTPUT, block=(*corner, 1, 1))
    titles = ((104, "input", ""), (332, f"{filters} filters", " each"), (512, "output", ""))
    for (middle, title, each), shape in zip(titles, shapes, strict=True):
        write(axes, middle, 20, title, weight="bold")
        write(axes, middle, 40, " × ".join(map(str, shape)) + each)
    note = f"A filter is as deep as its input: {filters} · ({taps} · {taps} · {channels})"
    write(axes, WIDTH / 2, 294, f"{note} = {filters * taps * taps * channels} weights", size=13)
    canvas.save_png(axes, path)


def _volume(axes, left, top, shape, color, block=None, fill=0.06):
    """Draw H x W x C as sheets one behind the other, or only a block of cells through them."""
    rows, cols, channels = shape
    for channel in reversed(range(channels)):
        x, y = left + SHEET[0] * channel, top + SHEET[1] * channel
        grid = Grid(axes, x, y, rows, cols, CELL)
        z = 2 + 0.1 * (channels - channel)
        if block is None:
            look = {"fill": True, "fc": tint(color, fill), "zorder": z}
            for place in np.ndindex(rows, cols):
                grid.block(*place, ec=tint(color, 0.9), lw=0.9, **look)
        else:
            row, col, height, width = block
            look = {"fill": True, "fc": tint(color, 0.3), "zorder": z + 0.05}
            for inside in np.ndindex(height, width):
                grid.block(row + inside[0], col + inside[1], ec=color, lw=0.9, **look)
            grid.block(row, col, height, width, ec=color, lw=2.2, zorder=z + 0.06)


# detector.png -------------------------------------------------------------------------------------


def detector(path: Path) -> None:
    """Follow a drawing through the two layers: four maps of corners, one map of squares."""
    image, squares = scenes.scene(SCENE)
    image = image[..., 0]
    maps, found = two_layers(image)
    peaks = np.argwhere(found > 1.75).tolist()
    assert sorted(peaks) == sorted(list(place) for place in squares)
    assert len(peaks) == 3
    sizes = [by(a.shape) for a in (image[..., None], found[..., None])]
    require_alt_text(path.name, *sizes, by(maps.shape[:2]), "four", "three")

    axes = canvas.new_canvas(332, scale=2)
    side, top = 160, 82
    _titles(axes, 14 + side / 2, "drawing", image.shape, 1)
    _picture(axes, 14, top, image, side, style.IMAGES, vmin=0, vmax=1)
    _titles(axes, 306, "corners, after ReLU", maps.shape, 4)
    for place in range(4):
        row, column = divmod(place, 2)
        corner = 213 + 96 * column, 69 + 96 * row
        _picture(axes, *corner, maps[..., place], 90, style.MAGNITUDES, vmin=0, vmax=0.5)
    _titles(axes, 437 + 72.5, "squares", found.shape, 1)
    _picture(axes, 437, 89.5, found, 145, style.MAGNITUDES, vmin=0, vmax=2)
    for row, column in peaks:
        _ring(axes, 437 + 5 * (column + 0.5), 89.5 + 5 * (row + 0.5), 9)
        _ring(axes, 14 + 5 * (column + 2), top + 5 * (row + 2), 18)
    for left, name in ((179, "layer 1"), (404, "layer 2")):
        arrow(axes, (left, 162), (left + 28, 162), lw=2, mutation_scale=16)
        write(axes, left + 13, 146, name.replace(" ", "\n"), size=11, va="bottom")
    _scale_bar(axes, 213, 186, (0, 0.25, 0.5))
    _scale_bar(axes, 437, 145, (0, 1, 2))
    write(axes, 94, 262, "ringed: the three squares", size=12, color=style.WINDOW)
    canvas.save_png(axes, path, colors=256)


def two_layers(image):
    """Four maps of corners of the hollow square after the ReLU, and the one map of squares."""
    starts = list(np.ndindex(2, 2))
    maps = []
    for row, col in starts:
        window = SQUARE[1 + row : 4 + row, 1 + col : 4 + col]
        maps.append(np.maximum(0, filtering.convolve(image, 2 * window - 1) - 4.5))
    rows, cols = (size - 1 for size in maps[0].shape)
    shifted = [one[i : i + rows, j : j + cols] for one, (i, j) in zip(maps, starts, strict=True)]
    return np.stack(maps, axis=2), np.sum(shifted, axis=0)


def _titles(axes, middle, title, shape, channels):
    write(axes, middle, 18, title, weight="bold", size=13.5)
    write(axes, middle, 40, f"{shape[0]} × {shape[1]} × {channels}", size=13.5)


def _ring(axes, x, y, radius):
    axes.add_patch(Circle((x, y), radius, fill=False, ec=style.WINDOW, lw=2))


def _scale_bar(axes, left, width, ticks, top=274):
    ramp = np.linspace(0, 1, 63)[None]
    canvas.place_image(axes, left, top, width, 10, ramp, cmap=SHADES)
    for tick in ticks:
        x = left + width * tick / ticks[-1]
        axes.plot([x, x], [top + 10, top + 14], color=style.INK, lw=1)
        write(axes, x, top + 24, number(tick), size=12)
    write(axes, left + width / 2, top + 44, "response", size=12)


# two_by_two.png -----------------------------------------------------------------------------------

SHAPES = {  # where the 2 x 2 window stands, and the drawing
    "corner of the square": ((1, 2), "........ ..####.. ..#..#.. ..#..#.. ..####.. ........"),
    "cross": ((2, 3), "........ ...#.... ..###... ...#.... ........ ........"),
    "T-piece": ((2, 3), "........ ........ ..###... ...#.... ........ ........"),
    "crossing lines": ((2, 3), "...#.... ...#.... ######## ...#.... ...#.... ...#...."),
    "3 × 3 box": ((1, 2), "........ ..###... ..#.#... ..###... ........ ........"),
    "filled block": ((1, 2), "........ ..####.. ..####.. ..####.. ..####.. ........"),
}


def two_by_two(path: Path) -> None:
    """Show where the 2x2 view of a corner is found besides the corner of a square."""
    axes = canvas.new_canvas(426, scale=2)
    seen = []
    for place, (name, ((row, col), rows)) in enumerate(SHAPES.items()):
        image = np.array([[int(mark == "#") for mark in line] for line in rows.split()])
        window = image[row : row + 2, col : col + 2]
        seen.append(window.sum())
        assert window[0].all(), name
        assert window[:, 0].all(), name
        grid = Grid(axes, 28 + 200 * (place % 3), 40 + 188 * (place // 3), *image.shape, 18)
        middle = (grid.left + grid.right) / 2
        write(axes, middle, grid.top - 22, name, weight="bold", size=13.5)
        for pixel in np.argwhere(image):
            grid.fill(*pixel, style.INK)
        grid.lines()
        outline(grid, row, col, 2, 2, style.WINDOW, lw=3.5)
        ink = f"{seen[-1]} with ink, {4 - seen[-1]} empty"
        write(axes, middle, grid.top + 6 * 18 + 16, ink, size=13, color=style.WINDOW)
    assert seen == [3] * 5 + [4]
    notes = (
        "2 × 2 and then 2 × 2 see only 3 × 3 pixels: no whole square of 4 × 4.",
        ("3 × 3 and then 2 × 2 see 4 × 4 pixels."),
    )
    for line, note in enumerate(notes):
        write(axes, WIDTH / 2, 392 + 20 * line, note, size=13)
    canvas.save_png(axes, path)


# square.png ---------------------------------------------------------------------------------------


def square(path: Path) -> None:
    """Show the four 3x3 windows on the corners of a hollow square, and where they start."""
    starts = list(np.ndindex(2, 2))
    require_alt_text(path.name, *starts)
    axes = canvas.new_canvas(352, scale=2)
    large = Grid(axes, 20, 50, *SQUARE.shape, 42)
    _ink(large)
    write(axes, 146, 20, "hollow 4 × 4 square", weight="bold")
    write(axes, 146, 318, "where the four windows start:", size=13)
    write(axes, 146, 338, "row, column", size=13)
    look = {"color": style.WINDOW, "size": 14, "weight": "bold"}
    names = ("top left", "top right", "bottom left", "bottom right")
    for (row, col), name in zip(starts, names, strict=True):
        outline(large, row + 1, col + 1, 1, 1, style.WINDOW, lw=2.5)
        large.write(row + 1, col + 1, f"{row}, {col}", **look)
        small = Grid(axes, 316 + 148 * col, 50 + 154 * row, *SQUARE.shape, 20)
        _ink(small)
        outline(small, row + 1, col + 1, 3, 3, style.WINDOW)
        write(axes, small.left + 60, small.top - 12, f"{name}: {row}, {col}", size=12.5)
    canvas.save_png(axes, path)


def _ink(grid):
    for pixel in np.argwhere(SQUARE):
        grid.fill(*pixel, style.INK)
    grid.lines()


FIGURES = {
    "families.png": families,
    "separable.png": separable,
    "angle.png": angle,
    "turning.gif": turning,
    "layer.gif": layer,
    "volume.png": volume,
    "detector.png": detector,
    "two_by_two.png": two_by_two,
    "square.png": square,
}

if __name__ == "__main__":
    canvas.draw_all("filter_design", FIGURES)
