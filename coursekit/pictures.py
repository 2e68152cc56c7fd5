"""One call makes one picture: images, filters, signals, your answer beside the right one.

Images are H x W x C arrays with one or three channels; one channel may also come as H x W.
"""

import textwrap

import numpy as np

from coursekit import style
from coursekit.drawing import (
    WAITING,
    as_image,
    draw,
    legend_beside,
    list_awaited,
    numbers,
    prepare,
    say,
    scale,
    short,
    shown_figure,
    whole_numbers,
)


def show_image(image, title="", values=None, signed=None, limits=None):
    """Show one image; one channel with a negative value becomes a signed map.

    Args:
        image: H x W, H x W x 1 or H x W x 3. Colours and grays run from 0 to 1, or from 0 to
            the largest value where that is above 1.
        title: text above the picture.
        values: write the numbers into the pixels; None does so up to 10 x 10 pixels.
        signed: True for blue-white-red around zero, False for grays; None looks at the values.
        limits: (low, high), the values at the two ends of the colours.

    Raises:
        ValueError: not an image, or colours with negative values.
    """
    ready = prepare(image, "image", signed, limits)
    with shown_figure([ready]) as (panel,):
        draw(panel, *ready, title=title, values=values)


def show_images(images, signed=None, limits=None):
    """Show several images in a row, four at most before the next row starts.

    Args:
        images: {"title": image}; None in an image's place: your code isn't there yet.
        signed, limits: as for `show_image`, for every image.
    """
    ready = {
        title: None if image is None else prepare(image, title, signed, limits)
        for title, image in images.items()
    }
    with shown_figure(list(ready.values())) as panels:
        for panel, (title, image) in zip(panels, ready.items(), strict=True):
            if image is None:
                say(panel, WAITING, title, "equal")
            else:
                draw(panel, *image, title=title)


def show_kernels(kernels):
    """Show filters with their numbers, on one colour scale: blue negative, red positive.

    Args:
        kernels: {"name": kernel}, each k x k, or k x k x C for one panel a channel.

    Raises:
        ValueError: a kernel that is neither.
    """
    planes, channels = {}, 1
    for name, kernel in kernels.items():
        array = numbers(kernel, name)
        if array.ndim not in (2, 3) or array.size == 0:
            raise ValueError(f"{name}: expected a kernel k x k or k x k x C, got {array.shape}")
        layers = array.reshape(*array.shape[:2], -1)
        channels = max(channels, layers.shape[2])
        for channel in range(layers.shape[2]):
            title = f"{name}\nchannel {channel}" if layers.shape[2] > 1 else name
            planes[title] = layers[:, :, channel]
    end = max((np.abs(plane).max() for plane in planes.values()), default=0) or 1.0
    ready = [prepare(plane, title, True, (-end, end)) for title, plane in planes.items()]
    with shown_figure(ready, per_row=channels if channels > 1 else 5, widest=2.1) as panels:
        for panel, title, kernel in zip(panels, planes, ready, strict=True):
            draw(panel, *kernel, title=title, bar=False)


def show_comparison(target, yours, title=""):
    """Show the right answer, yours, and yours minus the right one.

    Args:
        target: the right answer, an image as for `show_image`.
        yours: your answer. What can't be drawn (None, no array, another shape) is said in words.
        title: text above the three.
    """
    right, answer = prepare(target, "target"), None
    problem = _problem(yours)
    if problem is None:
        answer = prepare(yours, "yours")
        if np.shape(yours) != np.shape(target):
            problem = f"shapes differ:\nyours {np.shape(yours)}\ntarget {np.shape(target)}"
        else:  # one scale, so that equal colours mean equal values
            cmap, limits = scale(np.stack([as_image(target), as_image(yours)]))
            right, answer = (
                prepare(array, signed=cmap == style.SIGNED, limits=limits)
                for array in (target, yours)
            )
    with shown_figure([right, answer, None], title=title) as panels:
        draw(panels[0], *right, title="target")
        if answer is None:
            say(panels[1], problem, "yours", "equal")
        else:
            draw(panels[1], *answer, title="yours")
        if problem is None:
            _draw_difference(panels[2], as_image(yours) - as_image(target), limits[1])
        else:
            words = problem if answer else "nothing to compare yet"
            say(panels[2], words, "difference", "equal")


def show_signals(signals, xlabel="t", stems=False):
    """Show one-dimensional signals over their sample index.

    Args:
        signals: {"label": 1-D array}; None in a signal's place: it is listed as waiting.
        xlabel: name of the sample index.
        stems: True draws each sample as a stem (signals stand side by side), False as a curve.

    Raises:
        ValueError: a signal that is not one-dimensional.
    """
    ready = {k: None if s is None else numbers(s, k) for k, s in signals.items()}
    for label, signal in ready.items():
        if signal is not None and (signal.ndim != 1 or signal.size == 0):
            raise ValueError(f"{label}: expected a 1-D signal, got shape {signal.shape}")
    with shown_figure([None], size=(7.0, 2.9)) as (panel,):
        panel.axhline(0, color=style.GRID, linewidth=0.8, zorder=0)
        for place, (label, signal) in enumerate(ready.items()):
            color, mark = style.CYCLE[place % 5], style.MARKS[place % 5]
            if signal is None:
                list_awaited(panel, label)
                continue
            index = np.arange(signal.size) + (0.12 * place if stems else 0)
            if stems:
                panel.vlines(index, 0, signal, color=color, linewidth=1.4)
            mark = mark if stems or signal.size <= 60 else None
            line = "none" if stems else "-"
            panel.plot(index, signal, color=color, marker=mark, ms=4, linestyle=line, label=label)
        panel.set(xlabel=f"{xlabel} (sample index)", ylabel="value")
        panel.xaxis.set_major_locator(whole_numbers())
        panel.spines[["top", "right"]].set_visible(False)
        if ready:
            legend_beside(panel)


def _problem(yours):
    if yours is None:
        return WAITING
    if not hasattr(yours, "shape"):
        return f"not an array\nbut a {type(yours).__name__}"
    try:
        prepare(yours, "yours")
    except ValueError as error:
        return textwrap.fill(str(error), 30)
    return None


def _draw_difference(panel, difference, size):
    if difference.ndim == 3:  # the channel that is farthest off, pixel by pixel
        worst = np.abs(difference).argmax(axis=2)[:, :, np.newaxis]
        difference = np.take_along_axis(difference, worst, axis=2)[:, :, 0]
    sizes = np.abs(difference[np.isfinite(difference)])
    largest = sizes.max() if sizes.size else 0.0
    end = max(largest, 1e-5 * max(1.0, size))  # rounding errors stay white
    found = f"largest size {short(largest)}"
    if sizes.size < difference.size:
        found = "NaN or infinite in places"
    ready = prepare(difference, "difference", True, (-end, end))
    title = f"difference: yours \N{MINUS SIGN} target\n{found}"
    draw(panel, *ready, title=title, bar=end == largest)
