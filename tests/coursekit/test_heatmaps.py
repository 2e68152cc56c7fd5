"""Heat maps, filters, channels, probabilities, outlines: what is drawn is what was given."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from coursekit import heatmaps, style

RNG = np.random.default_rng(0)
PHOTO = RNG.random((3, 6, 9))
WAITING = "waiting for your code"


def panels(figure):
    """The axes of a figure by their titles, without the colour bars."""
    return {panel.get_title(): panel for panel in figure.axes if panel.images or panel.texts}


def drawn(panel, place=-1):
    return np.ma.filled(panel.images[place].get_array().astype(float), np.nan)


def says(panel):
    return [text.get_text() for text in panel.texts]


KINDS = [
    np.asarray,
    torch.as_tensor,
    lambda a: torch.as_tensor(a).requires_grad_(),
    lambda a: torch.as_tensor(a)[None],
]


# --- show_heat -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_image_and_maps_are_drawn_unchanged_whatever_holds_them(shown, kind):
    map = RNG.random((6, 9))
    heatmaps.show_heat(kind(PHOTO), {"mine": kind(map)})
    found = panels(shown[0])
    np.testing.assert_allclose(drawn(found["image"]), PHOTO.transpose(1, 2, 0))
    np.testing.assert_allclose(drawn(found["mine"]), map)


def test_a_map_of_any_size_covers_the_image(shown):
    heatmaps.show_heat(PHOTO, {"coarse": np.ones((2, 3))})
    coarse = panels(shown[0])["coarse"]
    assert list(coarse.images[0].get_extent()) == [-0.5, 8.5, 5.5, -0.5]


@pytest.mark.parametrize(
    ("map", "signed", "limits", "colors"),
    [
        ([[0.0, 3.0]], False, (0, 3), style.MAGNITUDES),
        ([[1.0, 3.0]], False, (0, 3), style.MAGNITUDES),
        ([[-1.0, 3.0]], False, (-1, 3), style.MAGNITUDES),
        ([[-4.0, 3.0]], True, (-4, 4), style.SIGNED),
        ([[0.0, 0.0]], False, (0, 1), style.MAGNITUDES),
        ([[0.0, 0.0]], True, (-1, 1), style.SIGNED),
    ],
)
def test_colours_run_from_zero_or_around_it(shown, map, signed, limits, colors):
    heatmaps.show_heat(None, {"m": map}, signed=signed)
    image = panels(shown[0])["m"].images[0]
    assert (image.get_clim(), image.get_cmap().name) == (limits, colors)


def test_one_huge_value_does_not_darken_the_rest(shown):
    map = np.linspace(0, 1, 400).reshape(20, 20)
    map[0, 0] = 1000
    heatmaps.show_heat(None, {"m": map, "small": [[1.0, 1000.0]]})
    found = panels(shown[0])
    low, high = found["m"].images[0].get_clim()
    assert (low, 0.98 < high <= 1) == (0, True)
    assert found["small"].images[0].get_clim() == (0, 1000)
    bars = [panel.child_axes[0]._colorbar for panel in found.values()]
    assert [bar.extend for bar in bars] == ["max", "neither"]


def test_gradients_of_three_channels_have_zero_as_middle_gray(shown):
    map = np.zeros((3, 4, 5))
    map[0, 1, 2], map[2, 3, 4] = 2, -2
    heatmaps.show_heat(PHOTO, {"guided": map})
    colors = drawn(panels(shown[0])["guided"])
    np.testing.assert_allclose(colors[0, 0], 0.5)
    np.testing.assert_allclose(colors[1, 2], [1, 0.5, 0.5])
    np.testing.assert_allclose(colors[3, 4], [0.5, 0.5, 0])


def test_over_draws_the_map_half_transparent_on_the_gray_image(shown):
    heatmaps.show_heat(PHOTO, {"m": np.ones((2, 2))}, over=True)
    under, map = panels(shown[0])["m"].images
    weights = np.array([0.299, 0.587, 0.114])[:, None, None]
    np.testing.assert_allclose(under.get_array(), (PHOTO * weights).sum(axis=0))
    assert under.get_extent() == map.get_extent()
    assert 0 < map.get_alpha() < 1


def test_none_waits_for_your_code_among_maps_that_are_there(shown):
    heatmaps.show_heat(PHOTO, {"yours": None, "there": np.ones((2, 2))})
    found = panels(shown[0])
    assert says(found["yours"]) == [WAITING]
    assert found["there"].images


def test_only_waiting_maps_and_no_image_can_be_shown(shown):
    heatmaps.show_heat(None, {"a": None, "b": None})
    assert [says(panel) for panel in panels(shown[0]).values()] == [[WAITING], [WAITING]]


# --- pictures ------------------------------------------------------------------------------


def test_the_usual_normalisation_is_undone():
    from torchvision.transforms.functional import normalize

    photo = torch.as_tensor(PHOTO)
    fed = normalize(photo, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    np.testing.assert_allclose(heatmaps.as_picture(fed), PHOTO.transpose(1, 2, 0))


def test_other_ranges_are_stretched_and_shares_are_left_alone():
    np.testing.assert_allclose(
        heatmaps.as_picture(10 * PHOTO - 40),
        ((PHOTO - PHOTO.min()) / np.ptp(PHOTO)).transpose(1, 2, 0),
    )
    np.testing.assert_allclose(heatmaps.as_picture(0.3 * PHOTO[:1]), 0.3 * PHOTO[0])
    assert (heatmaps.as_picture(np.full((1, 2, 2), 7.0)) == 0).all()


def test_pictures_stand_under_their_titles(shown):
    heatmaps.show_pictures({"a": PHOTO, "b": PHOTO[:1], "yours": None})
    found = panels(shown[0])
    np.testing.assert_allclose(drawn(found["a"]), PHOTO.transpose(1, 2, 0))
    np.testing.assert_allclose(drawn(found["b"]), PHOTO[0])
    assert says(found["yours"]) == [WAITING]


# --- show_filters, show_maps ---------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 3, 4, 4), (5, 1, 4, 4), (5, 4, 4)])
def test_each_filter_stands_at_its_place_in_the_grid(shown, shape):
    filters = RNG.random(shape)
    heatmaps.show_filters(torch.as_tensor(filters), columns=3)
    (panel,) = shown[0].axes
    picture = drawn(panel)
    assert picture.shape[:2] == (2 * 5 - 1, 3 * 5 - 1)
    tiles = filters.reshape(5, -1, 4, 4)
    for index in range(5):
        top, left = 5 * (index // 3), 5 * (index % 3)
        found = picture[top : top + 4, left : left + 4].reshape(4, 4, -1)
        np.testing.assert_allclose(found.transpose(2, 0, 1), tiles[index])


def test_gray_filters_share_one_scale_from_zero_to_one(shown):
    heatmaps.show_filters(np.full((2, 1, 3, 3), 0.25))
    assert shown[0].axes[0].images[0].get_clim() == (0, 1)


def test_deep_filters_show_one_filter_a_row_and_one_channel_a_column(shown):
    filters = RNG.random((20, 40, 3, 3))
    heatmaps.show_filters(filters)
    (panel,) = shown[0].axes
    picture = drawn(panel)
    assert picture.shape == (16 * 4 - 1, 32 * 4 - 1)
    np.testing.assert_allclose(picture[4 * 7 : 4 * 7 + 3, 4 * 30 : 4 * 30 + 3], filters[7, 30])
    assert "channels 0 to 31 of 40" in panel.get_xlabel()
    assert panel.get_ylabel() == "filters 0 to 15 of 20"


def test_sets_of_filters_stand_beside_each_other(shown):
    random, trained = RNG.random((2, 4, 3, 5, 5))
    heatmaps.show_filters({"random": random, "trained": trained, "yours": None})
    found = panels(shown[0])
    np.testing.assert_allclose(drawn(found["random"])[:5, :5], random[0].transpose(1, 2, 0))
    np.testing.assert_allclose(drawn(found["trained"])[:5, :5], trained[0].transpose(1, 2, 0))
    assert says(found["yours"]) == [WAITING]


@pytest.mark.parametrize("shape", [(12, 5, 4), (1, 12, 5, 4)])
def test_channels_stand_in_a_numbered_grid_on_one_scale(shown, shape):
    maps = np.arange(12 * 20.0).reshape(shape)
    heatmaps.show_maps(torch.as_tensor(maps), count=6, columns=4)
    panel = shown[0].axes[0]
    picture = drawn(panel)
    assert says(panel) == ["0", "1", "2", "3", "4", "5"]
    maps = maps.reshape(12, 5, 4)
    for channel, text in enumerate(panel.texts):
        left, top = (round(edge + 0.5) for edge in text.get_position())
        np.testing.assert_array_equal(picture[top : top + 5, left : left + 4], maps[channel])
    assert panel.images[0].get_clim() == (0, 119)
    assert panel.get_xlabel() == "channels 0 to 5 of 12, each 5 × 4"


def test_channels_with_negative_responses_are_signed(shown):
    heatmaps.show_maps(np.array([[[1.0, -3.0]], [[0.0, 2.0]]]))
    image = shown[0].axes[0].images[0]
    assert (image.get_clim(), image.get_cmap().name) == ((-3, 3), style.SIGNED)


# --- show_top, show_probability_curve ------------------------------------------------------


def test_bars_stand_in_the_order_given_with_their_probabilities(shown):
    heatmaps.show_top(["cat", "dog", "cow"], torch.tensor([[0.7, 0.2, 0.0004]]), image=PHOTO)
    _, panel = shown[0].axes
    assert [bar.get_width() for bar in panel.patches] == pytest.approx([0.7, 0.2, 0.0004])
    assert [text.get_text() for text in panel.get_yticklabels()] == ["cat", "dog", "cow"]
    assert says(panel) == ["70.0%", "20.0%", "4e-04"]
    assert panel.yaxis_inverted()


def test_numbers_of_classes_serve_as_labels(shown):
    heatmaps.show_top(torch.tensor([3, 1]), torch.tensor([0.6, 0.4]))
    labels = shown[0].axes[0].get_yticklabels()
    assert [text.get_text() for text in labels] == ["3", "1"]


@pytest.mark.parametrize("arguments", [(None, None), (["cat"], None), (None, [0.5])])
def test_a_missing_half_of_the_answer_is_awaited(shown, arguments):
    heatmaps.show_top(*arguments)
    assert says(shown[0].axes[0]) == [WAITING]


@pytest.mark.parametrize(("classes", "scale"), [(6, "linear"), (1000, "log")])
def test_the_whole_curve_is_sorted_on_a_log_axis(shown, classes, scale):
    probabilities = torch.randn(classes, generator=torch.Generator().manual_seed(0)).softmax(0)
    heatmaps.show_probability_curve(probabilities, k=3)
    (panel,) = shown[0].axes
    curve, marks = panel.lines[:2]
    expected = sorted(probabilities.tolist(), reverse=True)
    np.testing.assert_allclose(curve.get_ydata(), expected)
    np.testing.assert_array_equal(curve.get_xdata(), np.arange(1, classes + 1))
    np.testing.assert_allclose(marks.get_ydata(), expected[:3])
    assert (panel.get_yscale(), panel.get_xscale()) == ("log", scale)
    texts = [text.get_text() for text in panel.get_legend().get_texts()]
    assert f"top 3, together {sum(expected[:3]):.1%}" in texts
    assert f"all alike: 1/{classes:,}" in texts


def test_what_rounds_to_zero_is_left_out_of_the_curve(shown):
    heatmaps.show_probability_curve([0.0, 1.0, 0.0], k=2)
    curve = shown[0].axes[0].lines[0]
    np.testing.assert_array_equal(curve.get_xydata(), [[1, 1]])


def test_several_curves_and_awaited_ones_are_named(shown):
    heatmaps.show_probability_curve({"cat": [0.9, 0.1], "yours": None}, k=1)
    texts = [text.get_text() for text in shown[0].axes[0].get_legend().get_texts()]
    assert texts[:3] == ["cat: 2 classes", "cat: top 1, together 90.0%", f"yours: {WAITING}"]


# --- show_segmentation ---------------------------------------------------------------------


@pytest.mark.parametrize("values", [(False, True), (0, 1), (2, 3), (0, 3), (2, 1)])
def test_the_object_keeps_its_colours_and_the_rest_fades(shown, values):
    mask = np.full((6, 9), values[0])
    mask[1:4, 2:7] = values[1]
    heatmaps.show_segmentation(PHOTO, torch.as_tensor(mask))
    panel = panels(shown[0])["cut out"]
    colors, whole = drawn(panel), PHOTO.transpose(1, 2, 0)
    np.testing.assert_allclose(colors[1:4, 2:7], whole[1:4, 2:7])
    np.testing.assert_allclose(colors[5], 0.75 + 0.25 * whole[5])
    assert f"mask: {100 * 15 / 54:.0f}%" in panels(shown[0])


def test_the_outline_goes_around_the_object(shown):
    mask = np.zeros((6, 9))
    mask[1:4, 2:7] = 1
    heatmaps.show_segmentation(PHOTO, mask)
    (outline,) = panels(shown[0])["cut out"].collections
    corners = np.concatenate([path.vertices for path in outline.get_paths()])
    assert corners.min(axis=0).tolist() == [1.5, 0.5]
    assert corners.max(axis=0).tolist() == [6.5, 3.5]
    np.testing.assert_allclose(outline.get_edgecolor()[0, :3], to_rgb(style.WINDOW))


@pytest.mark.parametrize("mask", [np.zeros((6, 9)), np.ones((6, 9))])
def test_an_empty_or_full_mask_has_no_outline(shown, mask):
    heatmaps.show_segmentation(PHOTO, mask)
    assert not panels(shown[0])["cut out"].collections


# --- what can't be drawn -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: heatmaps.show_heat(np.ones((6, 9, 3)), {}), "image: expected 3 x H x W or 1 x"),
        (lambda: heatmaps.show_heat(np.ones((2, 3, 4, 4)), {}), "image: expected C x H x W, got"),
        (lambda: heatmaps.show_heat(PHOTO, {"m": np.ones(4)}), "m: expected h x w or 3 x h x w"),
        (lambda: heatmaps.show_heat(PHOTO, {"m": np.ones((2, 4, 4))}), r"got shape \(2, 4, 4\)"),
        (lambda: heatmaps.show_heat(PHOTO, {"m": "map"}), "m: expected an array of real numbers"),
        (lambda: heatmaps.show_pictures({"p": np.ones((4, 4))}), "p: expected C x H x W"),
        (lambda: heatmaps.show_filters(2 * np.ones((2, 3, 4, 4))), "from 0 to 1, got 2 to 2"),
        (lambda: heatmaps.show_filters(np.ones((4, 4))), "images: expected K x C x k x k or"),
        (lambda: heatmaps.show_maps(np.ones((2, 3, 4, 4))), "maps: expected C x H x W"),
        (lambda: heatmaps.show_top(["a"], [0.5, 0.5]), "1 labels for 2 probabilities"),
        (lambda: heatmaps.show_probability_curve([1.5]), "expected numbers from 0 to 1"),
        (lambda: heatmaps.show_probability_curve([[0.1], [0.2]]), "expected a list of numbers"),
        (lambda: heatmaps.show_probability_curve([0.5, 0.5], k=3), "k: expected 1 to 2, got 3"),
        (lambda: heatmaps.show_probability_curve([np.nan, 0.5]), "expected numbers from 0 to 1"),
        (lambda: heatmaps.show_segmentation(PHOTO, np.ones((9, 6))), r"mask: expected shape \(6"),
        (lambda: heatmaps.show_segmentation(PHOTO, np.full((6, 9), 255)), "mask: expected True"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(shown, call, told):
    with pytest.raises(ValueError, match=told):
        call()
    assert shown == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: heatmaps.show_filters(None),
        lambda: heatmaps.show_maps(None),
        lambda: heatmaps.show_probability_curve(None),
        lambda: heatmaps.show_segmentation(PHOTO, None),
    ],
)
def test_without_an_answer_it_waits_for_your_code(shown, call):
    call()
    (figure,) = shown
    legends = [panel.get_legend() for panel in figure.axes if panel.get_legend()]
    texts = [text.get_text() for legend in legends for text in legend.get_texts()]
    assert WAITING in [*texts, *(text for panel in figure.axes for text in says(panel))]
