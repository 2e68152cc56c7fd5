"""Scenes, class maps, receptive fields: everything stands at its place, drawn to scale."""

import itertools

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from coursekit import maps, style
from coursekit.digits import small_digits


def panel_called(figure, title):
    return next(panel for panel in figure.axes if panel.get_title().startswith(title))


# --- digit_scene ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_digits_stand_where_the_list_says_and_nothing_else_does(seed):
    picture, places = maps.digit_scene(seed)
    images, labels = small_digits(32)
    assert (picture.shape, picture.dtype) == ((1, 96, 160), np.float32)
    assert len(places) == 5
    rest = picture.copy()
    for label, top, left in places:
        found = picture[:, top : top + 32, left : left + 32]
        same = (images[labels == label] == found).all(axis=(1, 2, 3))
        assert same.sum() >= 1, (label, top, left)
        rest[:, top : top + 32, left : left + 32] = 0
    assert not rest.any()
    for (_, y, x), (_, top, left) in itertools.combinations(places, 2):
        assert max(abs(y - top), abs(x - left)) >= 32


def test_a_seed_gives_the_same_scene_and_another_seed_another():
    one, again, other = (maps.digit_scene(seed)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


@pytest.mark.parametrize("step", [1, 4, 16])
def test_corners_are_multiples_of_the_step(step):
    _, places = maps.digit_scene(1, count=3, step=step)
    assert all(top % step == left % step == 0 for _, top, left in places)


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor])
def test_the_digits_to_choose_from_may_be_given(kind):
    images = np.stack([np.full((1, 8, 8), value, np.float32) for value in (0.25, 0.75)])
    digits = (kind(images), kind(np.array([4, 6])))
    picture, places = maps.digit_scene(0, 2, 8, 40, size=8, step=1, digits=digits)
    assert {label for label, _, _ in places} == {4, 6}
    for label, top, left in places:
        assert (picture[0, top : top + 8, left : left + 8] == (0.25 if label == 4 else 0.75)).all()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"count": 16}, "16 digits of 32 x 32 found no room on 96 x 160"),
        ({"height": 20}, "found no room on 20 x 160"),
        ({"digits": (np.zeros((5, 32, 32)), np.zeros(5))}, "expected N x 1 x 32 x 32, got"),
    ],
)
def test_a_scene_that_cannot_be_is_refused_in_words(options, told):
    with pytest.raises(ValueError, match=told):
        maps.digit_scene(**options)


# --- show_class_map ------------------------------------------------------------------------


def logits_for(classes, sure=9.0):
    logits = torch.zeros(1, 10, *np.shape(classes))
    return logits.scatter(1, torch.as_tensor(classes)[None, None], sure)


CLASSES = np.array([[0, 1, 2], [9, 7, 3]])


def map_of(figure):
    panel = panel_called(figure, "most probable class")
    return panel, panel.images[1]


@pytest.mark.parametrize("shape", [(1, 10, 2, 3), (10, 2, 3)])
@pytest.mark.parametrize("kind", [torch.Tensor.numpy, lambda t: t.requires_grad_()])
def test_every_place_has_the_colour_of_its_class(shown, shape, kind):
    logits = kind(logits_for(CLASSES).reshape(shape))
    maps.show_class_map(np.zeros((1, 36, 40)), logits)
    _, squares = map_of(shown[0])
    colors = squares.get_array()
    expected = np.array([to_rgb(color) for color in maps.CLASSES])[CLASSES]
    np.testing.assert_allclose(colors[..., :3], expected)
    assert (colors[..., 3] > 0.7).all()


def test_confidence_is_the_softmax_and_sets_the_strength(shown):
    logits = torch.randn(1, 10, 2, 3, generator=torch.Generator().manual_seed(0))
    logits[0, 4, 1, 2] = 6
    maps.show_class_map(np.zeros((36, 40)), logits)
    panel, squares = map_of(shown[0])
    confidence = logits.double().softmax(1).amax(1)[0].numpy()
    np.testing.assert_allclose(squares.get_array()[..., 3], 0.8 * (confidence - 0.1) / 0.9)
    assert f"surest: 4 with {100 * confidence[1, 2]:.0f}%" in panel.get_title()


def test_the_map_is_drawn_to_scale_in_the_middle_of_its_windows(shown):
    picture, places = maps.digit_scene(2)
    classes = torch.zeros(17, 33, dtype=torch.long)
    maps.show_class_map(picture, logits_for(classes), places=places)
    panel, squares = map_of(shown[0])
    # The first window covers pixels 0 to 31, its middle 4 x 4 are 14 to 17; the last one ends
    # with the picture.
    assert squares.get_extent() == [13.5, 160 - 14.5, 96 - 14.5, 13.5]
    assert panel.get_xlim() == (-0.5, 159.5)
    assert panel.get_ylim() == (95.5, -0.5)


def test_the_window_of_the_surest_place_is_outlined(shown):
    logits = logits_for(CLASSES, sure=2.0)
    logits[0, 5, 1, 0] = 8
    maps.show_class_map(np.zeros((1, 60, 70)), logits, cell=6, offset=9, window=24)
    panel, _ = map_of(shown[0])
    (window,) = panel.patches
    assert window.get_xy() == (-0.5, 5.5)
    assert (window.get_width(), window.get_height()) == (24, 24)


def test_sure_classes_are_written_into_their_squares(shown):
    logits = logits_for(CLASSES)
    logits[0, :, 0, 1] = 0  # no idea
    maps.show_class_map(np.zeros((36, 40)), logits)
    panel, _ = map_of(shown[0])
    written = {
        tuple(place): marks.get_label()
        for marks in panel.collections
        for place in marks.get_offsets()
    }
    expected = {
        (14 + 4 * column + 1.5, 14 + 4 * row + 1.5): f"_{CLASSES[row, column]}"
        for row, column in np.ndindex(2, 3)
        if (row, column) != (0, 1)
    }
    assert written == expected


def test_known_places_are_outlined_on_the_picture(shown):
    picture, places = maps.digit_scene(5)
    maps.show_class_map(picture, None, places=places)
    panel = panel_called(shown[0], "picture")
    corners = [tuple(np.add(patch.get_xy(), 0.5)) for patch in panel.patches]
    assert corners == [(left, top) for _, top, left in places]
    assert [text.get_text() for text in panel.texts] == [str(label) for label, _, _ in places]


def test_without_a_map_it_waits_for_your_code(shown):
    maps.show_class_map(np.zeros((1, 64, 64)), None)
    panel = panel_called(shown[0], "most probable class")
    assert [text.get_text() for text in panel.texts] == ["waiting for your code"]


@pytest.mark.parametrize(
    ("picture", "logits", "told"),
    [
        (np.zeros((3, 36, 40)), logits_for(CLASSES), r"picture: expected 1 x H x W"),
        (np.zeros((36, 40)), np.zeros((10, 9)), r"logits_map: expected K x H' x W'"),
        (np.zeros((36, 40)), np.zeros((2, 10, 2, 3)), r"got shape \(2, 10, 2, 3\)"),
        (np.zeros((36, 40)), np.zeros((11, 2, 3)), "K up to 10"),
        (np.zeros((36, 40)), np.full((10, 2, 3), np.nan), "NaN or infinite"),
    ],
)
def test_what_is_no_map_is_refused_in_words(shown, picture, logits, told):
    with pytest.raises(ValueError, match=told):
        maps.show_class_map(picture, logits)
    assert shown == []


# --- show_receptive_fields -----------------------------------------------------------------

NETS = [
    [("conv", 3, 1, 1)] * 4,
    [("conv1", 5, 1, 1), ("pool1", 2, 2, 1), ("conv2", 5, 1, 1), ("pool2", 2, 2, 1)],
    [("a", 3, 1, 2), ("b", 3, 2, 3), ("c", 2, 1, 4)],
    [("skips", 2, 5, 1), ("then", 2, 1, 1)],
    [("one", 1, 1, 1)],
]


def used_by_autograd(layers):
    """The input pixels, first to last, that the gradient of one output reaches."""
    row = torch.ones(1, 1, 200, dtype=torch.float64, requires_grad=True)
    output = row
    for _, f, s, d in layers:
        weight = torch.ones(1, 1, f, dtype=torch.float64)
        output = torch.nn.functional.conv1d(output, weight, None, s, 0, d)
    (gradient,) = torch.autograd.grad(output[0, 0, output.shape[2] // 2], row)
    used = gradient[0, 0].numpy() > 0
    first, last = np.flatnonzero(used)[[0, -1]]
    return used[first : last + 1]


@pytest.mark.parametrize("layers", NETS, ids=lambda net: net[0][0])
def test_fields_are_the_pixels_that_autograd_marks(shown, layers):
    maps.show_receptive_fields(layers)
    panels = [panel for panel in shown[0].axes if panel.get_title()]
    whole = len(used_by_autograd(layers))
    for depth, panel in enumerate(panels):
        used = used_by_autograd(layers[: depth + 1])
        name, size = layers[depth][0], len(used)
        assert panel.get_title() == f"after {name}: {size} × {size}"
        colors = panel.images[0].get_array()
        assert colors.shape == (whole, whole, 3)
        start = (whole - size) // 2
        window = colors[start : start + size, start : start + size]
        marked = np.isclose(window, window[0, 0]).all(axis=2)
        np.testing.assert_array_equal(marked, np.outer(used, used))
        outside = np.ones((whole, whole), dtype=bool)
        outside[start : start + size, start : start + size] = False
        assert (colors[outside] == 1).all()
    assert len(panels) == len(layers)
    np.testing.assert_allclose(window[0, 0], to_rgb(style.OUTPUT))


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([], "expected at least one"),
        ([("conv", 3, 1)], r"conv: expected f, s and d from 1 on, got \[3, 1\]"),
        ([("conv", 3, 0, 1)], "conv: expected f, s and d from 1 on"),
    ],
)
def test_layers_that_cannot_be_are_refused_in_words(shown, layers, told):
    with pytest.raises(ValueError, match=told):
        maps.show_receptive_fields(layers)
