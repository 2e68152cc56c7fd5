import sys

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from support.widgets import VIEW, axes, is_png, still

from coursekit import seeds
from coursekit.widgets import convolution as widgets
from coursekit.widgets import live

RNG = np.random.default_rng(1)
FIXED = RNG.integers(-9, 10, (7, 8)).astype(float)


def written(panel):
    """{(row, column): number} as a reader sees it."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): float(
            text.get_text().replace("−", "-")
        )
        for text in panel.texts
    }


def by_torch(image, kernel, stride, padding):
    image, kernel = (torch.tensor(array)[None, None] for array in (image, kernel))
    return torch.nn.functional.conv2d(image, kernel, stride=stride, padding=padding)[0, 0].numpy()


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (2, 4)])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_the_whole_output_agrees_with_torch(stride, padding, size):
    kernel = RNG.integers(-3, 4, size).astype(float)
    expected = by_torch(FIXED, kernel, stride, padding)
    figure = widgets.draw_step(FIXED, kernel, expected.size - 1, stride, padding)
    assert written(axes(figure, "output")) == dict(np.ndenumerate(expected))
    formula = f"/ {stride}) + 1 = "
    assert [f"{formula}{n}" in figure.texts[0].get_text() for n in expected.shape] == [True, True]


@pytest.mark.parametrize("step", [0, 5, 11])
def test_each_step_shows_its_window_its_products_and_the_output_so_far(step):
    kernel = RNG.integers(-3, 4, (3, 3)).astype(float)
    expected = by_torch(FIXED, kernel, 2, 1)  # 4 x 4
    row, column = divmod(step, 4)
    figure = widgets.draw_step(FIXED, kernel, step, stride=2, padding=1)
    products = axes(figure, "products")
    assert products.get_xlabel() == f"sum = {expected[row, column]:.0f}".replace("-", "−")
    assert sum(written(products).values()) == expected[row, column]
    assert len(written(axes(figure, "output"))) == step + 1
    (window,) = [p for p in axes(figure, "input").patches if not p.get_hatch()]
    assert window.get_xy() == (2 * column - 0.5, 2 * row - 0.5)
    assert (window.get_width(), window.get_height()) == (3, 3)


def test_kernels_are_not_flipped():
    kernel = np.array([[1.0, 0, 0], [0, 0, 0], [0, 0, 0]])
    figure = widgets.draw_step(FIXED, kernel)
    assert written(axes(figure, "output"))[0, 0] == FIXED[0, 0]


def test_padding_is_drawn_as_muted_zeros_outside_the_image():
    panel = axes(widgets.draw_step(FIXED, np.ones((3, 3)), padding=1), "input")
    shown = panel.images[0].get_array()
    assert shown.mask.sum() == 9 * 10 - 7 * 8
    np.testing.assert_array_equal(shown[1:-1, 1:-1].compressed(), FIXED.ravel())


@pytest.mark.parametrize(
    ("stride", "padding", "words", "strips"),
    [
        (1, 0, "every pixel is reached", 0),
        (2, 0, "0 rows and 1 column are never reached (hatched)", 1),
        (3, 0, "1 row and 2 columns are never reached (hatched)", 3),
        (4, 0, "1 row and 2 columns are never reached (hatched)", 3),
    ],
)
def test_pixels_that_no_window_reaches_are_counted_and_hatched(stride, padding, words, strips):
    figure = widgets.draw_step(FIXED, np.ones((3, 3)), 0, stride, padding)
    assert words in figure.texts[0].get_text()
    assert sum(bool(p.get_hatch()) for p in axes(figure, "input").patches) == strips


def test_the_size_formula_carries_its_numbers():
    text = widgets.draw_step(FIXED, np.ones((3, 3)), 0, stride=2).texts[0].get_text()
    assert "rows: floor((7 + 2·0 − 3) / 2) + 1 = 3" in text
    assert "columns: floor((8 + 2·0 − 3) / 2) + 1 = 3" in text


@pytest.fixture
def stepper():
    kernels = {"ones": np.ones((3, 3)), "corner": np.eye(3), "five": np.ones((5, 5))}
    return widgets._Stepper(FIXED, kernels)


def test_moving_the_slider_updates_the_picture_and_the_words(stepper):
    before = stepper.picture.value
    stepper.step.value = 7
    assert stepper.picture.value != before
    expected = by_torch(FIXED, np.ones((3, 3)), 1, 0)[1, 1]
    assert stepper.text.value == (
        "step 8 of 30: window on rows 1 to 3, columns 1 to 3; "
        f"output[1, 1] = {expected:.0f}".replace("-", "−")
    )
    assert is_png(stepper.picture.value)


def test_previous_and_next_stop_at_the_ends(stepper):
    stepper.back.click()
    assert stepper.step.value == 0
    stepper.next.click()
    assert stepper.step.value == 1
    stepper.step.value = stepper.step.max
    stepper.next.click()
    assert stepper.step.value == stepper.step.max == stepper.play.max == 29


def test_settings_reset_the_range_of_the_slider(stepper):
    stepper.step.value = 29
    stepper.stride.value = 2
    assert (stepper.step.value, stepper.step.max, stepper.play.max) == (0, 8, 8)
    stepper.padding.value = 2
    assert (stepper.step.value, stepper.step.max) == (0, 24)
    stepper.kernel.value = "five"
    assert "step 1 of 16" in stepper.text.value


def test_another_kernel_of_the_same_size_keeps_the_place(stepper):
    stepper.step.value = 12
    before = stepper.picture.value
    stepper.kernel.value = "corner"
    assert stepper.step.value == 12
    assert stepper.picture.value != before


def test_each_change_draws_once(stepper, monkeypatch):
    drawn = []
    real = widgets.draw_step
    monkeypatch.setattr(widgets, "draw_step", lambda *a: drawn.append(a) or real(*a))
    stepper.step.value = 20
    stepper.stride.value = 3
    stepper.kernel.value = "corner"
    assert len(drawn) == 3


@pytest.fixture
def editor():
    return widgets._Editor(np.linspace(0, 1, 400).reshape(20, 20))


def test_editing_a_number_redraws_and_leaves_the_preset(editor):
    before = editor.picture.value
    editor.cells[4].value = 3
    assert editor.picture.value != before
    assert editor.preset.value == "my own"
    assert "weights add up to 3" in editor.text.value


def test_a_preset_fills_the_numbers_and_draws_once(editor, monkeypatch):
    drawn = []
    real = widgets._draw_response
    monkeypatch.setattr(widgets, "_draw_response", lambda *a: drawn.append(a) or real(*a))
    editor.preset.value = "soft blur"
    assert [cell.value for cell in editor.cells] == [1, 2, 1, 2, 4, 2, 1, 2, 1]
    assert editor.divide.value
    assert len(drawn) == 1
    assert "weights add up to 1;" in editor.text.value


def test_dividing_by_a_sum_of_zero_is_declined_in_words(editor):
    editor.divide.value = True
    assert "sum is 0" in editor.text.value


def test_the_editor_answers_as_torch_does():
    photo, kernel = RNG.random((12, 13)), RNG.normal(size=(3, 3))
    figure = widgets._draw_response(photo, kernel)
    shown = figure.axes[1].images[0].get_array()
    np.testing.assert_allclose(shown, by_torch(photo, kernel, 1, 0), atol=1e-12)


CALLS = [widgets.convolution_stepper, widgets.kernel_editor]


@pytest.mark.parametrize("call", CALLS)
def test_one_output_holds_the_widget_and_a_still_picture(displayed, call):
    assert call() is None
    (bundle,) = displayed
    assert set(bundle) == {VIEW, "image/png", "text/plain"}
    assert is_png(still(bundle))
    assert "\n" not in bundle["text/plain"]


def test_the_view_is_what_ipywidgets_itself_would_send(displayed):
    box = ipywidgets.VBox()
    live.show(lambda: box, widgets.draw_step(FIXED, np.ones((3, 3))), "words")
    assert displayed[0][VIEW] == box._repr_mimebundle_()[VIEW]


@pytest.mark.parametrize("call", CALLS)
def test_without_ipywidgets_the_still_picture_shows(displayed, call, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    call()
    (bundle,) = displayed
    assert set(bundle) == {"image/png", "text/plain"}
    assert is_png(still(bundle))


@pytest.mark.parametrize("call", CALLS)
def test_without_a_kernel_the_still_picture_shows(displayed, call, monkeypatch):
    monkeypatch.setattr(live, "get_ipython", object)
    call()
    assert set(displayed[0]) == {"image/png", "text/plain"}


@pytest.mark.parametrize("call", CALLS)
def test_in_plain_python_one_line_of_words_is_printed(call, capsys):
    call()
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("call", CALLS)
def test_no_figure_is_left_open(displayed, call):
    call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": np.zeros((5, 5, 3))}, "image: expected one channel"),
        ({"kernels": {"big": np.ones((9, 9))}}, r"big \(9, 9\) is larger"),
        ({"kernels": {"flat": np.ones(3)}}, "flat: expected an image"),
    ],
)
def test_what_cannot_slide_is_refused_in_words(arguments, message):
    with pytest.raises(ValueError, match=message):
        widgets.convolution_stepper(**arguments)


def test_seed_repeats_every_generator():
    import random

    def numbers():
        return random.random(), np.random.rand(), torch.rand(1).item()

    assert seeds.set_seed(5) == 5
    first = numbers()
    seeds.set_seed(5)
    assert numbers() == first
    seeds.set_seed(6)
    assert numbers() != first
