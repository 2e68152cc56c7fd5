"""Plots: what is drawn is what was given, with axes that say what they measure."""

import numpy as np
import pytest

from coursekit import plots


def test_curves_are_drawn_at_their_places_with_labels(shown):
    plots.show_curves(
        {"one": [1.0, 4.0, 2.0], "two": ([0.0, 9.0], [5.0, 6.0]), "yours": None},
        "epoch",
        "loss",
        x=[1, 2, 4],
    )
    (panel,) = shown[0].axes
    lines = {line.get_label(): line for line in panel.lines}
    np.testing.assert_array_equal(lines["one"].get_xydata(), [[1, 1], [2, 4], [4, 2]])
    np.testing.assert_array_equal(lines["two"].get_xydata(), [[0, 5], [9, 6]])
    assert "yours: waiting for your code" in lines
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("epoch", "loss")


@pytest.mark.parametrize("log", ["", "x", "y", "xy"])
def test_axes_are_logarithmic_where_asked(shown, log):
    plots.show_curves({"a": [1.0, 10.0]}, "x", "y", x=[1, 10], log=log)
    plots.show_points({"a": (1, 10), "b": (10, 1000)}, "x", "y", log=log)
    for figure in shown:
        (panel,) = figure.axes
        scales = {"x": panel.get_xscale(), "y": panel.get_yscale()}
        assert {axis for axis, kind in scales.items() if kind == "log"} == set(log)


def test_more_than_five_curves_can_be_told_apart(shown):
    plots.show_curves({str(n): [n, n + 1.0] for n in range(12)}, "x", "y")
    lines = [line for line in shown[0].axes[0].lines if line.get_label().isdigit()]
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 12


@pytest.mark.parametrize(
    ("curve", "told"),
    [
        (np.ones((2, 2)), "mine: expected a list of numbers, got shape"),
        ([], "mine: expected a list of numbers"),
        (["a"], "mine: expected an array of real numbers"),
        (([1, 2], [1.0]), "mine: 1 values at 2 places"),
    ],
)
def test_what_is_no_curve_is_told(shown, curve, told):
    with pytest.raises(ValueError, match=told):
        plots.show_curves({"mine": curve}, "x", "y")


def test_points_carry_their_names_and_areas_their_amounts(shown):
    plots.show_points({"small": (1, 2, 1), "large": (3, 4, 10)}, "year", "layers")
    (panel,) = shown[0].axes
    assert [text.get_text() for text in panel.texts] == ["small", "large"]
    (discs,) = panel.collections
    np.testing.assert_array_equal(discs.get_offsets(), [[1, 2], [3, 4]])
    assert discs.get_sizes()[0] < discs.get_sizes()[1]


def test_bars_have_their_heights_and_numbers(shown):
    plots.show_bars({"dense": 3686400, "conv": 36, "yours": None}, "weights", log=True)
    (panel,) = shown[0].axes
    assert [bar.get_height() for bar in panel.patches] == [3686400, 36, 0]
    texts = [text.get_text() for text in panel.texts]
    assert texts == ["3,686,400", "36", "waiting for your code"]
