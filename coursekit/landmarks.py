"""Landmark networks in numbers: counted on torchvision's models, without weights or downloads.

The models are built on PyTorch's "meta" device, which keeps shapes and no numbers, so even a
large network takes no memory and next to no time.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from coursekit import style
from coursekit.drawing import open_axes, shown_figure

INPUT = (1, 3, 224, 224)  # N x C x H x W: one picture of ImageNet as these networks take it

# When each network was first published.
YEARS = {
    "alexnet": 2012,  # Krizhevsky, Sutskever, Hinton, NeurIPS 2012
    "vgg16": 2014,  # Simonyan, Zisserman, arXiv:1409.1556
    "googlenet": 2014,  # Szegedy et al., arXiv:1409.4842
    "resnet18": 2015,  # He, Zhang, Ren, Sun, arXiv:1512.03385
    "resnet50": 2015,
    "resnet152": 2015,
    "squeezenet1_1": 2016,  # Iandola et al., arXiv:1602.07360
    "densenet121": 2016,  # Huang, Liu, van der Maaten, Weinberger, arXiv:1608.06993
    "mobilenet_v2": 2018,  # Sandler et al., arXiv:1801.04381
    "efficientnet_b0": 2019,  # Tan, Le, arXiv:1905.11946
}


class Landmark(NamedTuple):
    """One row of the table."""

    name: str
    year: int
    layers: int  # convolutions and linear layers on the longest path from input to output
    parameters: int  # weights and biases that are learned
    multiply_adds: int  # of all convolutions and linear layers, for one picture


def landmarks(names=None):
    """Count the landmark networks for one picture of 3 x 224 x 224 and 1,000 classes.

    torchvision's AlexNet is the one-tower version of Krizhevsky (arXiv:1404.5997). GoogLeNet is
    counted as it answers: without the two auxiliary heads, which serve in training only.

    Args:
        names: some of the keys of `YEARS`; None takes them all.

    Returns:
        A list of Landmark(name, year, layers, parameters, multiply_adds), oldest first.

    Raises:
        ValueError: a name that isn't in `YEARS`.
    """
    names = list(YEARS) if names is None else list(names)
    if unknown := set(names) - set(YEARS):
        known = ", ".join(YEARS)
        raise ValueError(f"no landmark is called {', '.join(sorted(unknown))}; choose from {known}")
    return [landmark(name, YEARS[name], _build(name)) for name in sorted(names, key=YEARS.get)]


def landmark(name, year, model, input_shape=INPUT):
    """Return the row of any model, like your own: `landmark("mine", 2025, net, (1, 1, 32, 32))`."""
    layers, work = _trace(model, input_shape)
    parameters = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    return Landmark(name, year, layers, parameters, work)


def multiply_adds(model, input_shape):
    """Count the multiplications, each with its addition, that a model does to a batch.

    What the modules Conv1d, Conv2d, Conv3d and Linear do is counted; biases, normalisation,
    activations and pooling are left out, as is usual.

    Args:
        model: a torch.nn.Module; it isn't changed.
        input_shape: (N, C, H, W) of the batch; N = 1 for the work on one picture.

    Raises:
        ValueError: the model can't take such a batch.
    """
    return _trace(model, input_shape)[1]


def show_landmarks(rows):
    """Print the table, and plot multiply-adds over years; a disc's area is the parameters.

    Args:
        rows: what `landmarks()` returned, or rows of your own from `landmark(...)`.
    """
    from matplotlib.ticker import LogLocator

    print(_table(rows))
    years, _, parameters, work = np.array([row[1:] for row in rows], dtype=float).T
    areas = 15 + 1500 * parameters / parameters.max()
    points = np.stack([years, work / 1e9], axis=1)
    with shown_figure([None], size=(7.0, 4.4)) as (panel,):
        panel.scatter(*points.T, s=areas, color=style.KERNEL, alpha=0.45, linewidth=0)
        panel.scatter(*points.T, s=6, color=style.INK, linewidth=0)
        panel.set(xlabel="year of publication", yscale="log")
        panel.set_ylabel("multiply-adds for one picture (billions)")
        panel.set_xticks(np.arange(years.min(), years.max() + 1))
        panel.margins(x=0.16, y=0.16)
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_formatter("")
        open_axes(panel)
        about = f"area of a disc: parameters\n(largest: {parameters.max() / 1e6:,.4g} million)"
        panel.text(0.99, 0.98, about, transform=panel.transAxes, ha="right", va="top", fontsize=8)
        _name_points(panel, [row.name for row in rows], points, areas)


def _build(name):
    import torch
    from torchvision import models

    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        return models.get_model(name, weights=None, **options)


def _trace(model, input_shape):
    """Run a copy of a model without numbers: layers on the longest path, multiply-adds."""
    import copy

    import torch
    from torch import nn

    net = copy.deepcopy(model).to("meta").eval()
    work, nodes = [], []

    def count(layer, inputs, output):
        work.append(output.numel() * layer.weight[0].numel())  # each output: one sum of products
        nodes.append(output.grad_fn)

    for layer in net.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)):
            layer.register_forward_hook(count)
    # An input with gradients makes PyTorch write down what was computed from what.
    batch = torch.zeros(input_shape, device="meta", requires_grad=True)
    try:
        output = net(batch)
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"the model can't take a batch {tuple(input_shape)}: {error}") from error
    return _longest_path(output.grad_fn, set(nodes)), sum(work)


def _longest_path(last, counted):
    """The most nodes of `counted` on any way from `last` back to the input."""
    longest, waiting = {None: 0}, [last]
    while waiting:  # a loop, since deep networks exceed the depth of Python's recursion
        node = waiting.pop()
        if node in longest:
            continue
        before = [earlier for earlier, _ in node.next_functions]
        missing = [earlier for earlier in before if earlier not in longest]
        if missing:
            waiting += [node, *missing]
        else:
            longest[node] = max((longest[n] for n in before), default=0) + (node in counted)
    return longest[last]


def _table(rows):
    wide = max(7, *(len(row.name) for row in rows))
    head = f"{'network':{wide}}  year  layers   parameters   multiply-adds"
    lines = [
        f"{row.name:{wide}}  {row.year}  {row.layers:6}  {row.parameters:11,}  "
        f"{row.multiply_adds:14,}"
        for row in rows
    ]
    return "\n".join([head, *lines])


def _name_points(panel, names, points, areas):
    """Write the names beside their discs, where they cover no other disc and no other name."""
    panel.figure.canvas.draw()
    pixel = panel.figure.dpi / 72
    centers, radii = panel.transData.transform(points), np.sqrt(areas / np.pi) * pixel
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(centers, radii, strict=True)]
    taken.append(panel.texts[0].get_window_extent().extents)
    for name, center, radius in zip(names, centers, radii, strict=True):
        text = panel.annotate(name, (0, 0), fontsize=8.5, color=style.INK, annotation_clip=False)
        for away, angle in product((4, 10, 18, 28, 40), (0, 180, 90, 270, 45, 315, 135, 225)):
            box = _move(text, panel, center, radius + away * pixel, angle)
            inside = panel.bbox.x0 <= box[0] and box[2] <= panel.bbox.x1
            if inside and not any(_overlap(box, other) for other in taken):
                break
        taken.append(box)


def _move(text, panel, center, distance, angle):
    """Put a text at a distance from a point, on the side of `angle`; return its box in pixels."""
    direction = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]).round(9)
    text.set_position(panel.transData.inverted().transform(center + distance * direction))
    text.set_ha({0: "center", 1: "left", -1: "right"}[np.sign(direction[0])])
    text.set_va({0: "center", 1: "bottom", -1: "top"}[np.sign(direction[1])])
    return text.get_window_extent().extents


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
