"""Draw the figures on feature visualization: `python assets/draw/feature_visualization.py`."""

from functools import cache, partial
from pathlib import Path

import canvas
import numpy as np
import torch
import torch.nn.functional as F
from canvas import TITLE, WIDTH, Grid, arrow, by, number, outline, tint, write
from matplotlib import colormaps
from matplotlib.patches import FancyBboxPatch, Rectangle
from PIL import Image
from torch import nn

from coursekit import style
from coursekit.maximisation import maximise
from coursekit.shapes import SHAPES, TEXTURES, cue_conflict, shapes_and_textures

ALT_TEXT = {
    "hook.png": (
        "Left, a forward hook copies the 16x8x8 maps after module 3 of 6 while the forward pass "
        "goes on to the logits. Right, the net cut after 3 modules ends with the same maps."
    ),
    "occlusion.gif": (
        "A gray patch of 16x16 pixels moves over a 64x64 picture in steps of 12; the map of 5x5 "
        "drops of the class's probability grows."
    ),
    "gradients.png": (
        "Backwards through one ReLU on 3x3 numbers: the plain gradient is kept where the input "
        "was positive, guided backpropagation also needs it to be positive itself, Grad-CAM "
        "averages the plain gradient to one weight, 1."
    ),
    "grad_cam.png": (
        "Grad-CAM on two 3x3 maps: the mean gradients 2 and -1 weight the maps, the sum goes "
        "through ReLU and is upsampled bilinearly to 6x6."
    ),
    "sanity.png": (
        "Maps of one picture while layers are scrambled, from the last to the first. With the "
        "linear layer scrambled, the mean rank correlation with the trained net's maps is 0.75 "
        "for the gradient, 0.82 for guided backpropagation, 0.16 for Grad-CAM."
    ),
    "fgsm.png": (
        "FGSM on 3x3 pixels: the sign of the gradient times eps = 0.1 is added, and the result "
        "is clipped to 0 to 1."
    ),
    "cue_conflict.png": (
        "Six shapes with a texture each, and a star filled with the checks of the squares: a net "
        "that calls it star goes by shape, one that calls it square goes by texture."
    ),
    "maximisation.png": (
        "The loop of activation maximisation: jitter the picture, run the net, take the gradient "
        "of one activation, step uphill, blur, and again. For the class triangle of a small net, "
        "noise becomes stripes within 48 steps."
    ),
}
require_alt_text = partial(canvas.require_alt_text, ALT_TEXT)


def show(axes, left, top, width, height, image, cmap=None, limits=(0, 1), frame=style.GRID):
    """Draw H x W or H x W x 3 into a rectangle of the canvas, with a thin frame."""
    look = {"cmap": cmap, "vmin": limits[0], "vmax": limits[1], "zorder": 1}
    canvas.place_image(axes, left, top, width, height, image, **look)
    axes.add_patch(Rectangle((left, top), width, height, fill=False, ec=frame, lw=1, zorder=2))


def save_colors(axes, path):
    """Save a canvas with all its colours, where pictures have more of them than a palette."""
    Image.fromarray(canvas.pixels(axes)).save(path, optimize=True)


def photo(tensor):
    """A tensor 3 x H x W as an image H x W x 3."""
    return tensor.detach().permute(1, 2, 0).numpy()


def number_grid(axes, left, top, values, color, cell=38, size=15, share=0.16):
    """A grid of numbers on a pale colour; `color` None leaves it white."""
    grid = Grid(axes, left, top, *np.shape(values), cell)
    if color:
        grid.fill(0, 0, tint(color, share), *np.shape(values))
    grid.numbers(np.asarray(values), size=size)
    grid.lines(tint(color, 0.6) if color else style.GRID)
    return grid


# the net of occlusion.gif, sanity.png and maximisation.png ----------------------------------------

COUNT, EPOCHS, BATCH, PACE = 600, 5, 30, 1e-2


@cache
def trained_net():
    """A small net that tells six shapes with textures apart, N x 3 x 64 x 64 -> logits N x 6.

    In double precision, so that another computer's rounding errors stay too small to be seen.
    """
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = shapes_and_textures(COUNT)
    images = images.double()
    widths = ((3, 12, 7, 2), (12, 16, 3, 1), (16, 24, 3, 1))
    layers = [part for width in widths for part in _block(*width)]
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 6)).double()
    optimizer = torch.optim.Adam(net.parameters())
    steps = EPOCHS * COUNT // BATCH
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, PACE, total_steps=steps)
    order = torch.Generator().manual_seed(0)
    for _ in range(EPOCHS):
        for batch in torch.randperm(COUNT, generator=order).view(-1, BATCH):
            loss = F.cross_entropy(net(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            pace.step()
    new, new_labels = held_out()
    assert (net.eval()(new).argmax(1) == new_labels).double().mean() > 0.95
    return net.requires_grad_(False)


def _block(channels, filters, size, stride):
    convolution = nn.Conv2d(channels, filters, size, stride, size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2)]


def held_out():
    """60 pictures that the net hasn't seen, and their labels."""
    images, labels = shapes_and_textures(60, seed=7)
    return images.double(), labels


# hook.png -----------------------------------------------------------------------------------------

MODULES = [
    ("conv 3 × 3", nn.Conv2d(3, 16, 3, padding=1)),
    ("ReLU", nn.ReLU()),
    ("max pool 2 × 2", nn.MaxPool2d(2)),
    ("conv 3 × 3", nn.Conv2d(16, 4, 3, padding=1)),
    ("flatten", nn.Flatten()),
    ("linear", nn.Linear(4 * 8 * 8, 10)),
]
CUT = 3


def hook(path: Path) -> None:
    """Show a forward hook beside a truncated net; both keep the same maps."""
    net, x = nn.Sequential(*(module for _, module in MODULES)), torch.rand(1, 3, 16, 16)
    shapes, kept = [tuple(x.shape[1:])], []
    handle = net[CUT - 1].register_forward_hook(lambda module, args, output: kept.append(output))
    assert net(x).shape == (1, 10)
    handle.remove()
    assert torch.equal(kept[0], net[:CUT](x))
    for module in net:
        x = module(x)
        shapes.append(tuple(x.shape[1:]))
    require_alt_text(path.name, by(shapes[CUT]), f"module {CUT} of {len(net)}", f"{CUT} modules")
    axes = canvas.new_canvas(470, scale=2)
    for x, title in ((110, "forward hook"), (410, "truncated net")):
        write(axes, x, 20, title, **TITLE)
    axes.plot((300, 300), (10, 460), color=style.GRID, lw=1)
    _modules(axes, 110, shapes, len(MODULES))
    _modules(axes, 410, shapes, CUT)
    for x in (110, 410):
        _kept(axes, x, shapes[CUT])
    write(axes, 236, 356, "The net runs\nto its end.\nThen remove\nthe hook.", size=13)
    write(axes, 538, 356, "Modules 4 to 6\ndon't run.", size=13)
    canvas.save_png(axes, path)


def _modules(axes, x, shapes, count):
    """Draw the modules one below the other; those from `count` on are only outlined."""
    write(axes, x, 50, f"x: {by(shapes[0], ' × ')}", size=13)
    for index, (name, _) in enumerate(MODULES):
        y, runs = 66 + 58 * index, index < count
        if runs:
            arrow(axes, (x, y - 6 if index else y - 4), (x, y + 14))
        color = style.KERNEL if index in (0, 3, 5) else style.MUTED
        look = {"fc": tint(color, 0.22), "ec": color, "lw": 1.3}
        if not runs:
            look = {"fc": style.PAPER, "ec": style.GRID, "lw": 1.3, "ls": "--"}
        axes.add_patch(Rectangle((x - 66, y + 14), 132, 26, **look))
        ink = style.INK if runs else style.MUTED
        write(axes, x, y + 27, f"{index + 1}  {name}", size=13, color=ink)
        if runs and index not in (CUT - 1, len(MODULES) - 1):
            words = by(shapes[index + 1], " × ")
            write(axes, x + 8, y + 49, words, size=11, ha="left", color=style.MUTED)
    if count == len(MODULES):
        y = 66 + 58 * count
        arrow(axes, (x, y - 18), (x, y + 12))
        write(axes, x, y + 26, f"logits: {shapes[-1][0]}", size=14, color=style.OUTPUT)


def _kept(axes, x, shape):
    """The orange wire from below the module to the maps that are kept, with their shape."""
    y = 66 + 58 * CUT - 8
    axes.plot((x, x), (y - 10, y), color=style.INK, lw=1.3)
    axes.plot((x,), (y,), "o", ms=9, color=style.WINDOW, zorder=4)
    arrow(axes, (x, y), (x + 92, y), color=style.WINDOW, lw=2.2)
    left, top = x + 100, y - 22
    for sheet in reversed(range(4)):
        corner = (left + 5 * sheet, top - 5 * sheet)
        look = {"fc": tint(style.WINDOW, 0.25), "ec": style.WINDOW, "lw": 1.3}
        axes.add_patch(Rectangle(corner, 44, 44, zorder=3 - 0.1 * sheet, **look))
    words = f"{by(shape, ' × ')}\nkept"
    write(axes, left + 26, top + 66, words, size=13, color=style.WINDOW, linespacing=1.2)


# occlusion.gif ------------------------------------------------------------------------------------

PATCH, STEP, FILL, PICTURE = 16, 12, 0.5, 55


def occlusion(path: Path) -> None:
    """Animate a gray patch and how far the class's probability falls at each place."""
    images, labels = held_out()
    x, target = images[PICTURE : PICTURE + 1], labels[PICTURE].item()
    side = (x.shape[2] - PATCH) // STEP + 1
    covered = []
    for row, col in np.ndindex(side, side):
        one = x.clone()
        one[:, :, row * STEP : row * STEP + PATCH, col * STEP : col * STEP + PATCH] = FILL
        covered.append(one)
    whole, *others = trained_net()(torch.cat([x, *covered])).softmax(1)[:, target].tolist()
    drops = (whole - np.array(others)).reshape(side, side)
    require_alt_text(path.name, by((PATCH, PATCH)), by(x.shape[2:]), f"of {STEP}", by(drops.shape))
    image, name = few_colors(photo(x[0])), SHAPES[target]
    frames = [_occluded(image, drops, step, whole, name) for step in range(drops.size)]
    canvas.save_gif(frames, path, step_ms=600, last_ms=3500)


def _occluded(image, drops, step, whole, name):
    axes = canvas.new_canvas(352)
    row, col = divmod(step, drops.shape[1])
    scale, left, top = 4, 24, 44
    side = scale * len(image)
    write(axes, left + side / 2, 22, f"gray patch of {PATCH} × {PATCH}", **TITLE)
    show(axes, left, top, side, side, image)
    corner = (left + scale * STEP * col, top + scale * STEP * row)
    look = {"fc": str(FILL), "ec": style.WINDOW, "lw": 3, "zorder": 3}
    axes.add_patch(Rectangle(corner, scale * PATCH, scale * PATCH, **look))
    cell = side / drops.shape[0]
    grid = Grid(axes, 324, top, *drops.shape, cell)
    write(axes, 324 + side / 2, 22, "drop of the probability", **TITLE)
    cmap = colormaps[style.MAGNITUDES]
    for place in list(np.ndindex(drops.shape))[: step + 1]:
        text = number(round(drops[place], 2) + 0.0)
        grid.shade(*place, cmap(max(drops[place], 0) / drops.max()), text, size=14)
    grid.lines()
    outline(grid, row, col, 1, 1, style.OUTPUT)
    now = whole - drops[row, col]
    words = f"P({name}): {whole:.3f} without the patch, {now:.3f} with it"
    write(axes, WIDTH / 2, 328, words, size=15)
    return axes


def few_colors(image, count=24):
    """An image with so many colours at most, so that a GIF can hold them."""
    picture = Image.fromarray((255 * image).round().astype(np.uint8))
    return np.asarray(picture.quantize(count, Image.Quantize.MEDIANCUT).convert("RGB")) / 255


# gradients.png ------------------------------------------------------------------------------------

BEFORE = np.array([[2, -1, 3], [-2, 1, -3], [1, 4, -1]])
ARRIVES = np.array([[3, 2, -1], [-2, 4, 1], [-3, 6, -5]])


def gradients(path: Path) -> None:
    """Show with numbers what three methods pass back through one ReLU."""
    x = torch.tensor(BEFORE, dtype=torch.float64, requires_grad=True)
    after = torch.relu(x)
    (plain,) = torch.autograd.grad(after, x, torch.tensor(ARRIVES, dtype=torch.float64))
    guided, weight = plain.clamp(min=0), plain.mean().item()
    require_alt_text(path.name, by(BEFORE.shape), f"weight, {weight:g}")
    axes = canvas.new_canvas(436, scale=2)
    tops = ((48, "input", BEFORE, 28, style.WINDOW), (48, "ReLU", after.detach(), 208, None))
    for top, title, values, left, color in tops:
        number_grid(axes, left, top, values, color)
        write(axes, left + 57, top - 22, title if title != "ReLU" else "output", **TITLE)
    arrow(axes, (148, 105), (202, 105))
    write(axes, 175, 90, "ReLU", size=13)
    number_grid(axes, 440, 48, ARRIVES, style.KERNEL)
    write(axes, 497, 26, "gradient arriving", **TITLE)
    arrow(axes, (434, 105), (328, 105), color=style.KERNEL, lw=2)
    write(axes, 381, 90, "backwards", size=13, color=style.KERNEL)
    axes.plot((20, 580), (184, 184), color=style.GRID, lw=1)
    kept, both = BEFORE > 0, (BEFORE > 0) & (ARRIVES > 0)
    columns = (
        (43, "plain gradient", plain, kept, "kept where the\ninput is positive"),
        (243, "guided", guided, both, "kept where input and\ngradient are positive"),
        (443, "Grad-CAM", plain, kept, "the plain gradient,\nits mean is the weight:"),
    )
    for left, title, values, mask, words in columns:
        write(axes, left + 57, 208, title, **TITLE)
        _passed(axes, left, 228, values.detach().numpy(), mask)
        write(axes, left + 57, 366, words, size=13, linespacing=1.25)
    total = plain.sum().item()
    write(axes, 500, 404, f"{total:g} / {plain.numel()} = {weight:g}", size=16, color=style.OUTPUT)
    canvas.save_png(axes, path)


def _passed(axes, left, top, values, kept):
    """A grid of gradients; what was stopped is gray and hatched."""
    grid = Grid(axes, left, top, *values.shape, 38)
    for place in np.ndindex(values.shape):
        if kept[place]:
            grid.fill(*place, tint(style.OUTPUT, 0.25))
            grid.write(*place, number(values[place]), size=16, weight="bold")
        else:
            grid.hatch(*place)
            plate = {"bbox": {"boxstyle": "round,pad=0.15", "fc": style.PAPER, "ec": "none"}}
            grid.write(*place, "0", size=14, color=style.MUTED, **plate)
    grid.lines()


# grad_cam.png -------------------------------------------------------------------------------------

MAPS = np.array([[[0, 1, 1], [1, 3, 2], [0, 2, 1]], [[2, 0, 1], [3, 0, 0], [4, 1, 0]]])
SLOPES = np.array([[[0, 3, 1], [2, 6, 3], [0, 2, 1]], [[-2, -1, 0], [-1, -3, 0], [0, -2, 0]]])


def grad_cam(path: Path) -> None:
    """Show Grad-CAM with numbers: mean gradients weight the maps, then ReLU and upsampling."""
    weights = SLOPES.mean(axis=(1, 2))
    total = np.tensordot(weights, MAPS, 1)
    rectified = torch.tensor(total).relu()[None, None]
    size = [2 * side for side in total.shape]
    large = F.interpolate(rectified, size=size, mode="bilinear", align_corners=False)[0, 0].numpy()
    facts = [f"{weight:g}" for weight in weights]
    require_alt_text(path.name, by(total.shape), f"{facts[0]} and {facts[1]}", by(large.shape))
    axes = canvas.new_canvas(478, scale=2)
    for x, title in ((87, "maps"), (293, "gradients"), (490, "weights")):
        write(axes, x, 22, title, **TITLE)
    for channel, top in enumerate((44, 170)):
        number_grid(axes, 36, top, MAPS[channel], style.WINDOW, cell=34)
        number_grid(axes, 242, top, SLOPES[channel], style.KERNEL, cell=34)
        write(axes, 20, top + 51, f"{channel + 1}", size=15, weight="bold", color=style.WINDOW)
        arrow(axes, (352, top + 51), (436, top + 51))
        write(axes, 394, top + 36, "mean", size=13)
        sums = f"{SLOPES[channel].sum()} / 9 = ".replace("-", canvas.MINUS)
        write(axes, 494, top + 51, f"{sums}{number(weights[channel])}", size=17)
    axes.plot((20, 580), (290, 290), color=style.GRID, lw=1)
    signs = "+" if weights[1] > 0 else canvas.MINUS
    words = f"{weights[0]:g} · map 1 {signs} {abs(weights[1]):g} · map 2"
    for x, title in ((106, words), (290, "ReLU"), (490, "upsampled")):
        write(axes, x, 312, title, size=14 if title == words else 16, weight="bold")
    number_grid(axes, 55, 338, total, None, cell=34)
    _colored(axes, 239, 338, rectified[0, 0].numpy(), 34, 15)
    _colored(axes, 424, 328, large, 22, 10)
    arrow(axes, (166, 389), (230, 389))
    arrow(axes, (350, 389), (414, 389))
    write(axes, 382, 374, "bilinear", size=12)
    canvas.save_png(axes, path, colors=256)


def _colored(axes, left, top, values, cell, size):
    grid, cmap = Grid(axes, left, top, *values.shape, cell), colormaps[style.MAGNITUDES]
    for place, value in np.ndenumerate(values):
        grid.shade(*place, cmap(value / 6), number(round(float(value), 1)), size=size)
    grid.lines()


# sanity.png ---------------------------------------------------------------------------------------

LAYERS = (("linear", 14), ("conv 3", 8), ("conv 2", 4), ("conv 1", 0))
SAID = {"gradient": 0.75, "guided": 0.82, "Grad-CAM": 0.16}  # with the linear layer scrambled
LAST_MAPS = 11  # Grad-CAM after this many modules: 8 x 8 places


def sanity(path: Path) -> None:
    """Show which maps change when layers are scrambled, from the last to the first."""
    images, labels = held_out()
    nets = [("trained", trained_net())]
    for count in range(1, len(LAYERS) + 1):
        plus = "+ " if count > 1 else ""
        nets.append((f"{plus}{LAYERS[count - 1][0]}", scrambled([n for _, n in LAYERS[:count]])))
    methods = (("gradient", plain_map), ("guided", guided_map), ("Grad-CAM", cam_map))
    axes = canvas.new_canvas(482, scale=2)
    show(axes, 8, 4, 56, 56, photo(images[PICTURE]))
    write(axes, 396, 16, "scrambled, one layer after the other", size=14, weight="bold")
    arrow(axes, (212, 28), (586, 28), color=style.MUTED)
    lefts = [88 + 103 * index for index in range(len(nets))]
    for left, (name, _) in zip(lefts, nets, strict=True):
        write(axes, left + 48, 46, name, size=14)
    for row, (method, make) in enumerate(methods):
        top, trained = 62 + 124 * row, make(trained_net(), images, labels)
        write(axes, 42, top + 48, method, size=14, weight="bold")
        for left, (name, net) in zip(lefts, nets, strict=True):
            found = make(net, images, labels)
            shown = found[PICTURE].numpy()
            show(axes, left, top, 96, 96, shown, style.MAGNITUDES, (0, shown.max() or 1.0))
            alike = np.mean([rank_correlation(*pair) for pair in zip(trained, found, strict=True)])
            write(axes, left + 48, top + 107, f"{alike:.2f}".replace("-", canvas.MINUS), size=13)
            if name == LAYERS[0][0]:
                require_alt_text(path.name, SAID[method])
                assert abs(alike - SAID[method]) < 0.02, f"{method}: {alike}"
    words = (
        f"Below each map: rank correlation with the map of the trained net, mean over\n"
        f"{len(images)} pictures. A map of zeros counts as 0."
    )
    write(axes, WIDTH / 2, 454, words, size=13, linespacing=1.35)
    save_colors(axes, path)


def scrambled(places):
    """The trained net with the weights of some modules in a random order."""
    import copy

    net, random = copy.deepcopy(trained_net()), torch.Generator().manual_seed(3)
    for place in places:
        weight = net[place].weight
        order = torch.randperm(weight.numel(), generator=random)
        weight.data = weight.flatten()[order].reshape(weight.shape).clone()
    return net


def plain_map(net, x, targets):
    """The largest size of the gradient over the channels, N x H x W."""
    return input_gradient(net, x, targets).abs().amax(1)


def guided_map(net, x, targets):
    """The same for guided backpropagation."""
    return input_gradient(net, x, targets, guided=True).abs().amax(1)


def input_gradient(net, x, targets, guided=False):
    """The gradient of a logit, module by module; `guided` stops what is negative at each ReLU."""
    out = x = x.clone().requires_grad_()
    for module in net:
        out = GuidedReLU.apply(out) if guided and isinstance(module, nn.ReLU) else module(out)
    return torch.autograd.grad(out.gather(1, targets[:, None]).sum(), x)[0]


class GuidedReLU(torch.autograd.Function):
    """ReLU that passes back positive gradients only (Springenberg et al., 2015)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient.clamp(min=0) * (x > 0)


def cam_map(net, x, targets):
    """Grad-CAM, as large as the input, N x H x W."""
    maps = net[:LAST_MAPS](x).requires_grad_()
    logits = net[LAST_MAPS:](maps).gather(1, targets[:, None])
    (slopes,) = torch.autograd.grad(logits.sum(), maps)
    total = (slopes.mean((2, 3), keepdim=True) * maps.detach()).sum(1, keepdim=True).relu()
    large = F.interpolate(total, size=x.shape[2:], mode="bilinear", align_corners=False)
    return large[:, 0]


def rank_correlation(one, other):
    """Spearman's rank correlation of two maps; 0 where one of them is constant."""
    from scipy.stats import spearmanr

    one, other = one.numpy(), other.numpy()
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


# fgsm.png -----------------------------------------------------------------------------------------

EPS = 0.1
PIXELS = np.array([[0.2, 0.5, 0.95], [0.4, 0.6, 0.05], [0.8, 0.3, 0.7]])
SLOPE = np.array([[0.3, -0.2, 0.1], [0, -0.5, -0.4], [0.7, 0.1, -0.1]])


def fgsm(path: Path) -> None:
    """Show one step of FGSM on 3 x 3 pixels, with numbers."""
    require_alt_text(path.name, by(PIXELS.shape), f"eps = {EPS}")
    step, moved = EPS * np.sign(SLOPE), PIXELS + EPS * np.sign(SLOPE)
    result = np.clip(moved, 0, 1)
    axes = canvas.new_canvas(250, scale=2)
    panels = (
        (14, "pixels x", PIXELS, style.WINDOW),
        (166, "gradient", SLOPE, style.KERNEL),
        (318, "eps · sign", step, style.KERNEL),
        (470, "result", result, style.OUTPUT),
    )
    for left, title, values, color in panels:
        grid = number_grid(axes, left, 52, values, color, cell=39, size=13.5)
        write(axes, left + 58, 28, title, **TITLE)
    for row, col in zip(*np.nonzero(moved != result), strict=True):
        outline(grid, row, col, 1, 1, style.WINDOW, inset=1.5)
    arrow(axes, (288, 110), (313, 110))
    words = (
        "The gradient of the loss with respect to each pixel; only its sign counts.\n"
        f"result = x + eps · sign, eps = {EPS:g}, clipped to 0 to 1 (orange)."
    )
    write(axes, WIDTH / 2, 212, words, size=14, linespacing=1.5)
    canvas.save_png(axes, path)


# cue_conflict.png ---------------------------------------------------------------------------------

CUES = (3, 1)  # the shape of a star with the texture of a square


def cue_conflict_figure(path: Path) -> None:
    """Show two classes with their own textures, and the shape of one with the other's."""
    own, labels = shapes_and_textures(12, seed=2)
    mixed, of_shape, of_texture = cue_conflict(30, seed=2)
    shape, texture = CUES
    require_alt_text(path.name, SHAPES[shape], TEXTURES[texture], SHAPES[texture])
    first = {label: photo(own[labels == label][0]) for label in range(len(SHAPES))}
    (place,) = np.flatnonzero((of_shape == shape) & (of_texture == texture))
    axes = canvas.new_canvas(412, scale=2)
    write(axes, WIDTH / 2, 20, "training pictures: each shape with its own texture", **TITLE)
    for label, image in first.items():
        left = 12 + 98 * label
        show(axes, left, 40, 86, 86, image)
        write(axes, left + 43, 142, f"{SHAPES[label]},\n{TEXTURES[label]}", size=13, va="top")
    axes.plot((12, 588), (192, 192), color=style.GRID, lw=1)
    write(axes, WIDTH / 2, 212, "cue conflict", **TITLE)
    for left, label, words in (
        (12, shape, f"shape: {SHAPES[shape]}"),
        (176, texture, f"texture: {TEXTURES[texture]}"),
    ):
        show(axes, left, 232, 128, 128, first[label])
        write(axes, left + 64, 376, words, size=14)
    write(axes, 158, 296, "+", size=24)
    arrow(axes, (310, 296), (332, 296), lw=2)
    show(axes, 340, 232, 128, 128, photo(mixed[place]))
    write(axes, 404, 376, f"{SHAPES[shape]} of {TEXTURES[texture]}", size=14)
    for y, label, words, color in (
        (262, shape, "by shape", style.KERNEL),
        (332, texture, "by texture", style.WINDOW),
    ):
        arrow(axes, (474, 296), (494, y), color=color, lw=2)
        text = f"“{SHAPES[label]}”\n{words}"
        write(axes, 546, y, text, size=14, color=color, linespacing=1.25)
    write(axes, WIDTH / 2, 400, "What does the net call it?", size=14)
    save_colors(axes, path)


# maximisation.png ---------------------------------------------------------------------------------

CHANNEL, STEPS = 2, (0, 4, 12, 48)


def maximisation(path: Path) -> None:
    """Show the loop of activation maximisation and pictures from a real run."""
    name = SHAPES[CHANNEL]
    require_alt_text(path.name, name, f"{STEPS[-1]} steps", TEXTURES[CHANNEL])
    axes = canvas.new_canvas(452, scale=2)
    boxes = [
        (110, 70, "picture", style.WINDOW),
        (300, 70, "jitter: shift by\na few pixels", style.MUTED),
        (490, 70, "net, up to\nthe layer", style.KERNEL),
        (490, 190, "mean activation\nof one channel", style.OUTPUT),
        (300, 190, "gradient with respect\nto the picture", style.KERNEL),
        (110, 190, "step uphill, less\npenalties (TV, L2);\nat times blur", style.MUTED),
    ]
    write(axes, WIDTH / 2, 20, "the loop of activation maximisation", **TITLE)
    for x, y, words, color in boxes:
        look = {"boxstyle": "round,pad=0,rounding_size=6", "fc": tint(color, 0.2), "ec": color}
        axes.add_patch(FancyBboxPatch((x - 78, y - 32), 156, 64, lw=1.5, **look))
        write(axes, x, y, words, size=13.5, linespacing=1.25)
    for start, end in (
        ((188, 70), (220, 70)),
        ((378, 70), (410, 70)),
        ((490, 102), (490, 156)),
        ((412, 190), (380, 190)),
        ((222, 190), (190, 190)),
        ((110, 158), (110, 104)),
    ):
        arrow(axes, start, end, lw=1.8)
    axes.plot((12, 588), (244, 244), color=style.GRID, lw=1)
    write(
        axes, WIDTH / 2, 266, f"a small net's logit of “{name}”, jitter and frequency on", size=14
    )
    for index, steps in enumerate(STEPS):
        left = 20 + 144 * index
        found = maximise(
            trained_net(), CHANNEL, 64, max(steps, 1), jitter=True, frequency=True,
            report=lambda step: None,
        )  # fmt: skip
        image = found.picture if steps else found.start
        show(axes, left, 284, 128, 128, image.transpose(1, 2, 0))
        words = f"after {steps} steps" if steps else "noise"
        write(axes, left + 64, 430, words, size=14)
    save_colors(axes, path)


FIGURES = {
    "hook.png": hook,
    "occlusion.gif": occlusion,
    "gradients.png": gradients,
    "grad_cam.png": grad_cam,
    "sanity.png": sanity,
    "fgsm.png": fgsm,
    "cue_conflict.png": cue_conflict_figure,
    "maximisation.png": maximisation,
}

if __name__ == "__main__":
    canvas.draw_all("feature_visualization", FIGURES)
