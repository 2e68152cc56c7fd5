"""What all pictures are made of: numbers out of arrays and tensors, panels of words, mosaics."""

import numpy as np
import pytest
import torch

from coursekit import drawing, style
from coursekit.mosaics import mosaic


@pytest.mark.parametrize(
    "given",
    [[1, 2], np.array([1, 2], np.uint8), torch.tensor([1.0, 2.0], requires_grad=True)],
    ids=["list", "bytes", "tensor with gradients"],
)
def test_numbers_come_out_as_float64_whatever_held_them(given):
    array = drawing.numbers(given, "weights")
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, [1, 2])


@pytest.mark.parametrize(
    ("given", "kind"),
    [(None, "NoneType"), (["a"], "list"), (torch.ones(2) * 1j, "Tensor")],
)
def test_what_holds_no_real_numbers_is_named_with_its_type(given, kind):
    message = f"weights: expected an array of real numbers, got {kind}"
    with pytest.raises(ValueError, match=message):
        drawing.numbers(given, "weights")


def test_only_a_batch_of_one_is_unpacked():
    one, two, none = np.zeros((1, 3, 4)), np.zeros((2, 3, 4)), np.zeros((1, 4))
    assert drawing.unbatched(one, 2).shape == (3, 4)
    assert drawing.unbatched(two, 2) is two
    assert drawing.unbatched(none, 2) is none


def test_words_stand_in_the_middle_of_an_empty_panel_of_the_pictures_shape():
    panel = drawing.new_figure(4, 3).add_axes((0, 0, 1, 1))
    drawing.say(panel, drawing.WAITING, "yours", aspect=0.5)
    drawing.png(panel.figure)
    [words] = panel.texts
    box, text = panel.get_window_extent(), words.get_window_extent()
    assert (words.get_text(), panel.get_title()) == (drawing.WAITING, "yours")
    assert box.height / box.width == pytest.approx(0.5)
    assert (text.x0 + text.x1) / 2 == pytest.approx((box.x0 + box.x1) / 2, abs=1)


def test_tiles_stand_row_by_row_with_gaps_of_no_number():
    tiles = np.arange(18.0).reshape(3, 2, 3)
    picture, corners = mosaic(tiles, 2, rows_apart=2, columns_apart=1)
    assert picture.shape == (6, 7)
    assert corners == [(0, 0), (0, 4), (4, 0)]
    for tile, (top, left) in zip(tiles, corners, strict=True):
        np.testing.assert_array_equal(picture[top : top + 2, left : left + 3], tile)
    assert np.isnan(picture).sum() == picture.size - tiles.size


def test_gaps_are_white_between_tiles_in_colours():
    picture, corners = mosaic(np.zeros((2, 2, 2, 3)), 5)  # fewer tiles than a row has room for
    assert corners == [(0, 0), (0, 3)]
    np.testing.assert_array_equal(picture[:, 2], np.ones((2, 3)))
    assert picture.sum() == 6


def test_curves_have_a_mark_for_each_colour():
    assert len(style.MARKS) == len(style.CYCLE) == len({*style.CYCLE})
