"""Draw the figures of the unit on convolution: `python assets/draw/convolution.py [FIGURE ...]`."""

from functools import partial
from importlib.resources import files
from pathlib import Path

import canvas
import cv2
import numpy as np
from canvas import WIDTH, Grid, arrow, by, number, outline, tint, write, write_weights
from PIL import Image

from coursekit import style

ALT_TEXT = {
    "conv1d.gif": (
        "The mask [1, 2, -1], flipped to [-1, 2, 1], slides over the signal [1, 3, 2, 0, 4]; "
        "the full output is [1, 5, 7, 1, 2, 8, -4]."
    ),
    "conv2d.gif": (
        "A 3x3 window slides over a 5x6 input; its products with the 3x3 kernel are summed "
        "into a 3x4 output, from 3 at top left to -1 at bottom right."
    ),
    "stride.png": (
        "On a 6x6 input a 3x3 window with stride 1 gives a 4x4 output; stride 2 gives 2x2 "
        "and never reaches the last row and column."
    ),
    "padding.png": (
        "A 3x3 kernel turns a 4x4 input into a 2x2 output; with a ring of zeros, padding 1, "
        "the output stays 4x4."
    ),
    "dilation.png": (
        "The nine taps of a 3x3 kernel on a 7x7 input: with dilation 1, 2 and 3 they reach "
        "3, 5 and 7 pixels."
    ),
    "sobel.png": (
        "A brick wall, its Sobel x response strongest at vertical joints, its Sobel y response "
        "strongest at horizontal joints, and the gradient magnitude, high at both."
    ),
}
require_alt_text = partial(canvas.require_alt_text, ALT_TEXT)

SIGNAL = np.array([1, 3, 2, 0, 4])
MASK = np.array([1, 2, -1])

IMAGE = np.array(
    [
        [1, 0, 2, 3, 1, 0],
        [2, 1, 0, 1, 3, 2],
        [0, 3, 1, 2, 0, 1],
        [1, 2, 4, 0, 1, 3],
        [3, 0, 1, 2, 2, 1],
    ]
)
KERNEL = np.array([[1, 2, 0], [0, 1, -1], [-1, 0, 1]])

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def full_convolution(signal, mask):
    """Return the padded signal, the flipped mask, the products and the sum at each position."""
    reach = len(mask) - 1
    padded = np.pad(signal, reach)
    flipped = mask[::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(mask))
    products = windows * flipped
    output = products.sum(axis=1)
    assert np.array_equal(output, np.convolve(signal, mask))
    return padded, flipped, products, output


def cross_correlation(image, kernel):
    """Return the sum of products at each place where the kernel fits into the image."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    output = (windows * kernel).sum(axis=(2, 3))
    top, left = np.array(kernel.shape) // 2
    rows, cols = output.shape
    same_size = cv2.filter2D(image.astype(float), -1, kernel.astype(float))
    assert np.array_equal(output, same_size[top : top + rows, left : left + cols])
    return output


def output_size(size, kernel, stride=1, padding=0):
    """Return how many positions the kernel takes along one axis."""
    return (size + 2 * padding - kernel) // stride + 1


# conv1d.gif ---------------------------------------------------------------------------------------

LEFT, COLUMN = 130, 50  # where the cells of conv1d begin, and their width
TOTAL = {"color": style.OUTPUT, "weight": "bold"}  # how a sum of products is written
UNIT = 8  # height of a bar per unit of value, the same for signal and output


def conv1d(path: Path) -> None:
    """Animate the full 1-D convolution: flip, slide, multiply, add."""
    padded, flipped, products, output = full_convolution(SIGNAL, MASK)
    require_alt_text(path.name, *(a.tolist() for a in (MASK, flipped, SIGNAL, output)))
    frames = [_conv1d_frame(step, padded, flipped, products, output) for step in range(len(output))]
    canvas.save_gif(frames, path, step_ms=1200, last_ms=3500)


def _conv1d_frame(step, padded, flipped, products, output):
    axes = canvas.new_canvas(430)
    _flip(axes, flipped)
    reach, taps = len(flipped) - 1, len(flipped)

    signal = _strip(axes, 108, len(padded), "signal x")
    inside = range(reach, len(padded) - reach)
    _bars(signal, padded, inside, base=104, color=style.MUTED)
    for col, value in enumerate(padded):
        color = style.INK if col in inside else style.MUTED
        signal.write(0, col, number(value), color=color)
        signal.fill(0, col, style.PAPER if col in inside else tint(style.MUTED, 0.15))
    signal.fill(0, step, tint(style.WINDOW, 0.2), cols=taps)
    signal.lines()
    outline(signal, 0, step, 1, taps, style.WINDOW)

    write_weights(_strip(axes, 148, taps, "flipped mask", start=step), flipped[None])
    _strip(axes, 186, taps, "products", start=step).numbers(products[None, step])
    write(axes, LEFT - 12, 232, f"y[{step}] =", ha="right", size=15)
    end = _products(axes, LEFT + 10, 232, padded[step : step + taps], flipped, flipped < 0)
    write(axes, end, 232, f"=  {number(output[step])}", ha="left", size=17, **TOTAL)
    _conv1d_output(axes, step, output)
    return axes


def _flip(axes, flipped):
    """Show the mask as it is given, and flipped as it slides."""
    before = _strip(axes, 14, len(flipped), "mask w")
    after = _strip(axes, 14, len(flipped), "", start=6)
    for grid, values, strength in ((before, flipped[::-1], 0.1), (after, flipped, 0.22)):
        write_weights(grid, values[None], strength)
    arrow(axes, (before.right + 12, 29), (after.left - 12, 29))
    write(axes, (before.right + after.left) / 2, 18, "flip", size=13)


def _strip(axes, top, cols, label, *, start=0):
    """Lay out one row of cells from column `start` on, with its label at the far left."""
    if label:
        write(axes, LEFT - 12, top + 15, label, ha="right")
    return Grid(axes, LEFT + start * COLUMN, top, 1, cols, COLUMN, cell_height=30)


def _bars(grid, values, columns, base, color):
    for col in columns:
        x, _ = grid.center(0, col)
        axes, height = grid.axes, UNIT * values[col]
        axes.fill([x - 9, x + 9, x + 9, x - 9], [base, base, base - height, base - height], color)
    grid.axes.plot([grid.left, grid.right], [base, base], color=style.INK, lw=0.8)


def _conv1d_output(axes, step, output):
    grid = _strip(axes, 372, len(output), "output y")
    _bars(grid, output, range(step + 1), base=330, color=style.OUTPUT)
    grid.fill(0, 0, tint(style.OUTPUT, 0.2), cols=step + 1)
    grid.numbers(output[None, : step + 1])
    grid.lines()
    outline(grid, 0, step, 1, 1, style.OUTPUT)
    for col in range(len(output)):
        write(axes, grid.center(0, col)[0], 415, f"y[{col}]", size=12)


def _products(axes, x, y, values, weights, brackets):
    """Write value x weight + ...; terms keep their places from step to step and row to row."""
    for term, (value, weight, wide) in enumerate(zip(values, weights, brackets, strict=True)):
        if term:
            write(axes, x, y, "+", size=15)
            x += 18
        write(axes, x, y, number(value), size=15)
        write(axes, x + 17, y, "×", size=15)
        room = 42 if wide else 16  # a negative weight needs brackets
        text = number(weight, bracket=True)
        write(axes, x + 26 + room / 2, y, text, size=15, color=style.KERNEL, weight="bold")
        x += 26 + room + 12
    return x


# conv2d.gif ---------------------------------------------------------------------------------------


def conv2d(path: Path) -> None:
    """Animate the 2-D cross-correlation: stride 1, no padding, the kernel as it is."""
    output = cross_correlation(IMAGE, KERNEL)
    sizes = ["x".join(map(str, a.shape)) for a in (IMAGE, KERNEL, output)]
    require_alt_text(path.name, *sizes, f"from {output[0, 0]}", f"to {output[-1, -1]}")
    frames = [_conv2d_frame(row, col, output) for row, col in np.ndindex(output.shape)]
    canvas.save_gif(frames, path, step_ms=1200, last_ms=3500)


def _conv2d_frame(row, col, output):
    axes = canvas.new_canvas(330)
    image = _centred_grid(axes, 20, IMAGE.shape, "input")
    kernel = _centred_grid(axes, 288, KERNEL.shape, "kernel")
    result = _centred_grid(axes, 440, output.shape, "output")
    write(axes, (image.right + kernel.left) / 2, 124, "⋆", size=34)
    write(axes, (kernel.right + result.left) / 2, 124, "=", size=20)

    rows, cols = KERNEL.shape
    image.fill(row, col, tint(style.WINDOW, 0.2), rows, cols)
    image.numbers(IMAGE)
    outline(image, row, col, rows, cols, style.WINDOW)
    write_weights(kernel, KERNEL)
    for done in list(np.ndindex(output.shape))[: row * output.shape[1] + col + 1]:
        result.fill(*done, tint(style.OUTPUT, 0.2))
        result.write(*done, number(output[done]))
    outline(result, row, col, 1, 1, style.OUTPUT)
    _sum_of_products(axes, IMAGE[row : row + rows, col : col + cols], output[row, col])
    return axes


def _centred_grid(axes, left, shape, label):
    grid = Grid(axes, left, 124 - 18 * shape[0], *shape, 36)
    grid.lines()
    write(axes, (grid.left + grid.right) / 2, grid.top - 14, f"{label} {shape[0]} × {shape[1]}")
    return grid


def _sum_of_products(axes, window, total):
    for row, (values, weights) in enumerate(zip(window, KERNEL, strict=True)):
        y = 246 + 28 * row
        if row:
            write(axes, 28, y, "+", size=15)
        end = _products(axes, 46, y, values, weights, (KERNEL < 0).any(axis=0))
    write(axes, end, y, f"=  {number(total)}", ha="left", size=19, **TOTAL)


# stride.png ---------------------------------------------------------------------------------------


def stride(path: Path) -> None:
    """Compare the window positions of stride 1 and stride 2 on a 6x6 input."""
    axes = canvas.new_canvas(476, scale=2)
    for middle, step in ((155, 1), (445, 2)):
        count = _stride_panel(axes, middle, step, size=6, kernel=3)
        require_alt_text(path.name, f"{count}x{count}")
    note = "Equal numbers: the origin of a window, and the output that this window gives."
    write(axes, WIDTH / 2, 462, note, size=12)
    canvas.save_png(axes, path)


def _stride_panel(axes, middle, step, size, kernel):
    grid = Grid(axes, middle - size * 18, 62, size, size, 36)
    count = output_size(size, kernel, step)
    write(axes, middle, 20, f"stride {step}", size=17, weight="bold")
    arrow(axes, (grid.left, 52), (grid.left + step * 36, 52), kind="<|-|>")
    write(axes, grid.left + step * 36 + 8, 51, f"step {step}", size=12, ha="left")

    reached = (count - 1) * step + kernel
    if reached < size:
        grid.hatch(reached, 0, size - reached, size)
        grid.hatch(0, reached, reached, size - reached)
    result = Grid(axes, middle - count * 14, 332, count, count, 28)
    for index, (row, col) in enumerate(np.ndindex(count, count)):
        _same_label(grid, row * step, col * step, style.WINDOW, index + 1)
        _same_label(result, row, col, style.OUTPUT, index + 1)
    grid.lines()
    result.lines(tint(style.OUTPUT, 0.5))
    outline(grid, 0, 0, kernel, kernel, style.WINDOW, lw=3.5)
    outline(grid, 0, step, kernel, kernel, style.WINDOW, lw=2, ls=(0, (4, 2)), inset=4)
    rest = f"not reached: ({size} − {kernel})/{step} is not whole, floor"
    write(axes, middle, 292, rest if reached < size else "every pixel is reached", size=12)
    _output_label(axes, middle, 318, count, f"⌊({size} − {kernel})/{step}⌋ + 1")
    return count


def _output_label(axes, middle, y, count, formula):
    write(axes, middle, y, f"output {count} × {count}:  {formula} = {count}", size=13)


def _same_label(grid, row, col, color, label):
    """Number the origin of a window and the output that it gives alike."""
    grid.fill(row, col, tint(color, 0.3))
    grid.write(row, col, str(label), size=13)


# padding.png --------------------------------------------------------------------------------------


def padding(path: Path) -> None:
    """Compare a 4x4 input without padding and with a ring of zeros around it."""
    image, kernel = IMAGE[:4, :4], np.ones((3, 3), int)
    axes = canvas.new_canvas(448, scale=2)
    ones = Grid(axes, 232, 111, *kernel.shape, 30)
    write_weights(ones, kernel)
    write(axes, (ones.left + ones.right) / 2, ones.top - 14, "kernel 3 × 3")
    for middle, ring in ((122, 0), (464, 1)):
        shape = _padding_panel(axes, middle, image, kernel, ring)
        require_alt_text(path.name, by(shape))
    canvas.save_png(axes, path)


def _padding_panel(axes, middle, image, kernel, ring):
    padded = np.pad(image, ring)
    output = cross_correlation(padded, kernel)
    size, count = len(padded), len(output)
    assert count == output_size(len(image), len(kernel), padding=ring)
    title = f"padding {ring}" if ring else "no padding"
    write(axes, middle, 20, title, size=17, weight="bold")

    grid = Grid(axes, middle - size * 17, 150 - size * 17 + 6, size, size, 34)
    ring_color = tint(style.MUTED, 0.15)
    grid.fill(0, 0, ring_color if ring else style.PAPER, size, size)
    grid.fill(ring, ring, style.PAPER, len(image), len(image))
    grid.fill(0, 0, tint(style.WINDOW, 0.2), *kernel.shape)
    inner = np.pad(np.ones_like(image), ring)
    for (row, col), value in np.ndenumerate(padded):
        grid.write(row, col, number(value), color=style.INK if inner[row, col] else style.MUTED)
    grid.lines()
    outline(grid, 0, 0, *kernel.shape, style.WINDOW)

    _output_label(axes, middle, 284, count, f"{len(image)} + 2·{ring} − {len(kernel)} + 1")
    result = Grid(axes, middle - count * 17, 302, count, count, 34)
    result.fill(0, 0, tint(style.OUTPUT, 0.2), count, count)
    result.numbers(output)
    result.lines(tint(style.OUTPUT, 0.5))
    outline(result, 0, 0, 1, 1, style.OUTPUT)
    return output.shape


# dilation.png -------------------------------------------------------------------------------------


def dilation(path: Path) -> None:
    """Show the taps of a 3x3 kernel on a 7x7 input with dilation 1, 2 and 3."""
    axes = canvas.new_canvas(322, scale=2)
    reaches = [_dilation_panel(axes, 12 + 197 * (d - 1), d, size=7, taps=3) for d in (1, 2, 3)]
    write(axes, WIDTH / 2, 306, "reach = d · (k − 1) + 1, with dilation d and kernel size k = 3")
    require_alt_text(path.name, "{}, {} and {} pixels".format(*reaches))
    canvas.save_png(axes, path)


def _dilation_panel(axes, left, step, size, taps):
    grid = Grid(axes, left, 74, size, size, 26)
    reach = step * (taps - 1) + 1
    start = (size - reach) // 2
    grid.fill(start, start, tint(style.WINDOW, 0.15), reach, reach)
    for row, col in np.ndindex(taps, taps):
        grid.fill(start + row * step, start + col * step, style.KERNEL)
    grid.lines()
    outline(grid, start, start, reach, reach, style.WINDOW)

    middle = (grid.left + grid.right) / 2
    write(axes, middle, 18, f"dilation {step}", size=16, weight="bold")
    write(axes, middle, 46, f"reach {reach}")
    edge = grid.left + start * grid.cell
    arrow(axes, (edge, 62), (edge + reach * grid.cell, 62), kind="<|-|>")
    write(axes, middle, 274, f"{step} · ({taps} − 1) + 1 = {reach}", size=15)
    return reach


# sobel.png ----------------------------------------------------------------------------------------


def sobel(path: Path) -> None:
    """Show the two Sobel responses of a photo and the gradient magnitude, clockwise."""
    photo = brick_photo()
    response_x = cv2.filter2D(photo, -1, SOBEL_X.astype(float))
    response_y = cv2.filter2D(photo, -1, SOBEL_X.T.astype(float))
    magnitude = np.hypot(response_x, response_y)
    limit = np.abs([response_x, response_y]).max()

    axes = canvas.new_canvas(550, scale=2)
    signed = {"cmap": style.SIGNED, "vmin": -limit, "vmax": limit}
    _picture(axes, 54, 30, photo, "photo", cmap=style.IMAGES, vmin=0, vmax=1)
    responses = _picture(axes, 306, 30, response_x, "Sobel x", **signed)
    _picture(axes, 306, 304, response_y, "Sobel y", **signed)
    amounts = _picture(axes, 54, 304, magnitude, "magnitude", cmap=style.MAGNITUDES, vmin=0)
    _color_bar(axes, responses, 551, 30, 514, side="right")
    _color_bar(axes, amounts, 36, 304, 240, side="left")
    canvas.save_png(axes, path, colors=256)


def brick_photo(size=160):
    """Return the middle of scikit-image's brick wall, gray from 0 to 1, at size x size pixels."""
    with Image.open(files("skimage") / "data" / "brick.png") as photo:
        left, top = (photo.width - 2 * size) // 2, (photo.height - 2 * size) // 2
        small = photo.convert("L").crop((left, top, left + 2 * size, top + 2 * size)).reduce(2)
    return np.asarray(small) / 255


def _picture(axes, left, top, image, title, cmap, size=240, **options):
    """Draw an image with whole screen pixels per image pixel, which stays sharp and packs well."""
    options["cmap"] = canvas.few_shades(cmap)
    drawn = canvas.place_image(axes, left, top, size, size, image, **options)
    write(axes, left + size / 2, top - 14, title, size=15)
    return drawn


def _color_bar(axes, drawn, left, top, height, side):
    bar_axes = canvas.inset(axes, left, top, 10, height)
    bar = axes.figure.colorbar(drawn, cax=bar_axes)
    bar.outline.set_visible(False)
    bar_axes.yaxis.set_ticks_position(side)
    bar_axes.tick_params(labelsize=12, labelcolor=style.INK, color=style.INK)


FIGURES = {
    "conv1d.gif": conv1d,
    "conv2d.gif": conv2d,
    "stride.png": stride,
    "padding.png": padding,
    "dilation.png": dilation,
    "sobel.png": sobel,
}

if __name__ == "__main__":
    canvas.draw_all("convolution", FIGURES)
