"""The ready convolution, the families of filters, and the explorer that shows them."""

import re
import sys

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import torch
from support.widgets import VIEW, is_png

from coursekit import filtering
from coursekit.widgets import filter_design as widgets

RNG = np.random.default_rng(2)
ZERO_SUM = [name for name in filtering.FAMILIES if name != "Gaussian"]
ROUND = [name for name in filtering.FAMILIES if name not in filtering.ORIENTED]


def on_screen(degrees, half=20):
    """How far each pixel lies in a direction that is counted counter-clockwise on screen."""
    up, right = np.mgrid[half : -half - 1 : -1, -half : half + 1]
    turn = np.radians(degrees)
    return right * np.cos(turn) + up * np.sin(turn)


# convolve -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "kernel"),
    [((7, 9), (3, 3)), ((5, 5), (5, 5)), ((40, 33), (13, 13)), ((6, 8), (2, 4)), ((4, 4), (1, 1))],
)
def test_one_channel_agrees_with_scipy(image, kernel):
    image, kernel = RNG.normal(size=image), RNG.normal(size=kernel)
    expected = scipy.signal.correlate2d(image, kernel, mode="valid")
    np.testing.assert_allclose(filtering.convolve(image, kernel), expected, atol=1e-12)
    layered = filtering.convolve(image[:, :, None], kernel)
    np.testing.assert_allclose(layered, expected, atol=1e-12)


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_products_are_summed_over_the_channels_as_torch_does(channels):
    image, kernel = RNG.normal(size=(9, 8, channels)), RNG.normal(size=(3, 3, channels))
    planes = (torch.tensor(array.transpose(2, 0, 1))[None] for array in (image, kernel))
    expected = torch.nn.functional.conv2d(*planes)[0, 0].numpy()
    np.testing.assert_allclose(filtering.convolve(image, kernel), expected, atol=1e-12)


def test_whole_numbers_give_floats_and_leave_the_arguments_alone():
    image, kernel = np.arange(20, dtype=np.uint8).reshape(4, 5), np.full((2, 2), -100)
    before = image.copy()
    response = filtering.convolve(image, kernel)
    assert response.dtype == np.float64
    assert response[0, 0] == -100 * (0 + 1 + 5 + 6)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("image", "kernel", "message"),
    [
        (np.zeros(5), np.ones((3, 3)), "image: expected H x W or H x W x C, got shape"),
        (np.zeros((5, 5)), np.ones(3), "kernel: expected k x k or k x k x C, got shape"),
        (np.zeros((5, 5)), np.ones((0, 3)), "kernel: expected k x k"),
        (np.zeros((5, 5, 3)), np.ones((3, 3)), r"3 channel\(s\) and the kernel 1"),
        (np.zeros((5, 5)), np.ones((6, 3)), "kernel .* is larger than the image"),
        (None, np.ones((3, 3)), "image: expected an array of real numbers"),
    ],
)
def test_what_cannot_be_convolved_is_refused_in_words(image, kernel, message):
    with pytest.raises(ValueError, match=message):
        filtering.convolve(image, kernel)


# families -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", filtering.FAMILIES)
@pytest.mark.parametrize("size", [3, 7, 31])
@pytest.mark.parametrize("sigma", [0.5, 1.3, 6])
def test_a_gaussian_sums_to_one_and_the_others_to_zero(name, size, sigma):
    kernel = filtering.family(name, size, sigma, theta=0.7)
    assert kernel.shape == (size, size)
    assert kernel.dtype == np.float64
    assert np.abs(kernel).max() > 1e-5
    assert kernel.sum() == pytest.approx(float(name == "Gaussian"), abs=1e-12)


@pytest.mark.parametrize("name", ROUND)
def test_round_families_look_the_same_in_every_direction(name):
    kernel = filtering.family(name, 15, 2.0)
    for same in (kernel.T, kernel[::-1], kernel[:, ::-1], filtering.family(name, 15, 2.0, 1.0)):
        np.testing.assert_allclose(same, kernel, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "sign"), [("first derivative", -1), ("second derivative", 1), ("Gabor", -1)]
)
@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
def test_oriented_families_are_odd_or_even(name, sign, degrees):
    kernel = filtering.family(name, 15, 2.0, np.radians(degrees))
    np.testing.assert_allclose(kernel[::-1, ::-1], sign * kernel, atol=1e-12)


@pytest.mark.parametrize("name", ["first derivative", "Gabor"])
@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 210, 315])
def test_an_edge_filter_answers_most_to_the_edge_that_brightens_in_its_direction(name, degrees):
    kernel = filtering.family(name, 41, 3.0, np.radians(degrees))
    directions = range(0, 360, 15)
    edges = [1 / (1 + np.exp(-2 * on_screen(direction))) for direction in directions]
    responses = [filtering.convolve(edge, kernel)[0, 0] for edge in edges]
    assert directions[int(np.argmax(responses))] == degrees
    assert directions[int(np.argmin(responses))] == (degrees + 180) % 360


@pytest.mark.parametrize("degrees", [0, 30, 90, 165])
def test_a_second_derivative_answers_most_to_dark_lines_across_its_direction(degrees):
    kernel = filtering.family("second derivative", 41, 3.0, np.radians(degrees))
    directions = range(0, 180, 15)
    lines = [-np.exp(-(on_screen(direction) ** 2) / 2) for direction in directions]
    responses = [filtering.convolve(line, kernel)[0, 0] for line in lines]
    assert directions[int(np.argmax(responses))] == degrees


@pytest.mark.parametrize(
    ("name", "order"), [("first derivative", (0, 1)), ("second derivative", (0, 2))]
)
def test_derivatives_measure_the_blurred_image_as_scipy_does(name, order):
    image = scipy.ndimage.gaussian_filter(RNG.normal(size=(60, 60)), 3)  # smooth, so that
    kernel = filtering.family(name, 25, 3.0)  # differences come close to derivatives
    expected = scipy.ndimage.gaussian_filter(image, 3.0, order=order)[12:-12, 12:-12]
    response = filtering.convolve(image, kernel)
    np.testing.assert_allclose(response, expected, atol=0.06 * np.abs(expected).max())


def test_the_laplacian_is_that_of_scipy():
    impulse = np.zeros((25, 25))
    impulse[12, 12] = 1
    expected = scipy.ndimage.gaussian_laplace(impulse, 3.0, truncate=6)
    kernel = filtering.family("Laplacian of Gaussian", 25, 3.0)
    np.testing.assert_allclose(kernel, expected, atol=0.06 * np.abs(expected).max())


def test_the_difference_of_gaussians_is_close_to_the_negative_laplacian():
    difference = filtering.family("difference of Gaussians", 41, 4.0).ravel()
    laplacian = filtering.family("Laplacian of Gaussian", 41, 4.0 * 1.6**0.5).ravel()
    assert np.corrcoef(difference, laplacian)[0, 1] < -0.98


@pytest.mark.parametrize("sigma", [0.5, 0.8, 1.0, 2.0])
def test_the_gabor_wave_never_falls_between_the_pixels(sigma):
    kernel = filtering.family("Gabor", 9, sigma)
    assert np.abs(kernel).sum() == pytest.approx(1)
    assert np.abs(kernel[4]).max() > 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("box", 5, 1.0), "no family is called 'box'; choose one of: Gaussian, first"),
        (("Gabor", 4, 1.0), "size has to be an odd whole number"),
        (("Gabor", 1, 1.0), "size has to be an odd whole number"),
        (("Gabor", 5.5, 1.0), "size has to be an odd whole number"),
        (("Gabor", 5, 0.0), "sigma has to be above 0"),
        (("Gabor", 5, np.nan), "sigma has to be above 0"),
        (("Gabor", 5, 1.0, np.inf), "theta has to be an angle"),
    ],
)
def test_what_is_no_filter_is_refused_in_words(arguments, message):
    with pytest.raises(ValueError, match=message):
        filtering.family(*arguments)


# profile and rotate -------------------------------------------------------------------------------

NUMBERS = np.arange(25.0).reshape(5, 5)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (0, [10, 11, 12, 13, 14]),  # the middle row
        (90, [22, 17, 12, 7, 2]),  # the middle column, upwards
        (180, [14, 13, 12, 11, 10]),
        (270, [2, 7, 12, 17, 22]),
    ],
)
def test_a_profile_runs_through_the_middle_in_its_direction(degrees, expected):
    cut = filtering.profile(NUMBERS, np.radians(degrees))
    np.testing.assert_allclose(cut, expected, atol=1e-5)


@pytest.mark.parametrize("degrees", [20, 45, 110])
def test_between_pixels_a_profile_follows_a_slope_exactly(degrees):
    cut = filtering.profile(on_screen(degrees, half=6), np.radians(degrees))
    np.testing.assert_allclose(cut, np.arange(-6, 7), atol=0.05)  # OpenCV rounds to 1/32 pixel


@pytest.mark.parametrize("quarter", [-1, 0, 1, 2, 3, 4])
def test_quarter_turns_are_exact(quarter):
    turned = filtering.rotate(NUMBERS, 90 * quarter)
    np.testing.assert_array_equal(turned, np.rot90(NUMBERS, quarter))
    assert not np.shares_memory(turned, NUMBERS)


@pytest.mark.parametrize("degrees", [15, 45, 100, -30])
def test_a_turned_filter_is_the_filter_of_the_turned_angle(degrees):
    start = filtering.family("first derivative", 31, 3.0)
    expected = filtering.family("first derivative", 31, 3.0, np.radians(degrees))
    turned = filtering.rotate(start, degrees)
    np.testing.assert_allclose(turned, expected, atol=0.04 * start.max())


@pytest.mark.parametrize("call", [filtering.profile, lambda k: filtering.rotate(k, 30)])
@pytest.mark.parametrize("kernel", [np.ones((3, 4)), np.ones(3), np.ones((3, 3, 2))])
def test_only_square_kernels_have_a_profile_and_turn(call, kernel):
    with pytest.raises(ValueError, match="kernel: expected a square k x k"):
        call(kernel)


def test_a_turn_needs_an_angle():
    with pytest.raises(ValueError, match="degrees has to be an angle"):
        filtering.rotate(NUMBERS, np.nan)


# the explorer -------------------------------------------------------------------------------------

PHOTO = RNG.random((40, 50))


def panel(figure, label):
    return next(axes for axes in figure.axes if axes.get_label() == label)


def drawn(photo, *chosen):
    kernel = filtering.family(*chosen[:3], np.radians(chosen[3]))
    response = scipy.signal.correlate2d(PHOTO, kernel, mode="valid")
    return kernel, response, widgets.draw_filter(photo, kernel, response, *chosen)


def test_the_picture_shows_kernel_profile_photo_and_response_with_labelled_axes():
    kernel, response, figure = drawn(PHOTO, "Gabor", 9, 1.5, 90)
    for label, shown in (("kernel", kernel), ("photo", PHOTO), ("response", response)):
        np.testing.assert_array_equal(panel(figure, label).images[0].get_array(), shown)
    profile = panel(figure, "profile")
    curve = profile.lines[-1]
    np.testing.assert_array_equal(curve.get_xdata(), range(-4, 5))
    np.testing.assert_allclose(curve.get_ydata(), kernel[::-1, 4], atol=1e-5)  # upwards
    assert profile.get_xlabel() == "pixels from the middle, along 90°"
    assert profile.get_ylabel() == "weight"
    assert panel(figure, "photo").get_xlabel() == "column (pixels)"
    assert panel(figure, "response").get_ylabel() == "row (pixels)"


def test_the_title_of_the_response_names_the_ends_of_its_colours():
    _, response, figure = drawn(PHOTO, "second derivative", 9, 1.5, 90)
    shown = panel(figure, "response")
    end = np.abs(response).max()
    assert shown.images[0].get_clim() == (-end, end)
    assert shown.get_title() == f"response, blue −{end:.2f} to red {end:.2f}"


def test_a_blurred_photo_stays_gray():
    _, _, figure = drawn(PHOTO, "Gaussian", 9, 1.5, 0)
    assert panel(figure, "response").images[0].get_clim() == (0.0, 1.0)


def test_the_arrow_on_the_kernel_points_where_the_filter_brightens():
    kernel, _, figure = drawn(PHOTO, "first derivative", 11, 1.5, 60)
    (arrow,) = (text for text in panel(figure, "kernel").texts if not text.get_text())
    (tip_x, tip_y), (tail_x, tail_y) = arrow.xy, arrow.get_position()
    assert np.degrees(np.arctan2(tail_y - tip_y, tip_x - tail_x)) == pytest.approx(60)
    assert kernel[round(tip_y) + 2, round(tip_x) - 1] > 0 > kernel[7, 4]


@pytest.mark.parametrize(("size", "numbers"), [(3, 9), (5, 25), (7, 0), (31, 0)])
def test_weights_are_written_into_small_kernels_only(size, numbers):
    figure = drawn(None, "Laplacian of Gaussian", size, 1.0, 0)[2]
    assert len(panel(figure, "kernel").texts) == numbers


@pytest.fixture
def explorer():
    return widgets._Explorer(PHOTO)


@pytest.fixture
def redraws(monkeypatch):
    calls = []
    real = widgets.draw_filter
    monkeypatch.setattr(widgets, "draw_filter", lambda *a: calls.append(a) or real(*a))
    return calls


CHANGES = [("family", "Gabor"), ("size", 15), ("sigma", 2.5), ("angle", 120)]


@pytest.mark.parametrize(("control", "value"), CHANGES)
def test_each_control_changes_the_picture_and_the_words_and_draws_once(
    explorer, redraws, control, value
):
    picture, words, photo = explorer.picture.value, explorer.text.value, explorer.still.value
    getattr(explorer, control).value = value
    assert explorer.picture.value != picture
    assert explorer.text.value != words
    assert explorer.still.value == photo
    assert len(redraws) == 1
    for part in (explorer.picture, explorer.still):
        assert is_png(part.value)


def test_the_response_is_that_of_the_chosen_filter(explorer, redraws):
    explorer.family.value, explorer.size.value = "Laplacian of Gaussian", 5
    kernel = filtering.family("Laplacian of Gaussian", 5, explorer.sigma.value)
    expected = scipy.signal.correlate2d(PHOTO, kernel, mode="valid")
    np.testing.assert_allclose(redraws[-1][2], expected, atol=1e-12)
    found = re.search(r"add up to 0; response (\S+) to (\S+)\. ", explorer.text.value)
    said = [float(number.replace("−", "-")) for number in found.groups()]
    np.testing.assert_allclose(said, [expected.min(), expected.max()], atol=0.005)


@pytest.mark.parametrize("name", ROUND)
def test_a_family_without_an_angle_locks_the_angle_and_says_why(explorer, name):
    explorer.family.value = name
    assert explorer.angle.disabled
    assert explorer.reason.value == f"no angle: the {name} is the same in every direction"
    assert "angle" not in explorer.text.value


@pytest.mark.parametrize("name", filtering.ORIENTED)
def test_a_family_with_an_angle_unlocks_it(explorer, name):
    explorer.family.value = "Gaussian"
    explorer.family.value = name
    assert not explorer.angle.disabled
    assert explorer.reason.value == ""
    assert "angle 30°" in explorer.text.value


def test_a_window_that_cuts_the_filter_off_is_pointed_out(explorer):
    assert "cuts" not in explorer.text.value
    explorer.sigma.value = 4.0
    assert "it cuts the filter off" in explorer.text.value


def test_all_sizes_on_the_slider_are_odd_and_fit(explorer):
    sizes = range(explorer.size.min, explorer.size.max + 1, explorer.size.step)
    assert (sizes[0], sizes[-1]) == (3, 31)
    assert all(size % 2 for size in sizes)


def test_one_output_holds_the_explorer_and_a_still_picture(displayed):
    assert widgets.filter_explorer() is None
    (bundle,) = displayed
    assert set(bundle) == {VIEW, "image/png", "text/plain"}
    assert "\n" not in bundle["text/plain"]
    assert plt.get_fignums() == []


def test_without_ipywidgets_the_still_picture_shows(displayed, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    widgets.filter_explorer(PHOTO)
    assert set(displayed[0]) == {"image/png", "text/plain"}


def test_in_plain_python_one_line_of_words_is_printed(capsys):
    widgets.filter_explorer(PHOTO[:, :, None])
    words = capsys.readouterr().out
    assert words.count("\n") == 1
    assert words.startswith("first derivative 9 × 9, sigma 1.5 px, angle 30°: weights add up to 0")


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        (np.zeros((50, 50, 3)), "photo: expected one channel"),
        (np.zeros((30, 50)), r"photo: \(30, 50\) is smaller than the largest kernel"),
    ],
)
def test_a_photo_that_cannot_be_explored_is_refused_in_words(photo, message):
    with pytest.raises(ValueError, match=message):
        widgets.filter_explorer(photo)


def test_controls_and_pictures_wrap_on_a_narrow_page(explorer):
    rows = [part for part in explorer.box.children if isinstance(part, ipywidgets.HBox)]
    assert [row.layout.flex_flow for row in rows] == ["row wrap", "row wrap"]
    assert [part for row in rows for part in row.children] == [
        *(explorer.family, explorer.size, explorer.sigma, explorer.angle, explorer.reason),
        *(explorer.still, explorer.picture),
    ]
