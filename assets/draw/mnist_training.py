"""Draw the figures of the unit on training: `python assets/draw/mnist_training.py [FIGURE ...]`."""

from functools import partial
from pathlib import Path

import canvas
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from canvas import TITLE, WIDTH, Grid, arrow, by, number, outline, tint, write
from matplotlib import colormaps
from matplotlib.patches import Circle, FancyBboxPatch
from torch import nn

from coursekit import style
from coursekit.digits import small_digits

ALT_TEXT = {
    "split.png": (
        "Three parts of the data: the training part fits the weights, the validation part chooses "
        "between nets, the test part is looked at once, at the end."
    ),
    "loop.png": (
        "A training step as a ring: zero_grad, forward from a batch of 64x1x28x28 to logits 64x10, "
        "loss to one number, backward to a gradient for each weight, step to new weights."
    ),
    "softmax_twice.png": (
        "With logits the probability of the right class goes to 1 and the gradient stays large "
        "while the net is wrong; with softmax twice the probability ends at 0.232 and the "
        "gradient is tiny where the net is wrong."
    ),
    "pool_or_stride.png": (
        "An 8x8 digit to a 4x4 map in two ways: a convolution with stride 1 and max pooling takes "
        "576 multiplications and keeps the largest of four; stride 2 takes 144 and one of four."
    ),
    "dropout.gif": (
        "Six hidden units in five steps of training: each step drops other units and doubles the "
        "ones it keeps; in eval mode all six work, unchanged."
    ),
    "batchnorm.png": (
        "Eight values of a channel with mean 5 and standard deviation 2 have mean 0 and 1 after "
        "batch normalization in train mode; eval mode uses running statistics, which move a tenth "
        "of the way at each step."
    ),
    "augmentation.png": (
        "A digit 6 as it is, shifted, turned by 12 degrees and scaled by 1.2 is still a 6; turned "
        "by 180 degrees it is a 9, and its label is wrong."
    ),
    "curves.png": (
        "Loss and accuracy over 80 epochs on 100 digits, of which 20 have a wrong label: the "
        "training loss falls all the way, the validation loss is lowest at epoch 38 and "
        "rises after it, and the validation accuracy falls."
    ),
}
require_alt_text = partial(canvas.require_alt_text, ALT_TEXT)

torch.set_num_threads(1)  # the same sums on every run


def panel(axes, left, top, width, height, xlabel, ylabel):
    """Return axes for a plot inside a canvas, placed in its pixels."""
    plot = canvas.new_plot(axes, left, top, width, height, labelsize=12)
    plot.set_xlabel(xlabel, size=13, color=style.INK)
    plot.set_ylabel(ylabel, size=13, color=style.INK)
    return plot


def picture(axes, image, left, top, side, cmap=style.IMAGES, limits=(0, 1)):
    """Draw an image as a square of `side` pixels with a thin frame."""
    look = {"cmap": cmap, "vmin": limits[0], "vmax": limits[1], "zorder": 3}
    canvas.place_image(axes, left, top, side, side, image, **look)
    Grid(axes, left, top, 1, 1, side).block(0, 0, ec=style.MUTED, zorder=3.1)


def box(axes, middle, size, color, fill=0.14):
    """Draw a box with round corners around a point."""
    (x, y), (width, height) = middle, size
    corner, look = (x - width / 2, y - height / 2), {"fc": tint(color, fill), "ec": color}
    shape = "round,pad=0,rounding_size=8"
    axes.add_patch(FancyBboxPatch(corner, width, height, shape, lw=1.5, zorder=2, **look))


# split.png ----------------------------------------------------------------------------------------

PARTS = (  # name, colour, left edge, width, digits in a row
    ("training", style.KERNEL, 140, 234, 6),
    ("validation", style.WINDOW, 382, 102, 2),
    ("test", style.OUTPUT, 492, 102, 2),
)
USES = (
    ("fits the weights", "every step", 0),
    ("chooses the net\nand when to stop", "every epoch", 1),
    ("gives the number\nyou report", "once", 2),
)


def split(path: Path) -> None:
    """Show three parts of the data, and what each of them is used for."""
    axes = canvas.new_canvas(286, scale=2)
    images, first = small_digits()[0][:, 0], 0
    for name, color, left, width, columns in PARTS:
        require_alt_text(path.name, name)
        middle = left + width / 2
        write(axes, middle, 18, name, color=color, **TITLE)
        box(axes, (middle, 78), (width, 92), color)
        for place in np.ndindex(2, columns):
            x, y = middle - 19 * columns + 38 * place[1] + 3, 40 + 40 * place[0]
            picture(axes, images[first], x, y, 32)
            first += 1
    for row, (use, often, mine) in enumerate(USES):
        y = 156 + 50 * row
        axes.plot((6, 594), (y - 25, y - 25), color=style.GRID, lw=1)
        write(axes, 6, y, use, ha="left", size=13, linespacing=1.2)
        for place, (_, color, left, width, _) in enumerate(PARTS):
            middle = left + width / 2
            if place == mine:
                write(axes, middle, y, often, size=14, weight="bold", color=color)
            else:
                write(axes, middle, y, "never", size=13, color=style.MUTED)
    canvas.save_png(axes, path)


# loop.png -----------------------------------------------------------------------------------------

NODES = {  # where the five steps stand
    "zero": (300, 44), "forward": (466, 152), "loss": (466, 288), "backward": (134, 288),
    "step": (134, 152),
}  # fmt: skip


def loop(path: Path) -> None:
    """Show the five steps of a training step, with the shapes of a net that is run for it."""
    torch.manual_seed(0)
    conv, images = nn.Conv2d(1, 16, 5), torch.rand(64, 1, 28, 28)
    net = nn.Sequential(conv, nn.ReLU(), nn.Flatten(), nn.Linear(16 * 24 * 24, 10))
    logits = net(images)
    loss = F.cross_entropy(logits, torch.zeros(64, dtype=int))
    loss.backward()
    assert loss.shape == ()
    assert conv.weight.grad.shape == conv.weight.shape
    batch, out, weights = (by(one.shape, " × ") for one in (images, logits, conv.weight.grad))
    require_alt_text(path.name, by(images.shape), by(logits.shape))

    axes = canvas.new_canvas(350, scale=2)
    _step(axes, "zero", "1  zero_grad", "optimizer.zero_grad()", "old gradients are gone")
    _step(axes, "forward", "2  forward", "logits = model(images)", f"{batch}  →  {out}")
    _step(axes, "loss", "3  loss", "loss = loss_fn(logits, labels)", f"{out}, 64  →  one number")
    _step(
        axes,
        "backward",
        "4  backward",
        "loss.backward()",
        f"a gradient for each weight,\nconv: {weights}",
    )
    _step(
        axes, "step", "5  step", "optimizer.step()", f"each weight moves a little,\nconv: {weights}"
    )
    for start, end in (
        ((408, 60), (466, 110)), ((466, 192), (466, 248)), ((346, 288), (256, 288)),
        ((134, 248), (134, 192)), ((134, 110), (192, 60)),
    ):  # fmt: skip
        arrow(axes, start, end, lw=2.2, mutation_scale=16)
    write(axes, 524, 56, "images and labels\nfrom the loader", size=13, linespacing=1.25)
    arrow(axes, (524, 78), (524, 109), color=style.WINDOW, lw=2.2, mutation_scale=16)
    write(axes, 300, 208, "once for\neach batch", size=14, color=style.MUTED, linespacing=1.25)
    canvas.save_png(axes, path)


def _step(axes, name, title, code, words):
    x, y = NODES[name]
    color = {"zero": style.MUTED, "forward": style.WINDOW, "loss": style.OUTPUT}
    color = color.get(name, style.KERNEL)
    box(axes, (x, y), (216 if name == "zero" else 244, 78), color)
    lines = words.count("\n")
    write(axes, x, y - 26 + 4 * (not lines), title, size=14, weight="bold", zorder=3)
    write(axes, x, y - 6 + 6 * (not lines), code, size=12.5, family="DejaVu Sans Mono", zorder=3)
    write(axes, x, y + 20 + 2 * (not lines), words, size=12, zorder=3, linespacing=1.15)


# softmax_twice.png --------------------------------------------------------------------------------


def softmax_twice(path: Path) -> None:
    """Plot what the loss sees, and its gradient, with and without a softmax in front."""
    ends = torch.linspace(-8, 8, 161, dtype=torch.float64)
    once, twice = (np.array([_seen(end, again) for end in ends]) for again in (False, True))
    limit = np.e / (np.e + 9)  # softmax of the sharpest probabilities that there are
    assert limit - 1e-3 < twice[-1, 0] < limit
    require_alt_text(path.name, f"{limit:.3f}")
    axes = canvas.new_canvas(316, scale=2)
    titles = ("probability that the loss sees", "size of the gradient")
    labels = ("probability of the right class", "|∂loss / ∂logit|")
    for place, left in enumerate((64, 366)):
        write(axes, left + 112, 18, titles[place], size=14, weight="bold")
        plot = panel(axes, left, 36, 224, 196, "logit of the right class", labels[place])
        plot.plot(ends, once[:, place], color=style.KERNEL, lw=2.5)
        plot.plot(ends, twice[:, place], color=style.WINDOW, lw=2.5, ls=(0, (4, 1.5)))
        plot.set(xlim=(-8, 8), ylim=(0, 1.04), xticks=(-8, -4, 0, 4, 8))
        plot.xaxis.set_major_formatter(lambda value, _: number(value))
        if place == 0:
            words = f"below {limit:.3f}"
            plot.text(7.8, limit - 0.15, words, size=12, color=style.WINDOW, ha="right")
    for x, color, words, dash in (
        (70, style.KERNEL, "logits → cross-entropy", "-"),
        (310, style.WINDOW, "softmax → cross-entropy", (0, (4, 1.5))),
    ):
        axes.plot((x, x + 34), (284, 284), color=color, lw=2.5, ls=dash)
        write(axes, x + 42, 284, words, size=13, ha="left", color=color)
    write(axes, WIDTH / 2, 305, "10 classes; the other nine logits are 0", size=12)
    canvas.save_png(axes, path)


def _seen(end, again):
    """Probability of the right class inside the loss, and the size of its logit's gradient."""
    logits = torch.zeros(1, 10, dtype=torch.float64)
    logits[0, 0] = end
    logits.requires_grad_()
    loss = F.cross_entropy(logits.softmax(1) if again else logits, torch.tensor([0]))
    (gradient,) = torch.autograd.grad(loss, logits)
    return torch.exp(-loss).item(), abs(gradient[0, 0].item())


# pool_or_stride.png -------------------------------------------------------------------------------

EDGES = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


def pool_or_stride(path: Path) -> None:
    """Show a digit's edges made smaller by pooling, and by a stride."""
    digit = small_digits()[0][1, 0]
    batch, kernel = (torch.tensor(a, dtype=torch.float64)[None, None] for a in (digit, EDGES))
    edges = F.conv2d(batch, kernel, padding=1)
    pooled, strided = F.max_pool2d(edges, 2), F.conv2d(batch, kernel, stride=2, padding=1)
    assert torch.equal(strided, edges[..., ::2, ::2])
    costs = [EDGES.size * one.numel() for one in (edges, strided)]
    require_alt_text(path.name, by(digit.shape), by(pooled.shape[2:]), *costs)
    edges, pooled, strided = (one[0, 0].numpy() for one in (edges, pooled, strided))

    axes = canvas.new_canvas(390, scale=2)
    end = np.abs(edges).max()
    picture(axes, digit, 20, 136, 112)
    write(axes, 76, 122, f"digit {by(digit.shape, ' × ')}", size=13)
    _map(axes, 232, 44, edges, 14, end)
    _map(axes, 456, 44, pooled, 28, end)
    _map(axes, 456, 236, strided, 28, end)
    for title, y in (("conv, then max pool", 18), ("conv with stride 2", 222)):
        write(axes, 512, y, title, size=14, weight="bold")
    arrow(axes, (138, 160), (226, 116), lw=1.8)
    arrow(axes, (350, 100), (450, 100), lw=1.8)
    arrow(axes, (138, 222), (450, 288), lw=1.8)
    write(axes, 288, 28, "map 8 × 8", size=13)
    write(axes, 400, 72, "max of\n2 × 2", size=13, color=style.KERNEL, linespacing=1.2)
    write(axes, 158, 112, "stride 1", size=13, color=style.KERNEL)
    write(axes, 270, 236, "stride 2", size=13, color=style.KERNEL)
    for y, cost, keeps in ((172, costs[0], "largest of four"), (364, costs[1], "one of four")):
        write(axes, 512, y, f"{cost} multiplications,\n{keeps}", size=12, linespacing=1.2)
    canvas.save_png(axes, path, colors=256)


def _map(axes, left, top, values, cell, end):
    """Draw a signed map; large cells get their numbers."""
    grid, cmap = Grid(axes, left, top, *values.shape, cell), colormaps[style.SIGNED]
    for place, value in np.ndenumerate(values):
        text = number(round(value, 1)) if cell > 20 else ""
        grid.shade(*place, cmap((value + end) / (2 * end)), text, dark=0.45, size=10.5)
    grid.lines()
    if cell < 20:
        for row, column in np.ndindex(4, 4):
            grid.block(2 * row, 2 * column, 2, 2, ec=style.MUTED, lw=1, zorder=1)
    else:
        outline(grid, 0, 0, *values.shape, style.OUTPUT, lw=2)


# dropout.gif --------------------------------------------------------------------------------------

UNITS = torch.tensor([2.0, 1, 3, 1, 2, 3])
STEPS, RATE = 5, 0.5


def dropout(path: Path) -> None:
    """Animate dropout: other units in each step of training, all of them in eval mode."""
    require_alt_text(path.name, "Six", "five steps", "doubles")
    assert 1 / (1 - RATE) == 2
    layer = nn.Dropout(RATE)
    torch.manual_seed(12)
    states = [layer(UNITS) for _ in range(STEPS)]
    assert len({tuple(one.tolist()) for one in states}) == STEPS
    assert torch.equal(layer.eval()(UNITS), UNITS)
    frames = [_dropout_frame(states[: step + 1], step) for step in range(STEPS)]
    frames.append(_dropout_frame([*states, UNITS], None))
    canvas.save_gif(frames, path, step_ms=1400, last_ms=4000)


def _dropout_frame(states, step):
    axes, now = canvas.new_canvas(352), states[-1]
    evaluating = step is None
    title = "eval mode" if evaluating else f"train mode, step {step + 1}"
    write(axes, 20, 20, title, ha="left", **TITLE)
    inputs, hidden = [(60, 90 + 56 * n) for n in range(4)], [(210, 50 + 50 * n) for n in range(6)]
    out = (350, 175)
    for value, (x, y) in zip(now.tolist(), hidden, strict=True):
        kept = value > 0
        line = {"color": style.INK, "lw": 0.9, "zorder": 1}
        for start, end in [(a, (x, y)) for a in inputs] + [((x, y), out)]:
            if kept:  # a dropped unit is cut off for this step
                axes.plot(*zip(start, end, strict=True), **line)
        words = number(value) if kept else "0"
        _unit(axes, (x, y), words, style.KERNEL if kept else None)
    for place in inputs:
        _unit(axes, place, "", style.MUTED)
    _unit(axes, out, number(now.sum().item()), style.OUTPUT)
    write(axes, 350, 207, "sum", size=13)
    note = "all units, as they are" if evaluating else "0: dropped; kept: doubled"
    write(axes, 210, 344, note, size=13, va="bottom")
    _sums(axes, states, evaluating)
    return axes


def _unit(axes, place, text, color):
    look = {"fc": tint(color, 0.3), "ec": color} if color else {"fc": "#f4f6f8", "ec": style.GRID}
    axes.add_patch(Circle(place, 17, lw=1.6, zorder=2, **look))
    write(axes, *place, text, size=14, zorder=3, color=style.INK if color else style.MUTED)


def _sums(axes, states, evaluating):
    """List the sums so far."""
    write(axes, 500, 60, "sums so far", size=14, weight="bold")
    sums = [one.sum().item() for one in states]
    trained = sums[:-1] if evaluating else sums
    lines = [f"step {place + 1}:  {number(one)}" for place, one in enumerate(trained)]
    if evaluating:
        lines.append(f"mean:  {number(round(float(np.mean(trained)), 1))}")
    for place, words in enumerate(lines):
        write(axes, 455, 90 + 26 * place, words, size=14, ha="left")
    if evaluating:
        look = {"size": 15, "weight": "bold", "color": style.OUTPUT}
        write(axes, 455, 120 + 26 * STEPS, f"eval:  {number(sums[-1])}", ha="left", **look)


# batchnorm.png ------------------------------------------------------------------------------------

CHANNEL = torch.tensor([2.0, 4, 4, 4, 5, 5, 7, 9], dtype=torch.float64)
BATCHES = 50


def batchnorm(path: Path) -> None:
    """Show a channel before and after batch normalization, in both modes."""
    layer, values = nn.BatchNorm1d(1).double(), CHANNEL[:, None]
    mean, variance = CHANNEL.mean().item(), CHANNEL.var(unbiased=False).item()
    assert CHANNEL.numel() == 8
    require_alt_text(path.name, f"mean {mean:g}", f"deviation {variance**0.5:g}", "a tenth")
    assert layer.momentum == 0.1
    trained = layer(values)
    first, after_one = _running(layer), layer.eval()(values)
    layer.train()
    for _ in range(BATCHES - 1):
        layer(values)
    last, after_many = _running(layer), layer.eval()(values)
    rows = (
        ("before", values, style.WINDOW, f"mean {mean:g}, variance {variance:g}"),
        ("train mode", trained, style.KERNEL, f"(x − {mean:g}) / √({variance:g} + ε)"),
        ("eval mode,\nafter 1 batch", after_one, style.OUTPUT, _formula(*first)),
        (f"eval mode,\nafter {BATCHES} batches", after_many, style.OUTPUT, _formula(*last)),
    )
    axes = canvas.new_canvas(398, scale=2)
    for place, (name, numbers, color, words) in enumerate(rows):
        _line(axes, 58 + 78 * place, name, numbers[:, 0].tolist(), color, words)
    notes = (
        "Each batch has these 8 values.",
        "running mean: 0.9 × old + 0.1 × mean of the batch",
        "running variance: the same, with the variance over n − 1 = 7",
    )
    for place, words in enumerate(notes):
        write(axes, 16, 346 + 21 * place, words, ha="left", size=13)
    canvas.save_png(axes, path)


def _running(layer):
    return layer.running_mean.item(), layer.running_var.item()


def _formula(mean, variance):
    return f"(x − {mean:.2f}) / √({variance:.2f} + ε)"


def _line(axes, y, name, values, color, words):
    """Draw values as dots on a number line; equal ones stand one above the other."""
    left, unit = 190 + 2 * 34, 32  # where 0 is, and pixels to 1
    write(axes, 16, y - 4, name, ha="left", size=14, weight="bold", linespacing=1.2)
    axes.plot((left - 2.3 * unit, left + 10 * unit), (y, y), color=style.MUTED, lw=1)
    for tick in range(-2, 11, 2):
        x = left + tick * unit
        axes.plot((x, x), (y, y + 4), color=style.MUTED, lw=1)
        write(axes, x, y + 13, number(tick), size=11, color=style.MUTED)
    seen = {}
    for value in values:
        level = seen[round(value, 6)] = seen.get(round(value, 6), -1) + 1
        look = {"fc": tint(color, 0.6), "ec": color, "lw": 1, "zorder": 2}
        axes.add_patch(Circle((left + value * unit, y - 6 - 10 * level), 5, **look))
    write(axes, 594, y - 40, words, size=13, color=color, ha="right")


# augmentation.png ---------------------------------------------------------------------------------


def augmentation(path: Path) -> None:
    """Show a digit, three changes that keep its label, and one that doesn't."""
    images, labels = small_digits(28)
    digit = images[np.flatnonzero(labels == 6)[2], 0]
    digit = _moved(digit, grow=0.72)  # with a margin, as in MNIST
    turn, grow = 12, 1.2
    require_alt_text(path.name, f"{turn} degrees", f"scaled by {grow}", "180 degrees")
    pictures = (
        ("as it is", digit, "6"),
        ("shifted", _moved(digit, shift=(4, 2)), "6"),
        (f"turned {turn}°", _moved(digit, turn=turn), "6"),
        (f"scaled {grow}", _moved(digit, grow=grow), "6"),
        ("turned 180°", _moved(digit, turn=180), "9, not 6"),
    )
    axes = canvas.new_canvas(178, scale=2)
    for place, (name, image, label) in enumerate(pictures):
        left, wrong = 8 + 118 * place, "not" in label
        picture(axes, image, left, 34, 108)
        write(axes, left + 54, 18, name, size=14, weight="bold")
        color = style.WINDOW if wrong else style.OUTPUT
        words = f"now a {label}" if wrong else f"label {label}"
        write(axes, left + 54, 160, words, size=14, color=color)
    canvas.save_png(axes, path, colors=256)


def _moved(image, shift=(0, 0), turn=0, grow=1):
    """Shift by (right, down) pixels, turn by degrees, scale around the middle."""
    matrix = cv2.getRotationMatrix2D((13.5, 13.5), turn, grow)
    matrix[:, 2] += shift
    return np.clip(cv2.warpAffine(image, matrix, (28, 28)), 0, 1)


# curves.png ---------------------------------------------------------------------------------------

DIGITS, WRONG, EPOCHS = 100, 20, 80


def curves(path: Path) -> None:
    """Plot the curves of a small net that learns a few digits by heart."""
    require_alt_text(path.name, f"{EPOCHS} epochs", f"{DIGITS} digits", f"{WRONG} have")
    run = _overfit()
    best = int(run[:, 1].argmin()) + 1
    assert EPOCHS / 4 < best < EPOCHS / 2
    require_alt_text(path.name, f"epoch {best}")
    axes, epochs = canvas.new_canvas(316, scale=2), np.arange(1, EPOCHS + 1)
    for place, (left, ylabel) in enumerate(((58, "loss (nats)"), (366, "accuracy"))):
        plot = panel(axes, left, 36, 224, 196, "epoch", ylabel)
        plot.plot(epochs, run[:, 2 * place], color=style.KERNEL, lw=2.5)
        plot.plot(epochs, run[:, 2 * place + 1], color=style.WINDOW, lw=2.5, ls=(0, (4, 1.5)))
        plot.axvline(best, color=style.MUTED, lw=1.3, ls=":")
        plot.set(xlim=(0, EPOCHS), ylim=(0, (2.4, 1.04)[place]), xticks=range(0, EPOCHS + 1, 20))
        write(axes, left + 224 * best / EPOCHS + 4, 24, f"epoch {best}", size=13, color=style.MUTED)
    for x, color, words, dash in (
        (90, style.KERNEL, "training", "-"), (310, style.WINDOW, "validation", (0, (4, 1.5)))
    ):  # fmt: skip
        axes.plot((x, x + 34), (284, 284), color=color, lw=2.5, ls=dash)
        write(axes, x + 42, 284, words, size=13, ha="left", color=color)
    words = f"{DIGITS} training digits, {WRONG} of them with a wrong label"
    write(axes, WIDTH / 2, 305, words, size=12)
    canvas.save_png(axes, path)


def _overfit():
    """EPOCHS x 4: loss of training and validation, accuracy of training and validation."""
    images, labels = (torch.tensor(part) for part in small_digits())
    images, order = images.flatten(1).double(), torch.Generator().manual_seed(0)
    inputs, targets, others = images[:DIGITS], labels[:DIGITS].clone(), slice(1000, 1500)
    off = torch.randint(1, 10, (WRONG,), generator=order)
    targets[:WRONG] = (targets[:WRONG] + off) % 10
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10)).double()
    optimizer, rows = torch.optim.Adam(net.parameters(), lr=0.003), []
    for _ in range(EPOCHS):
        for batch in torch.randperm(DIGITS, generator=order).split(20):
            optimizer.zero_grad()
            F.cross_entropy(net(inputs[batch]), targets[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            pairs = [(net(inputs), targets), (net(images[others]), labels[others])]
            losses = [F.cross_entropy(*pair).item() for pair in pairs]
            shares = [(a.argmax(1) == b).double().mean().item() for a, b in pairs]
        rows.append([*losses, *shares])
    return np.array(rows)


FIGURES = {
    "split.png": split,
    "loop.png": loop,
    "softmax_twice.png": softmax_twice,
    "pool_or_stride.png": pool_or_stride,
    "dropout.gif": dropout,
    "batchnorm.png": batchnorm,
    "augmentation.png": augmentation,
    "curves.png": curves,
}

if __name__ == "__main__":
    canvas.draw_all("mnist_training", FIGURES)
