"""The widgets on responses and on activation maximisation: live, still, and in plain Python."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from support.widgets import VIEW, axes, is_png, still
from torch import nn

from coursekit import drawing, photos
from coursekit.widgets import feature_visualization as widgets

WAITING = "waiting for your code"


def image(value):
    return torch.full((1, 3, 6, 8), value)


IMAGES = {"dark": image(0.1), "bright": image(0.9)}


def maps_of(layer, image):
    """`layer` + 1 channels; channel c is c times the image's value, and [0, 1] one more."""
    maps = torch.arange(layer + 1.0)[:, None, None] * image.mean() * torch.ones(3, 4)
    maps[:, 0, 1] += 1
    return maps[None]


def shown(figure, label):
    return axes(figure, label).images[0].get_array()


# --- the slider ----------------------------------------------------------------------------


@pytest.fixture
def slider():
    return widgets._Slider(widgets._State(maps_of, IMAGES, {"first": 1, "second": 3}))


@pytest.mark.parametrize("channel", [None, 2])
def test_picture_shows_the_photo_and_the_mean_or_one_channel(channel):
    maps = np.random.default_rng(0).random((4, 5, 7))
    figure = widgets.draw_response("bright", IMAGES["bright"], "a layer", maps, channel)
    np.testing.assert_allclose(shown(figure, "photo"), np.full((6, 8, 3), 0.9), rtol=1e-6)
    expected = maps.mean(axis=0) if channel is None else maps[channel]
    np.testing.assert_allclose(shown(figure, "response"), expected)


def test_a_response_is_drawn_in_the_shape_of_its_photo():
    figure = widgets.draw_response("wide", torch.zeros(3, 40, 80), "layer", np.ones((2, 3, 3)), 0)
    drawing.png(figure)
    boxes = {panel.get_label(): panel.get_window_extent() for panel in figure.axes}
    for label in ("photo", "response"):
        assert boxes[label].height / boxes[label].width == pytest.approx(0.5, rel=0.02)


def test_words_say_what_is_shown_and_which_channel_is_strongest(slider):
    assert slider.text.value == (
        "dark, first: mean over 2 channels; response 0.05 to 1.05, largest at [0, 1]. "
        "Strongest channel on average: 1."
    )
    slider.way.value = "single channel"
    slider.layer.value = "second"
    slider.channel.value = 3
    slider.photo.value = 1
    assert slider.text.value == (
        "bright, second: channel 3 of 4; response 2.7 to 3.7, largest at [0, 1]. "
        "Strongest channel on average: 3."
    )


@pytest.mark.parametrize(
    ("control", "value"),
    [("photo", 1), ("layer", "second"), ("way", "single channel")],
)
def test_each_control_redraws_once(slider, control, value, monkeypatch):
    drawn, real = [], widgets.draw_response
    monkeypatch.setattr(widgets, "draw_response", lambda *a: drawn.append(a) or real(*a))
    before = slider.picture.value
    getattr(slider, control).value = value
    assert len(drawn) == 1
    assert slider.picture.value != before
    assert is_png(slider.picture.value)


def test_channels_are_those_of_the_layer(slider):
    assert slider.channel.disabled
    slider.layer.value = "second"
    slider.way.value = "single channel"
    slider.channel.value = 3
    assert (slider.channel.max, slider.channel.disabled) == (3, False)
    slider.layer.value = "first"
    assert (slider.channel.value, slider.channel.max) == (1, 1)


def test_another_channel_needs_no_other_pass_through_the_net():
    passes = []
    state = widgets._State(lambda *a: passes.append(a) or maps_of(*a), IMAGES, {"a": 3})
    slider = widgets._Slider(state)
    slider.way.value = "single channel"
    slider.channel.value = 2
    assert len(passes) == 1
    slider.photo.value = 1
    assert len(passes) == 2


@pytest.mark.parametrize("function", [None, lambda layer, image: None])
def test_without_an_answer_it_waits_for_your_code(function):
    slider = widgets._Slider(widgets._State(function, IMAGES, {"a": 1}))
    assert slider.text.value == f"dark, a: {WAITING}"
    figure = widgets.draw_response("dark", IMAGES["dark"], "a", None, None)
    panel = next(panel for panel in figure.axes if panel.get_label() == "response")
    assert [text.get_text() for text in panel.texts] == [WAITING]


def test_an_error_of_the_function_is_told_and_the_widget_lives_on():
    def fails_on_two(layer, image):
        if layer == 2:
            raise RuntimeError("wrong <size>")
        return maps_of(layer, image)

    slider = widgets._Slider(widgets._State(fails_on_two, IMAGES, {"good": 1, "bad": 2}))
    good = slider.text.value
    slider.layer.value = "bad"
    assert slider.text.value == "bad: RuntimeError: wrong &lt;size&gt;"
    slider.layer.value = "good"
    assert slider.text.value == good


def test_numbers_without_places_are_refused_in_words():
    slider = widgets._Slider(
        widgets._State(lambda layer, image: torch.ones(1, 10), IMAGES, {"flat": 1})
    )
    assert "expected maps C x H x W, got shape (1, 10)" in slider.text.value


def test_at_least_twelve_real_photos_come_by_themselves():
    images = widgets._squares()
    assert list(images) == photos.names()
    assert len(images) >= 12
    for name, photo in images.items():
        assert photo.shape == (1, 3, 128, 128)
        middle = photo.numpy()[0].transpose(1, 2, 0)
        whole = photos.color(name)
        side = min(whole.shape[:2])
        top, left = ((length - side) // 2 for length in whole.shape[:2])
        square = whole[top : top + side, left : left + side]
        assert middle.mean() == pytest.approx(square.mean(), abs=0.01)


@pytest.mark.parametrize("arguments", [{"images": {}}, {"images": IMAGES, "layers": ()}])
def test_nothing_to_choose_from_is_refused(arguments):
    with pytest.raises(ValueError, match="expected at least one of each"):
        widgets.response_slider(maps_of, **arguments)


# --- activation maximisation ---------------------------------------------------------------


@pytest.fixture(scope="module")
def parts():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return {"conv": net[:2], "numbers": net}


@pytest.fixture
def controls(parts):
    finder = widgets._Finder(parts, 12, None)
    on = {"jitter", "frequency"}
    return widgets._Controls(finder, finder.find("conv", 1, 8, on, lambda n: None), on, 8)


def test_the_button_finds_what_the_controls_ask_for(controls, parts):
    from coursekit.maximisation import maximise

    controls.part.value, controls.channel.value, controls.steps.value = "numbers", 2, 16
    for name, switch in controls.switches.items():
        switch.value = name in ("blur", "l2")
    before = controls.picture.value
    controls.run.click()
    assert controls.picture.value != before
    expected = maximise(parts["numbers"], 2, 12, 16, blur=True, l2=True, report=lambda n: None)
    start, end = (f"{expected.activations[place]:.2f}".rstrip("0") for place in (0, -1))
    assert controls.text.value == (
        f"numbers, channel 2, 16 steps with blur, l2: activation {start} to {end}."
    )
    assert (controls.bar.value, controls.bar.max, controls.run.disabled) == (16, 16, False)


def test_every_regulariser_has_its_switch(controls):
    import inspect

    from coursekit.maximisation import maximise

    switches = [
        name
        for name, parameter in inspect.signature(maximise).parameters.items()
        if parameter.default is False
    ]
    assert list(controls.switches) == switches
    assert len(switches) == 5


def test_a_channel_that_is_not_there_is_told(controls):
    controls.channel.value = 9
    controls.run.click()
    assert controls.text.value == "ValueError: channel: expected 0 to 3, got 9"
    assert not controls.run.disabled


def test_the_found_picture_and_its_activations_are_drawn():
    start, picture = np.random.default_rng(0).random((2, 3, 5, 5))
    figure = widgets.draw_found("conv", 1, {"blur"}, start, picture, [1.0, 3.0])
    np.testing.assert_array_equal(shown(figure, "start"), start.transpose(1, 2, 0))
    np.testing.assert_array_equal(shown(figure, "found"), picture.transpose(1, 2, 0))
    (curve,) = figure.axes[2].lines
    np.testing.assert_array_equal(curve.get_xydata(), [[1, 1], [2, 3]])


def test_no_parts_are_refused():
    with pytest.raises(ValueError, match="parts: expected at least one"):
        widgets.activation_controls({})


# --- one output ----------------------------------------------------------------------------


@pytest.fixture(params=["slider", "controls"])
def call(request, parts):
    if request.param == "slider":
        return lambda: widgets.response_slider(maps_of, IMAGES)
    return lambda: widgets.activation_controls(parts, size=12, steps=8)


def test_one_output_holds_the_widget_and_a_still_picture(displayed, call):
    assert call() is None
    (bundle,) = displayed
    assert set(bundle) == {VIEW, "image/png", "text/plain"}
    assert is_png(still(bundle))
    assert "\n" not in bundle["text/plain"]
    assert plt.get_fignums() == []


def test_without_ipywidgets_the_still_picture_shows(displayed, call, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    call()
    assert set(displayed[0]) == {"image/png", "text/plain"}


def test_in_plain_python_one_line_of_words_is_printed(call, capsys):
    call()
    assert capsys.readouterr().out.count("\n") == 1
