import numpy as np
import pytest

from coursekit import drawing, pictures, style


def panels(figure):
    return [panel for panel in figure.axes if panel.axison]


def texts(panel):
    return [text.get_text() for text in panel.texts]


def picture_of(panel):
    return panel.images[0]


IMAGE = np.arange(20.0).reshape(4, 5) / 20


@pytest.mark.parametrize("image", [IMAGE, IMAGE[:, :, None], IMAGE.tolist(), IMAGE > 0.5])
def test_gray_image_is_drawn_from_black_at_0_to_white_at_1(shown, image):
    assert pictures.show_image(image, "a title") is None
    (panel,) = panels(shown[0])
    drawn = picture_of(panel)
    assert (drawn.get_cmap().name, drawn.get_clim()) == (style.IMAGES, (0.0, 1.0))
    np.testing.assert_allclose(drawn.get_array(), np.reshape(image, (4, 5)))
    assert panel.get_title() == "a title"
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("column (pixels)", "row (pixels)")


def test_values_above_1_stretch_the_grays(shown):
    pictures.show_image(IMAGE * 20)
    assert picture_of(shown[0].axes[0]).get_clim() == (0.0, 19.0)


def test_negative_values_make_a_signed_map_with_a_bar(shown):
    pictures.show_image(np.array([[-4.0, 1.0], [2.0, 3.0]]))
    drawn = picture_of(shown[0].axes[0])
    assert (drawn.get_cmap().name, drawn.get_clim()) == (style.SIGNED, (-4.0, 4.0))
    assert drawn.colorbar is not None


def test_rounding_noise_below_zero_stays_gray(shown):
    pictures.show_image(IMAGE - 1e-16)
    assert picture_of(shown[0].axes[0]).get_cmap().name == style.IMAGES


def test_signed_and_limits_can_be_chosen(shown):
    pictures.show_image(IMAGE, signed=True, limits=(-2, 2))
    pictures.show_image(IMAGE - 0.5, signed=False)
    assert picture_of(shown[0].axes[0]).get_clim() == (-2, 2)
    assert picture_of(shown[1].axes[0]).get_cmap().name == style.IMAGES


def test_numbers_are_written_into_small_images_only(shown):
    pictures.show_image(IMAGE)
    pictures.show_image(IMAGE, values=False)
    pictures.show_image(np.zeros((11, 4)))
    pictures.show_image(np.zeros((11, 4)), values=True)
    assert [len(figure.axes[0].texts) for figure in shown] == [20, 0, 0, 44]
    assert texts(shown[0].axes[0])[:4] == ["0", "0.05", "0.1", "0.15"]


def test_numbers_stand_out_from_their_pixel(shown):
    pictures.show_image(np.array([[0.0, 1.0]]))
    assert [text.get_color() for text in shown[0].axes[0].texts] == ["white", "black"]


def test_small_images_have_lines_between_pixels_and_large_ones_none(shown):
    pictures.show_image(np.zeros((24, 24)))
    pictures.show_image(np.zeros((25, 24)))
    assert [len(figure.axes[0].collections) for figure in shown] == [2, 0]


def test_nan_and_infinity_are_drawn_and_named(shown):
    pictures.show_image(np.array([[0.5, np.nan], [np.inf, -np.inf]]))
    assert texts(shown[0].axes[0]) == ["0.5", "nan", "inf", "−inf"]


@pytest.mark.parametrize("factor", [1, 255])
def test_colours_may_be_floats_or_bytes(shown, factor):
    image = (np.eye(3)[:, :, None] * [1, 0.5, 0] * factor).astype(float if factor == 1 else "u1")
    pictures.show_image(image)
    np.testing.assert_allclose(
        picture_of(shown[0].axes[0]).get_array()[0, 0], [1, 0.5, 0], atol=1 / 255
    )


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros(3), r"got shape \(3,\)"),
        (np.zeros((3, 3, 2)), r"got shape \(3, 3, 2\)"),
        (np.zeros((0, 3)), r"got shape \(0, 3\)"),
        (np.zeros((1, 3, 3, 1)), "H x W x 1 or H x W x 3"),
        ("brick", "array of real numbers, got str"),
        (None, "array of real numbers, got NoneType"),
        (np.zeros((2, 2), dtype=complex), "array of real numbers"),
        (np.full((2, 2, 3), -1.0), "show one channel"),
    ],
)
def test_what_is_no_image_is_refused_in_words(shown, image, message):
    with pytest.raises(ValueError, match=message):
        pictures.show_image(image)
    assert shown == []


def test_an_error_while_drawing_leaves_no_figure_open(shown):
    with pytest.raises(ValueError, match="one channel only"):
        pictures.show_image(np.zeros((2, 2, 3)), values=True)


def test_images_wrap_after_four_and_none_waits_for_code(shown):
    pictures.show_images({"a": IMAGE, "b": None, "c": IMAGE - 1, "d": IMAGE, "e": IMAGE})
    drawn = [panel for panel in panels(shown[0]) if panel.get_title()]
    assert [panel.get_title() for panel in drawn] == list("abcde")
    assert [panel.get_subplotspec().rowspan.start for panel in drawn] == [0, 0, 0, 0, 1]
    assert texts(drawn[1]) == ["waiting for your code"]
    assert picture_of(drawn[2]).get_cmap().name == style.SIGNED


def test_images_share_limits_when_given(shown):
    pictures.show_images({"a": IMAGE, "b": IMAGE * 9}, limits=(0, 5))
    assert {picture_of(panel).get_clim() for panel in panels(shown[0])} == {(0, 5)}


def test_a_wrong_image_among_several_is_named():
    with pytest.raises(ValueError, match="second: expected an image"):
        pictures.show_images({"first": IMAGE, "second": np.zeros(4)})


def test_kernels_share_one_symmetric_scale(shown):
    pictures.show_kernels({"edge": [[1, 0, -1]] * 3, "five": np.full((5, 5), 4)})
    first, second = panels(shown[0])
    for panel in (first, second):
        assert picture_of(panel).get_clim() == (-4, 4)
        assert picture_of(panel).get_cmap().name == style.SIGNED
    assert texts(first) == ["1", "0", "−1"] * 3


def test_a_kernel_with_channels_gets_one_panel_a_channel_in_its_own_row(shown):
    kernel = np.arange(27).reshape(3, 3, 3)
    pictures.show_kernels({"k": kernel, "l": -kernel})
    drawn = panels(shown[0])
    assert [panel.get_title() for panel in drawn[:3]] == [f"k\nchannel {c}" for c in range(3)]
    np.testing.assert_array_equal(picture_of(drawn[1]).get_array(), kernel[:, :, 1])
    assert [panel.get_subplotspec().rowspan.start for panel in drawn] == [0, 0, 0, 1, 1, 1]


def test_a_kernel_of_one_dimension_is_refused():
    with pytest.raises(ValueError, match=r"blur: expected a kernel k x k .* got \(3,\)"):
        pictures.show_kernels({"blur": np.ones(3)})


def test_comparison_shows_yours_minus_target_on_one_scale(shown):
    yours = IMAGE.copy()
    yours[1, 2] -= 3
    pictures.show_comparison(IMAGE, yours, "blur")
    target, answer, difference = [panel for panel in panels(shown[0]) if panel.get_title()]
    assert picture_of(target).get_clim() == picture_of(answer).get_clim()
    np.testing.assert_allclose(picture_of(difference).get_array(), yours - IMAGE)
    assert "largest size 3" in difference.get_title()


def test_rounding_errors_look_like_no_difference(shown):
    pictures.show_comparison(IMAGE, IMAGE + 1e-16)
    drawn = picture_of(panels(shown[0])[2])
    np.testing.assert_allclose(drawn.cmap(drawn.norm(drawn.get_array()))[..., :3], 0.97, atol=0.01)


def test_colour_comparison_shows_the_channel_that_is_farthest_off(shown):
    target = np.full((3, 4, 3), 0.5)
    yours = target + [0.1, -0.3, 0.2]
    pictures.show_comparison(target, yours)
    difference = [p for p in panels(shown[0]) if p.get_title().startswith("difference")][0]
    np.testing.assert_allclose(picture_of(difference).get_array(), -0.3)


@pytest.mark.parametrize(
    ("yours", "words"),
    [
        (None, "waiting for your code"),
        ([[1, 2]], "not an array\nbut a list"),
        (3.0, "not an array\nbut a float"),
        (np.zeros(5), "shape (5,)"),
        (np.full((4, 5, 3), -1.0), "negative"),
        (np.zeros((3, 5)), "shapes differ:\nyours (3, 5)\ntarget (4, 5)"),
        (np.zeros((4, 5, 1)), "shapes differ:\nyours (4, 5, 1)\ntarget (4, 5)"),
    ],
)
def test_comparison_says_what_it_cannot_compare(shown, yours, words):
    pictures.show_comparison(IMAGE, yours)
    said = " | ".join(text for panel in panels(shown[0]) for text in texts(panel))
    assert words in said


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_comparison_survives_an_answer_that_is_not_finite(shown, bad):
    pictures.show_comparison(IMAGE, np.full_like(IMAGE, bad))
    assert "NaN or infinite" in panels(shown[0])[2].get_title()


@pytest.mark.parametrize("stems", [False, True])
def test_signals_are_labelled_and_a_missing_one_waits(shown, stems):
    pictures.show_signals({"x": [1, 2, 3], "y": np.zeros(2), "z": None}, xlabel="n", stems=stems)
    (panel,) = panels(shown[0])
    labels = [text.get_text() for text in panel.get_legend().get_texts()]
    assert labels == ["x", "y", "z: waiting for your code"]
    assert panel.get_xlabel() == "n (sample index)"
    curves = {line.get_label(): line.get_ydata() for line in panel.lines}
    np.testing.assert_array_equal(curves["x"], [1, 2, 3])


def test_a_signal_of_two_dimensions_is_refused():
    with pytest.raises(ValueError, match=r"x: expected a 1-D signal, got shape \(3, 1\)"):
        pictures.show_signals({"x": np.zeros((3, 1))})


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (-0.25, "−0.25"), (1 / 3, "0.33"), (-1e-17, "0"), (0.004, "0.004"), (100, "100")]
    + [(12345.6, "12346"), (2.5e6, "2.5e+06"), (np.nan, "nan")],
)
def test_numbers_are_short(value, text):
    assert drawing.short(value) == text
