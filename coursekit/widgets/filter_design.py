"""Something to play with: families of filters, from their kernel to what they do to a photo.

Where widgets can't run (a web page, a viewer without Python) the first picture shows instead.
"""

import numpy as np

from coursekit import drawing, filtering, photos, style
from coursekit.widgets import live

LARGEST = 31  # rows and columns of the largest kernel
NUMBERS_SIDE = 5  # up to this many rows, the weights fit into their pixels
PHOTO_WIDTH, REST_WIDTH, HEIGHT = 3.2, 5.65, 3.4  # inches
FIRST = ("first derivative", 9, 1.5, 30)  # family, size, sigma, angle in degrees


def filter_explorer(photo=None):
    """Choose a family of filters, its size, sigma and angle; watch kernel, profile and response.

    Args:
        photo: H x W or H x W x 1 with values from 0 to 1, at least 31 x 31 pixels; None takes the
            cat. Above about 300 x 300 pixels the sliders follow more slowly.

    Raises:
        ValueError: a photo with several channels, or smaller than the largest kernel.
    """
    photo = photos.gray("cat", size=(150, 226)) if photo is None else photo
    photo = drawing.one_channel(photo, "photo")
    if min(photo.shape) < LARGEST:
        raise ValueError(
            f"photo: {photo.shape} is smaller than the largest kernel; "
            f"give at least {LARGEST} x {LARGEST} pixels"
        )
    kernel, response = _filter(photo, *FIRST)
    words = describe_filter(kernel, response, *FIRST)
    figure = draw_filter(photo, kernel, response, *FIRST)
    live.show(lambda: _Explorer(photo).box, figure, words)


def draw_filter(photo, kernel, response, name, size, sigma, degrees):
    """Draw the photo, the kernel above its profile, and the response.

    Args:
        photo, kernel, response: H x W each; None in the photo's place leaves it out.
        name, size, sigma, degrees: how the kernel was made; the angle in degrees.

    Returns:
        A Matplotlib Figure; its axes are labelled "photo", "kernel", "profile" and "response".
    """
    left = 0 if photo is None else PHOTO_WIDTH
    figure = drawing.new_figure(left + REST_WIDTH, HEIGHT)
    if photo is not None:
        _draw_image(figure, "photo", drawing.prepare(photo, "photo"), 0.55, 2.55)
    theta = np.radians(degrees) if name in filtering.ORIENTED else 0.0
    _draw_kernel(figure, kernel, theta, left + 0.7, arrow=name in filtering.ORIENTED)
    angle = f"{degrees if theta else 0}°"
    _draw_profile(figure, kernel, theta, left + 0.7, f"pixels from the middle, along {angle}")
    ready = drawing.prepare(response, "response", None if name == "Gaussian" else True)
    end = drawing.short(ready[2][1])
    signed = ready[1] == style.SIGNED
    title = f"response, blue \N{MINUS SIGN}{end} to red {end}" if signed else "response"
    _draw_image(figure, "response", ready, left + 2.95, 2.55, title)
    return figure


def describe_filter(kernel, response, name, size, sigma, degrees):
    """Say in one line what was chosen and what came out (arguments as for `draw_filter`)."""
    angle = f", angle {degrees}°" if name in filtering.ORIENTED else ""
    low, high = drawing.short(response.min()), drawing.short(response.max())
    cut = ""
    if size // 2 < 2 * sigma:
        cut = " The window is small for this sigma: it cuts the filter off."
    return (
        f"{name} {size} × {size}, sigma {drawing.short(sigma)} px{angle}: "
        f"weights add up to {drawing.short(kernel.sum())}; response {low} to {high}.{cut}"
    )


class _Explorer:
    """The live explorer: `box` holds the controls, the line of words and the picture."""

    def __init__(self, photo):
        import ipywidgets as w

        self.photo = photo
        name, size, sigma, degrees = FIRST
        options = {"options": filtering.FAMILIES, "value": name}
        self.family = w.Dropdown(**options, description="family", style=live.WIDE)
        self.size = w.IntSlider(size, 3, LARGEST, 2, description="size (pixels)", style=live.WIDE)
        limits = {"min": 0.5, "max": 6.0, "step": 0.1, "readout_format": ".1f"}
        self.sigma = w.FloatSlider(sigma, **limits, description="sigma (pixels)", style=live.WIDE)
        self.angle = w.IntSlider(degrees, 0, 360, 5, description="angle (degrees)", style=live.WIDE)
        self.reason, self.text = w.HTML(), w.HTML()
        # The photo stays, so it is a picture of its own: less to draw when a slider moves.
        self.still, self.picture = w.Image(format="png"), w.Image(format="png")
        for part, inches in ((self.still, PHOTO_WIDTH), (self.picture, REST_WIDTH)):
            grow = {"flex": f"{inches} 1 {72 * inches:.0f}px", "max_width": f"{102 * inches:.0f}px"}
            part.layout = {**grow, "min_width": "0", "align_self": "flex-start"}
        self.still.value = drawing.png(_photo_alone(photo))
        controls = (self.family, 250), (self.size, 290), (self.sigma, 290), (self.angle, 310)
        for part, width in (*controls, (self.reason, 480)):
            part.layout.width = f"{width}px"
        row = w.HBox([*(part for part, _ in controls), self.reason], layout=live.WRAP)
        pictures = w.HBox([self.still, self.picture], layout=live.WRAP)
        self.box = w.VBox([row, self.text, pictures])
        for control, _ in controls:
            control.observe(self._redraw, "value")
        self._redraw()

    def _redraw(self, change=None):
        name = self.family.value
        self.angle.disabled = name not in filtering.ORIENTED
        self.reason.value = f"no angle: {_SAME[name]}" if self.angle.disabled else ""
        chosen = (name, self.size.value, self.sigma.value, self.angle.value)
        kernel, response = _filter(self.photo, *chosen)
        self.picture.value = drawing.png(draw_filter(None, kernel, response, *chosen))
        self.text.value = describe_filter(kernel, response, *chosen)


_SAME = {
    name: f"the {name} is the same in every direction"
    for name in filtering.FAMILIES
    if name not in filtering.ORIENTED
}


def _filter(photo, name, size, sigma, degrees):
    kernel = filtering.family(name, size, sigma, np.radians(degrees))
    return kernel, filtering.convolve(photo, kernel)


def _photo_alone(photo):
    figure = drawing.new_figure(PHOTO_WIDTH, HEIGHT)
    _draw_image(figure, "photo", drawing.prepare(photo, "photo"), 0.55, 2.55)
    return figure


def _panel(figure, label, left, side, top=0.3):
    """Axes of `side` x `side` inches; what is drawn inside hangs from the top."""
    return live.add_axes(figure, (left, top), (side, side), label=label, anchor="N")


def _draw_image(figure, label, ready, left, side, title=None):
    panel = _panel(figure, label, left, side)
    drawing.draw(panel, *ready, values=False, bar=False)
    live.set_title(panel, title or label)
    rows, columns = ready[0].shape
    panel.set_xticks([0, columns - 1])  # few: each tick costs drawing time
    panel.set_yticks([0, rows - 1])
    panel.yaxis.labelpad = -10


def _draw_kernel(figure, kernel, theta, left, arrow):
    panel, size = _panel(figure, "kernel", left, 1.5), len(kernel)
    few = size <= NUMBERS_SIDE
    ready = drawing.prepare(kernel, "kernel", signed=True)
    drawing.draw(panel, *ready, values=few, bar=False)
    panel.set(xlabel="", ylabel="", xticks=[], yticks=[])
    live.set_title(panel, f"kernel {size} × {size}")
    if arrow and not few:
        reach = 0.45 * size * np.array([np.cos(theta), -np.sin(theta)])  # rows grow downwards
        middle = np.full(2, (size - 1) / 2)
        look = {"arrowstyle": "->", "color": style.INK, "lw": 1.2}
        panel.annotate("", xy=middle + reach, xytext=middle - reach, arrowprops=look)


def _draw_profile(figure, kernel, theta, left, label):
    panel = live.add_axes(figure, (left, HEIGHT - 1.3), (1.5, 0.8), label="profile")
    cut = filtering.profile(kernel, theta)
    half, end = len(cut) // 2, np.abs(kernel).max() or 1.0
    panel.axhline(0, color=style.GRID, linewidth=0.8)
    panel.plot(np.arange(-half, half + 1), cut, color=style.KERNEL, marker="o", ms=3, lw=1.4)
    panel.set_xlabel(label, fontsize=8)
    panel.set_ylabel("weight", fontsize=8, labelpad=1)
    panel.set_xticks([-half, 0, half])
    panel.set_yticks([-end, 0, end], [drawing.short(y) for y in (-end, 0, end)])
    panel.set_ylim(-1.2 * end, 1.2 * end)
    drawing.open_axes(panel)
