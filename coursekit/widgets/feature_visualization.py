"""Something to play with: what a layer answers to photos, and pictures that excite one channel.

Where widgets can't run (a web page, a viewer without Python) the first picture shows instead.
"""

import html

import numpy as np

from coursekit import drawing, photos, style
from coursekit.widgets import live

WAY = ("mean over channels", "single channel")
WIDTH, HEIGHT = 8.0, 3.8  # inches
REGULARISERS = {  # name in `coursekit.maximisation` -> what the box says
    "jitter": "jitter (shift by a few pixels)",
    "blur": "blur (every 4 steps)",
    "total_variation": "total variation",
    "l2": "L2 (towards gray)",
    "frequency": "frequency (steps in Fourier space)",
}


def response_slider(maps_of, images=None, layers=(1, 2, 3)):
    """Slide through photos; see what a layer of a net answers, all channels or one of them.

    Args:
        maps_of: `maps_of(layer, image)` returns C x H x W or 1 x C x H x W, or None while your
            code isn't there yet; None in its place means the same.
        images: {"name": 3 x H x W or 1 x 3 x H x W} as the net takes them; values outside 0 to 1
            are shown as `coursekit.heatmaps.as_picture` does. None takes all photos of
            `coursekit.photos`, cut to squares of 128 x 128 pixels, 1 x 3 x 128 x 128.
        layers: what to hand to `maps_of`: a list, or {"what the menu says": layer}.

    Raises:
        ValueError: no images, or no layers.
    """
    images = _squares() if images is None else dict(images)
    names = layers if isinstance(layers, dict) else {f"after module {n}": n for n in layers}
    if not images or not names:
        raise ValueError("images and layers: expected at least one of each")
    slider = _State(maps_of, images, names)
    first = (*slider.look(0, next(iter(names))), None)
    figure, words = draw_response(*first), describe_response(*first)
    live.show(lambda: _Slider(slider).box, figure, words)


def draw_response(name, image, layer, maps, channel):
    """Draw a photo and, beside it, what a layer answers.

    Args:
        name, layer: how the photo and the layer are called.
        image: 3 x H x W or 1 x 3 x H x W.
        maps: C x H x W; None: your code isn't there yet.
        channel: the channel to show; None for the mean over all.

    Returns:
        A Matplotlib Figure; its axes are labelled "photo" and "response" (and "bar").
    """
    from coursekit import heatmaps

    figure = drawing.new_figure(WIDTH, HEIGHT)
    picture = heatmaps.as_picture(image, name)
    panel = figure.add_axes((0.01, 0.02, 0.44, 0.88), label="photo", anchor="N")
    panel.imshow(picture, cmap=style.IMAGES, vmin=0, vmax=1)
    _title(panel, f"{name}, {picture.shape[0]} × {picture.shape[1]}")
    panel = figure.add_axes((0.475, 0.02, 0.44, 0.88), label="response", anchor="N")
    if maps is None:
        drawing.say(panel, drawing.WAITING, aspect="equal")
        live.set_title(panel, layer)
        return figure
    plane = _plane(maps, channel)
    cmap, limits = heatmaps.colors_for(plane, bool((plane < 0).any()))
    ends = {"vmin": limits[0], "vmax": limits[1], "interpolation": "nearest"}
    drawn = panel.imshow(plane, cmap=cmap, aspect=_aspect(picture, plane), **ends)
    which = "mean" if channel is None else f"channel {channel}"
    _title(panel, f"{layer}: {which}, {plane.shape[0]} × {plane.shape[1]}")
    heatmaps.color_bar(panel, drawn, plane, limits)
    return figure


def describe_response(name, image, layer, maps, channel):
    """Say in one line what the picture shows (arguments as for `draw_response`)."""
    if maps is None:
        return f"{name}, {layer}: {drawing.WAITING}"
    plane, means = _plane(maps, channel), maps.mean(axis=(1, 2))
    which = f"mean over {len(maps)} channels"
    if channel is not None:
        which = f"channel {channel} of {len(maps)}"
    row, column = np.unravel_index(plane.argmax(), plane.shape)
    return (
        f"{name}, {layer}: {which}; response {drawing.short(plane.min())} to "
        f"{drawing.short(plane.max())}, largest at [{row}, {column}]. "
        f"Strongest channel on average: {means.argmax()}."
    )


def activation_controls(parts, size=96, prepare=None, steps=48, channel=0):
    """Find a picture that excites one channel, with each regulariser on or off.

    The picture starts as noise and is found by `coursekit.maximisation.maximise`. Choose, then
    press the button. One first picture is made at once, with jitter and frequency on.

    Args:
        parts: {"what the menu says": part of a net}, each a module that takes 1 x 3 x H x W and
            gives 1 x C x H' x W' or 1 x C.
        size: pixels on a side.
        prepare: what to do to a picture with values from 0 to 1 before a part takes it, such as
            the normalisation that belongs to the weights; None for nothing.
        steps: how many to begin with.
        channel: which to begin with.

    Raises:
        ValueError: no parts.
    """
    if not parts:
        raise ValueError("parts: expected at least one part of a net")
    finder = _Finder(dict(parts), size, prepare)
    on = {"jitter", "frequency"}
    first = finder.find(next(iter(parts)), channel, steps, on)
    figure, words = draw_found(*first), describe_found(*first)
    live.show(lambda: _Controls(finder, first, on, steps).box, figure, words)


def draw_found(part, channel, on, start, picture, activations):
    """Draw where the search began, where it ended, and the activation on the way.

    Args:
        part, channel, on: what was asked for; `on` are the names of the regularisers.
        start, picture: 3 x H x W from 0 to 1.
        activations: one number for each step.

    Returns:
        A Matplotlib Figure; its axes are labelled "start", "found" and "activation".
    """
    figure = drawing.new_figure(8.6, 3.1)
    for left, label, shown in ((0.01, "start", start), (0.335, "found", picture)):
        panel = figure.add_axes((left, 0.02, 0.31, 0.86), label=label, anchor="N")
        panel.imshow(np.transpose(shown, (1, 2, 0)), interpolation="nearest")
        _title(panel, "noise" if label == "start" else f"{part}, channel {channel}")
    panel = figure.add_axes((0.73, 0.2, 0.25, 0.66), label="activation")
    panel.plot(np.arange(1, len(activations) + 1), activations, color=style.KERNEL)
    panel.set_xlabel("step", fontsize=8)
    panel.set_ylabel("activation (mean of the channel)", fontsize=8)
    panel.xaxis.set_major_locator(drawing.whole_numbers(4))
    panel.yaxis.set_major_locator(_few())
    drawing.open_axes(panel, labelsize=7)
    return figure


def describe_found(part, channel, on, start, picture, activations):
    """Say in one line what was found (arguments as for `draw_found`)."""
    with_what = ", ".join(name.replace("_", " ") for name in REGULARISERS if name in on)
    return (
        f"{part}, channel {channel}, {len(activations)} steps with {with_what or 'nothing'}: "
        f"activation {drawing.short(activations[0])} to {drawing.short(activations[-1])}."
    )


class _State:
    """The photos, the layers, and the maps that were asked for last."""

    def __init__(self, maps_of, images, layers):
        self.maps_of, self.images, self.layers = maps_of, images, layers
        self.names, self._last = list(images), (None, None)

    def look(self, place, label):
        """(name, image, layer, maps) for a place of the slider and an entry of the menu."""
        name = self.names[place]
        image = self.images[name]
        if self._last[0] != (name, label):  # another channel needs no other pass
            maps = None
            if self.maps_of is not None:
                maps = _volume(self.maps_of(self.layers[label], image), label)
            self._last = ((name, label), maps)
        return name, image, label, self._last[1]


class _Slider:
    """The live widget: `box` holds the controls, a line of words and the picture."""

    def __init__(self, state):
        import ipywidgets as w

        self.state = state
        last = len(state.names) - 1
        self.photo = w.IntSlider(0, 0, last, description="photo", style=live.WIDE)
        self.photo.continuous_update = False  # each place is a pass through the net
        self.photo.disabled = last == 0
        self.layer = w.Dropdown(options=list(state.layers), description="layer", style=live.WIDE)
        self.way = w.ToggleButtons(options=WAY)
        self.channel = w.IntSlider(0, 0, 1, description="channel", style=live.WIDE)
        widths = (self.photo, 300), (self.layer, 250), (self.channel, 300)
        for control, width in widths:
            control.layout.width = f"{width}px"
        self.text, self.picture = w.HTML(), live.live_picture(int(100 * WIDTH))
        first, second = w.HBox([self.photo, self.layer], layout=live.WRAP), w.HBox(layout=live.WRAP)
        second.children = (self.way, self.channel)
        self.box = w.VBox([first, second, self.text, w.HBox([self.picture])])
        for control in (self.photo, self.layer, self.way, self.channel):
            control.observe(self._redraw, "value")
        self._redraw()

    def _redraw(self, change=None):
        try:
            seen = self.state.look(self.photo.value, self.layer.value)
        except Exception as error:  # a callback has no cell to show it in
            words = f"{type(error).__name__}: {error}"
            self.text.value = html.escape(f"{self.layer.value}: {words}")
            return
        self._settle_channel(seen[3])
        single = self.way.value == WAY[1] and seen[3] is not None
        channel = self.channel.value if single else None
        self.picture.value = drawing.png(draw_response(*seen, channel))
        self.text.value = html.escape(describe_response(*seen, channel))

    def _settle_channel(self, maps):
        """As many channels as the layer has; the place is kept where it exists."""
        last = 0 if maps is None else len(maps) - 1
        with live.unwatched(self.channel, self._redraw):  # draw once
            self.channel.max = max(last, 1)
            self.channel.value = min(self.channel.value, last)
            self.channel.disabled = self.way.value == WAY[0] or last == 0


class _Finder:
    """Parts of a net and how pictures are found for them."""

    def __init__(self, parts, size, prepare):
        self.parts, self.size, self.prepare = parts, size, prepare

    def find(self, part, channel, steps, on, report=None):
        """(part, channel, on, start, picture, activations), as `draw_found` takes them."""
        from coursekit import maximisation

        switches = {name: name in on for name in REGULARISERS}
        found = maximisation.maximise(
            self.parts[part], channel, self.size, steps, **switches, prepare=self.prepare,
            report=report,
        )  # fmt: skip
        return part, channel, frozenset(on), found.start, found.picture, found.activations


class _Controls:
    """The live controls: `box` holds switches, button, progress bar, words and the picture."""

    def __init__(self, finder, first, on, steps):
        import ipywidgets as w

        self.finder = finder
        self.part = w.Dropdown(options=list(finder.parts), description="part", style=live.WIDE)
        self.channel = w.BoundedIntText(first[1], 0, 10**6, description="channel", style=live.WIDE)
        self.steps = w.IntSlider(steps, 8, 256, 8, description="steps", style=live.WIDE)
        self.switches = {
            name: w.Checkbox(name in on, description=words, indent=False)
            for name, words in REGULARISERS.items()
        }
        self.run = w.Button(description="find a picture", button_style="primary")
        self.bar = w.IntProgress(0, 0, steps, layout={"width": "280px"})
        self.text, self.picture = w.HTML(), live.live_picture(860)
        for control, width in ((self.part, 250), (self.channel, 160), (self.steps, 300)):
            control.layout.width = f"{width}px"
        for switch in self.switches.values():
            switch.layout.width = "270px"
        rows = [
            w.HBox([self.part, self.channel, self.steps], layout=live.WRAP),
            w.HBox(list(self.switches.values()), layout=live.WRAP),
            w.HBox([self.run, self.bar], layout=live.WRAP),
        ]
        self.box = w.VBox([*rows, self.text, w.HBox([self.picture])])
        self.run.on_click(self._find)
        self._show(first)

    def _find(self, button=None):
        self.run.disabled, self.bar.max, self.bar.value = True, self.steps.value, 0
        on = {name for name, switch in self.switches.items() if switch.value}
        chosen = (self.part.value, self.channel.value, self.steps.value, on)
        try:
            self._show(self.finder.find(*chosen, report=self._advance))
        except Exception as error:  # a callback has no cell to show it in
            self.text.value = html.escape(f"{type(error).__name__}: {error}")
        finally:
            self.run.disabled = False

    def _advance(self, step):
        self.bar.value = step

    def _show(self, found):
        self.picture.value = drawing.png(draw_found(*found))
        self.text.value = html.escape(describe_found(*found))


def _squares():
    """All photos, the middle square of each, as 1 x 3 x 128 x 128."""
    made = {}
    for name in photos.names():
        height, width = photos.color(name).shape[:2]
        side = min(height, width)
        crop = ((height - side) // 2, (width - side) // 2, side, side)
        made[name] = photos.color(name, (128, 128), crop).transpose(2, 0, 1)[None]
    import torch

    return {name: torch.from_numpy(array).float() for name, array in made.items()}


def _volume(maps, label):
    """What `maps_of` returned, as C x H x W; None stays None."""
    if maps is None:
        return None
    given = drawing.numbers(maps, label)
    array = drawing.unbatched(given, 3)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(
            f"expected maps C x H x W, got shape {given.shape}; "
            "after a Flatten there are numbers, no maps"
        )
    return array


def _plane(maps, channel):
    return maps.mean(axis=0) if channel is None else maps[channel]


def _aspect(picture, plane):
    """Draw a map in the shape of its photo, whatever rounding made of its own."""
    return (picture.shape[0] / picture.shape[1]) / (plane.shape[0] / plane.shape[1])


def _title(panel, text):
    live.set_title(panel, text)
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_color(style.GRID)


def _few():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4)
