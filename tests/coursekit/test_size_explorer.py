"""The size explorer says and draws what torch computes, and redraws once per change."""

import itertools
import re
import sys

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from support.widgets import VIEW, axes, is_png, still

from coursekit import style
from coursekit.widgets import cnn_layers as widgets

SETTINGS = list(itertools.product((1, 2, 5, 8, 13, 16), range(1, 8), range(1, 5), range(4), (1, 3)))
DRAWN = [(8, 3, 2, 0, 1), (9, 3, 2, 1, 2), (10, 2, 4, 1, 1), (16, 7, 1, 3, 1), (5, 1, 3, 2, 3)]


def by_torch(size, kernel, stride, padding, dilation):
    """Places on a side and what autograd says is used of the padded input; None: no place."""
    padded = torch.zeros(1, 1, *[size + 2 * padding] * 2, requires_grad=True)
    weight = torch.ones(1, 1, kernel, kernel)
    try:
        output = torch.nn.functional.conv2d(padded, weight, None, stride, 0, dilation)
    except RuntimeError:
        return None
    (used,) = torch.autograd.grad(output.sum(), padded)
    return output.shape[2], used[0, 0].numpy() > 0


def said(figure):
    return "\n".join(text.get_text() for text in figure.texts)


def test_sizes_and_unused_pixels_are_those_of_torch():
    refused = 0
    for chosen in SETTINGS:
        words, right = widgets.describe_sizes(*chosen), by_torch(*chosen)
        if right is None:
            refused += 1
            assert "The kernel doesn't fit" in words, chosen
            continue
        places, used = right
        size, _, _, padding, _ = chosen
        lost = (~used[padding : padding + size, padding : padding + size]).sum()
        assert f"output {places} × {places}." in words, chosen
        told = f"{lost} of the {size**2} input pixels are used by no window"
        assert (told if lost else "Every input pixel is used") in words, chosen
    assert 0 < refused < len(SETTINGS) / 2


@pytest.mark.parametrize("chosen", DRAWN)
def test_exactly_the_pixels_that_no_window_uses_are_hatched(chosen):
    places, used = by_torch(*chosen)
    panel = axes(widgets.draw_sizes(*chosen), "input")
    hatched = np.zeros_like(used)
    for patch in panel.patches:
        if patch.get_hatch():
            for column, row in patch.get_path().vertices.reshape(-1, 5, 2).mean(axis=1).round(6):
                row, column = round(row + 0.2), round(column + 0.2)
                hatched[row, column] = True
    np.testing.assert_array_equal(hatched, ~used)


@pytest.mark.parametrize("chosen", DRAWN)
def test_every_window_is_outlined_at_its_place_unless_they_are_too_many(chosen):
    places, _ = by_torch(*chosen)
    panel = axes(widgets.draw_sizes(*chosen), "input")
    outlines = [c for c in panel.collections if c.get_label() == "windows"]
    if places > widgets.OUTLINED:
        assert not outlines
        return
    size, kernel, stride, padding, dilation = chosen
    middle = dilation * (kernel - 1) / 2
    middles = {tuple(c[:4].mean(axis=0).round(6)) for c in outlines[0].get_segments()}
    expected = [middle + stride * place for place in range(places)]
    assert middles == set(itertools.product(expected, expected))


@pytest.mark.parametrize("chosen", DRAWN)
def test_the_first_pixel_of_every_window_is_marked(chosen):
    places, _ = by_torch(*chosen)
    panel = axes(widgets.draw_sizes(*chosen), "input")
    (marks,) = [c for c in panel.collections if c.get_label() == "starts"]
    middles = {tuple(corners[:4].mean(axis=0).round(6)) for corners in marks.get_segments()}
    starts = [chosen[2] * place for place in range(places)]
    assert middles == set(itertools.product(starts, starts))


@pytest.mark.parametrize("chosen", DRAWN)
def test_the_taps_of_the_window_are_what_its_output_depends_on(chosen):
    size, kernel, stride, padding, dilation = chosen
    places, _ = by_torch(*chosen)
    step = places**2 - 2 if places > 1 else 0
    padded = torch.zeros(1, 1, *[size + 2 * padding] * 2, requires_grad=True)
    weight = torch.ones(1, 1, kernel, kernel)
    output = torch.nn.functional.conv2d(padded, weight, None, stride, 0, dilation)
    (used,) = torch.autograd.grad(output.flatten()[step], padded)
    figure = widgets.draw_sizes(*chosen, step=step)
    colors = axes(figure, "input").images[0].get_array()
    taps = np.isclose(colors, to_rgb(style.KERNEL)).all(axis=2)
    np.testing.assert_array_equal(taps, used[0, 0].numpy() > 0)
    (frame,) = axes(figure, "output").patches
    assert frame.get_xy() == (step % places - 0.5, step // places - 0.5)


@pytest.mark.parametrize("padding", [0, 1, 3])
def test_padding_is_gray_around_the_input(padding):
    figure = widgets.draw_sizes(6, 1, 4, padding, 1, step=0)
    colors = axes(figure, "input").images[0].get_array()
    white = (colors == 1).all(axis=2)
    assert white[padding + 1 : -padding - 1, padding + 1 : -padding - 1].all()
    taps_inside = 1 if padding == 0 else 0  # the one tap of the first window
    assert (~white).sum() == (6 + 2 * padding) ** 2 - 36 + taps_inside


def test_the_formula_carries_its_numbers():
    text = said(widgets.draw_sizes(9, 3, 2, 1, 2))
    assert "floor((h + 2p − d(k − 1) − 1) / s) + 1" in text
    assert "= floor((9 + 2·1 − 2·(3 − 1) − 1) / 2) + 1 = floor(6 / 2) + 1 = 4" in text


def test_a_kernel_that_does_not_fit_is_told_and_drawn_beyond_the_input():
    figure = widgets.draw_sizes(5, 7, 1, 1, 3)
    assert "3·(7 − 1) + 1 = 19 pixels, and the padded input has 7" in said(figure)
    assert "floor(−12 / 1) + 1 = −11, below 1" in said(figure)
    (panel,) = figure.axes
    (window,) = panel.patches
    assert (window.get_width(), window.get_height()) == (19, 19)


@pytest.mark.parametrize("chosen", [*DRAWN, (16, 7, 4, 3, 3), (1, 7, 4, 0, 3), (16, 1, 1, 3, 1)])
def test_nothing_is_cut_off_and_no_text_covers_another(chosen):
    figure = widgets.draw_sizes(*chosen)
    figure.canvas.draw()
    (legend,) = figure.legends
    boxes = [text.get_window_extent() for text in figure.texts] + [legend.get_window_extent()]
    boxes += [p.get_window_extent() for panel in figure.axes for p in panel.patches]
    width, height = figure.canvas.get_width_height()
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= width
        assert 0 <= box.y0 < box.y1 <= height
    written = [text.get_window_extent() for text in figure.texts] + [legend.get_window_extent()]
    for one, other in itertools.combinations(written, 2):
        assert not one.overlaps(other)


@pytest.fixture
def explorer():
    return widgets._Explorer()


def test_a_slider_changes_the_picture_and_the_words(explorer):
    before = explorer.picture.value
    explorer.controls["padding"].value = 2
    assert explorer.picture.value != before
    assert "padding 2, dilation 1: output 5 × 5." in explorer.text.value
    assert is_png(explorer.picture.value)


def test_the_window_slider_walks_over_all_places_and_begins_again(explorer):
    assert explorer.step.max == 8
    explorer.step.value = 8
    assert "Window 9 of 9 gives output[2, 2]" in explorer.text.value
    explorer.controls["stride"].value = 1
    assert (explorer.step.value, explorer.step.max) == (0, 35)
    assert "Window 1 of 36 gives output[0, 0]" in explorer.text.value


def test_where_nothing_fits_the_window_slider_rests(explorer):
    explorer.controls["size"].value = 2
    assert "doesn't fit" in explorer.text.value
    assert explorer.step.disabled
    explorer.controls["size"].value = 16
    assert not explorer.step.disabled
    assert explorer.step.max == 48


def test_each_change_draws_once(explorer, monkeypatch):
    drawn = []
    real = widgets.draw_sizes
    monkeypatch.setattr(widgets, "draw_sizes", lambda **a: drawn.append(a) or real(**a))
    explorer.step.value = 4
    for control, value in (("stride", 1), ("kernel", 5), ("size", 12), ("dilation", 3)):
        explorer.controls[control].value = value
    assert len(drawn) == 5


@pytest.mark.parametrize("name", ["size", "kernel", "stride", "padding", "dilation"])
def test_every_slider_may_go_to_both_ends(explorer, name):
    slider = explorer.controls[name]
    for end in (slider.min, slider.max):
        slider.value = end
        words = f"input {end} × {end}" if name == "size" else f"{name} {end}"
        assert words in explorer.text.value


def test_one_output_holds_the_widget_and_a_still_picture(displayed):
    assert widgets.size_explorer() is None
    (bundle,) = displayed
    assert set(bundle) == {VIEW, "image/png", "text/plain"}
    assert re.fullmatch(
        r"input 8 × 8, .* Window 1 of 9 gives output\[0, 0\]\.", bundle["text/plain"]
    )


def test_without_ipywidgets_the_still_picture_shows(displayed, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    widgets.size_explorer()
    (bundle,) = displayed
    assert set(bundle) == {"image/png", "text/plain"}
    assert is_png(still(bundle))


def test_in_plain_python_one_line_of_words_is_printed(capsys):
    widgets.size_explorer()
    assert capsys.readouterr().out.count("\n") == 1
