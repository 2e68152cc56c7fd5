"""Two things to play with: a window that slides step by step, and a filter that you edit.

Where widgets can't run (a web page, a viewer without Python) the first picture shows instead.
"""

import numpy as np

from coursekit import drawing, photos, style
from coursekit.widgets import live

ROWS = ("00000000", "00990003", "00990003", "00990003", "00996603", "00996603", "00000000")
IMAGE = np.array([list(row) for row in ROWS], dtype=np.float64)
EDGE = np.array([[1.0, 0.0, -1.0]] * 3)
KERNELS = {
    "vertical edge": EDGE,
    "horizontal edge": EDGE.T,
    "identity": np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box blur": np.ones((3, 3)),
    "soft blur": np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]),
}


def convolution_stepper(image=None, kernels=None):
    """Slide a window over a small image, one step at a time; choose kernel, stride, padding.

    Args:
        image: H x W or H x W x 1, at most about 12 x 12 to stay readable; None takes ours.
        kernels: {"name": k x k array}, as they are applied (nothing is flipped); None takes ours.

    Raises:
        ValueError: an image with several channels, or a kernel that is larger than the image.
    """
    image = drawing.one_channel(IMAGE if image is None else image, "image")
    if kernels is None:  # blurs keep the brightness when their weights add up to 1
        kernels = {name: kernel / max(1, kernel.sum()) for name, kernel in KERNELS.items()}
    kernels = {name: drawing.one_channel(kernel, name) for name, kernel in kernels.items()}
    for name, kernel in kernels.items():
        _slide(image, kernel, 1, 0, name)  # refuses a kernel that doesn't fit
    first = next(iter(kernels.values()))
    words = describe_step(image, first)
    live.show(lambda: _Stepper(image, kernels).box, draw_step(image, first), words)


def kernel_editor(photo=None):
    """Type the nine numbers of a filter and watch what it does to a photo.

    Args:
        photo: H x W or H x W x 1 with values from 0 to 1; None takes a brick wall.

    Raises:
        ValueError: a photo with several channels.
    """
    photo = photos.gray("brick", size=(160, 160)) if photo is None else photo
    photo = drawing.one_channel(photo, "photo")
    first = next(iter(KERNELS.values()))
    words = _describe_response(photo, first)
    live.show(lambda: _Editor(photo).box, _draw_response(photo, first), words)


def draw_step(image, kernel, step=0, stride=1, padding=0):
    """Draw one position of the window: input, kernel, products with their sum, output so far.

    Args:
        image, kernel: H x W and k x k.
        step: which position, counted from 0, row by row.
        stride: pixels from one position to the next.
        padding: rings of zeros around the image.

    Returns:
        A Matplotlib Figure; its axes are labelled "input", "kernel", "products" and "output".
    """
    image, kernel = drawing.one_channel(image, "image"), drawing.one_channel(kernel, "kernel")
    padded, response = _slide(image, kernel, stride, padding)
    row, column = divmod(step, response.shape[1])
    corner = (row * stride, column * stride)
    window = padded[tuple(slice(c, c + k) for c, k in zip(corner, kernel.shape, strict=True))]
    ring = np.pad(np.zeros(image.shape, dtype=bool), padding, constant_values=True)
    to_come = np.arange(response.size).reshape(response.shape) > step
    heaviest = np.abs(kernel).max() or 1.0
    loudest = heaviest * (np.abs(image).max() or 1.0)  # one scale for the products of all steps
    cell = min(0.4, 3.0 / padded.shape[0], 3.4 / padded.shape[1], 2.6 / response.shape[1])
    big = 1.2 / max(kernel.shape)

    figure = drawing.new_figure(9.0, 4.3)
    panel = _draw_grid(figure, "input", padded, (0.5, 0.4), cell, mask=ring)
    for place in zip(*np.nonzero(ring), strict=True):
        panel.text(*place[::-1], "0", color=style.MUTED, ha="center", va="center", fontsize=8)
    never = _never_reached(padded.shape, kernel.shape, response.shape, stride)
    strips = [((lost, 0), (1, padded.shape[1])) for lost in never[0]]
    strips += [((0, lost), (padded.shape[0], 1)) for lost in never[1]]
    for start, shape in strips:
        drawing.frame(panel, start, shape, style.MUTED, hatch="////", linewidth=0)
    drawing.frame(panel, corner, kernel.shape, style.WINDOW)

    panel = _draw_grid(figure, "kernel", kernel, (4.45, 0.4), big, scale=heaviest)
    drawing.frame(panel, (0, 0), kernel.shape, style.KERNEL)
    panel = _draw_grid(figure, "products", window * kernel, (4.45, 2.15), big, scale=loudest)
    panel.title.set_text("window × kernel")
    total = f"sum = {drawing.short(response[row, column])}"
    panel.set_xlabel(total, fontsize=11, color=style.OUTPUT, fontweight="bold")
    drawing.frame(panel, (0, 0), kernel.shape, style.WINDOW)

    panel = _draw_grid(figure, "output", response, (6.3, 0.4), cell, mask=to_come)
    drawing.frame(panel, (row, column), (1, 1), style.OUTPUT)
    lines = _size_lines(image.shape, kernel.shape, response.shape, stride, padding, never)
    figure.text(0.015, 0.02, lines, fontsize=9.5, color=style.INK, linespacing=1.5)
    return figure


def describe_step(image, kernel, step=0, stride=1, padding=0):
    """Say in one line where the window is and what it gives (arguments as for `draw_step`)."""
    _, response = _slide(image, kernel, stride, padding)
    row, column = divmod(step, response.shape[1])
    top, left = row * stride, column * stride
    return (
        f"step {step + 1} of {response.size}: window on rows {top} to {top + len(kernel) - 1}, "
        f"columns {left} to {left + kernel.shape[1] - 1}; "
        f"output[{row}, {column}] = {drawing.short(response[row, column])}"
    )


class _Stepper:
    """The live stepper: `box` holds the controls, the picture and a line of text."""

    def __init__(self, image, kernels):
        import ipywidgets as w

        self.image, self.kernels = image, kernels
        self.kernel = w.Dropdown(options=list(kernels), description="kernel", style=live.WIDE)
        self.stride = w.IntSlider(1, 1, 4, description="stride", style=live.WIDE)
        self.padding = w.IntSlider(0, 0, 2, description="padding", style=live.WIDE)
        self.step = w.IntSlider(0, 0, 1, description="step", style=live.WIDE, readout=False)
        self.play = w.Play(interval=700, min=0)
        w.jslink((self.play, "value"), (self.step, "value"))
        self.back, self.next = w.Button(description="previous"), w.Button(description="next")
        self.text, self.picture = w.HTML(), live.live_picture(900)
        choices = (self.kernel, 210), (self.stride, 210), (self.padding, 210)
        walk = (self.play, 130), (self.back, 90), (self.next, 90), (self.step, 330)
        for part, width in (*choices, *walk):
            part.layout.width = f"{width}px"
        rows = [w.HBox([part for part, _ in row], layout=live.WRAP) for row in (choices, walk)]
        self.box = w.VBox([*rows, self.text, w.HBox([self.picture])])
        self.back.on_click(lambda _: self._move(-1))
        self.next.on_click(lambda _: self._move(1))
        self.step.observe(self._redraw, "value")
        for control in (self.kernel, self.stride, self.padding):
            control.observe(self._restart, "value")
        self._restart()

    def _move(self, by):
        self.step.value = min(max(self.step.value + by, 0), self.step.max)

    def _restart(self, change=None):
        kernel, stride, padding = self._settings()
        last = _slide(self.image, kernel, stride, padding)[1].size - 1
        with live.unwatched(self.step, self._redraw):  # draw once, below
            if last != self.step.max:  # another path: begin again; else stay to compare kernels
                self.step.value = self.play.value = 0
                self.step.max = self.play.max = last
        self._redraw()

    def _redraw(self, change=None):
        kernel, stride, padding = self._settings()
        state = (self.image, kernel, self.step.value, stride, padding)
        self.picture.value = drawing.png(draw_step(*state))
        self.text.value = describe_step(*state)

    def _settings(self):
        return self.kernels[self.kernel.value], self.stride.value, self.padding.value


class _Editor:
    """The live kernel editor: `box` holds the nine numbers, the options and the picture."""

    def __init__(self, photo):
        import ipywidgets as w

        self.photo, self.loading = photo, False
        self.cells = [w.FloatText(value, layout={"width": "62px"}) for value in EDGE.ravel()]
        self.preset = w.Dropdown(options=[*KERNELS, "my own"], layout={"width": "195px"})
        self.divide = w.Checkbox(description="divide by the sum", indent=False)
        self.divide.layout.width = "195px"
        self.text, self.picture = w.HTML(), live.live_picture(660)
        rows = [w.HBox(self.cells[start : start + 3]) for start in (0, 3, 6)]
        controls = w.VBox([self.preset, *rows, self.divide], layout={"min_width": "215px"})
        beside = w.HBox([controls, self.picture], layout=live.WRAP)
        self.box = w.VBox([beside, self.text])
        self.preset.observe(self._load, "value")
        for control in (*self.cells, self.divide):
            control.observe(self._edited, "value")
        self._redraw()

    def _load(self, change):
        if change["new"] == "my own":
            return
        self.loading = True  # nine numbers change, one picture is drawn
        for cell, value in zip(self.cells, KERNELS[change["new"]].ravel(), strict=True):
            cell.value = value
        self.divide.value = change["new"].endswith("blur")
        self.loading = False
        self._redraw()

    def _edited(self, change):
        if self.loading:
            return
        if change["owner"] is not self.divide:
            self.preset.value = "my own"
        self._redraw()

    def _redraw(self):
        kernel = np.array([cell.value for cell in self.cells]).reshape(3, 3)
        total, note = kernel.sum(), ""
        if self.divide.value and abs(total) < 1e-9:
            note = "The sum is 0, so nothing is divided. "
        elif self.divide.value:
            kernel = kernel / total
        self.picture.value = drawing.png(_draw_response(self.photo, kernel))
        self.text.value = note + _describe_response(self.photo, kernel)


def _slide(image, kernel, stride, padding, name="kernel"):
    """The padded image, and OpenCV's response at every position of the window."""
    import cv2  # here, so that pictures alone never need it

    padded = np.pad(image, padding)
    room = [size - k for size, k in zip(padded.shape, kernel.shape, strict=True)]
    if min(room) < 0:
        raise ValueError(f"{name} {kernel.shape} is larger than the padded image {padded.shape}")
    # The anchor puts the window's top left corner on the pixel; OpenCV doesn't flip kernels.
    full = cv2.filter2D(padded, -1, kernel, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    return padded, full[: room[0] + 1 : stride, : room[1] + 1 : stride]


def _draw_grid(figure, label, array, corner, cell, mask=False, scale=None):
    """Draw square cells of `cell` inches; `corner` is their left and top edge on the figure."""
    rows, columns = array.shape
    panel = live.add_axes(figure, corner, (columns * cell, rows * cell), label=label)
    fixed = (True, (-scale, scale)) if scale else (None, None)
    _, cmap, limits = drawing.prepare(array, label, *fixed)
    shown = np.ma.array(array, mask=mask)
    drawing.draw(panel, shown, cmap, limits, f"{label} ({rows} × {columns})", True, bar=False)
    if scale:
        panel.set(xticks=[], yticks=[], xlabel="", ylabel="")
        drawing.set_title(panel, label)
    else:
        panel.set(xlabel="column", ylabel="row")
    return panel


def _never_reached(padded, kernel, output, stride):
    """The rows and the columns of the padded image that no position of the window covers."""
    never = []
    for size, k, positions in zip(padded, kernel, output, strict=True):
        reached = {n * stride + inside for n in range(positions) for inside in range(k)}
        never.append(sorted(set(range(size)) - reached))
    return never


def _size_lines(image, kernel, output, stride, padding, never):
    rows, columns = (
        f"floor(({size} + 2·{padding} − {k}) / {stride}) + 1 = {result}"
        for size, k, result in zip(image, kernel, output, strict=True)
    )
    lost = [
        f"{len(n)} {word}{'s' * (len(n) != 1)}"
        for n, word in zip(never, ("row", "column"), strict=True)
    ]
    left_out = f"{' and '.join(lost)} are never reached (hatched)"
    if not any(never):
        left_out = "every pixel is reached"
    return f"output rows: {rows},  output columns: {columns}\nstride {stride}: {left_out}"


def _draw_response(photo, kernel):
    """The photo beside its response, grays where the weights add up, signed where they cancel."""
    response = _slide(photo, kernel, 1, 0)[1]
    signed = bool(kernel.sum() <= 1e-9)
    limits = None if signed else (0.0, max(1.0, photo.max()))  # the photo's own grays
    figure = drawing.new_figure(7.2, 3.3)
    left, right = (figure.add_axes((x, 0.13, 0.37, 0.8)) for x in (0.08, 0.54))
    drawing.draw(left, *drawing.prepare(photo, "photo"), title="photo")
    ready = drawing.prepare(response, "response", signed, limits)
    drawing.draw(right, *ready, title="response", bar=signed)
    return figure


def _describe_response(photo, kernel):
    response = _slide(photo, kernel, 1, 0)[1]
    low, high = drawing.short(response.min()), drawing.short(response.max())
    kind = "blue negative, red positive"
    if kernel.sum() > 1e-9:
        kind = f"grays, cut off at 0 and {drawing.short(max(1.0, photo.max()))}"
    return f"weights add up to {drawing.short(kernel.sum())}; response {low} to {high} ({kind})"
