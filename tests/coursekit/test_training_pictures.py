"""Live curves, the table of nets, and the pictures of a training run; the unit's figures."""

import ast
import base64
import io
import math
import subprocess
import sys

import matplotlib.colors
import nbclient
import nbformat
import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import confusion_matrix
from support.course import ROOT
from torch import nn

from coursekit import style, training

RNG = np.random.default_rng(4)
DIGITS = RNG.random((30, 1, 8, 6))
LABELS = RNG.integers(0, 10, 30)
GIVEN = dict(train_loss=1.5, train_accuracy=0.5, test_loss=2.0, test_accuracy=0.25)


def panels(figure):
    return [panel for panel in figure.axes if panel.get_label() != "<colorbar>"]


def texts(panel):
    return [text.get_text() for text in panel.texts]


def tile_below(panel, text, shape):
    """The values of the tile under a text, read off the picture that is drawn."""
    [words] = [one for one in panel.texts if one.get_text() == text]
    x, y = words.get_position()
    left = round(x + 0.5 - shape[1] / 2)
    sheet = np.asarray(panel.images[0].get_array().filled(np.nan))
    top = next(row for row in range(math.ceil(y), len(sheet)) if not np.isnan(sheet[row, left]))
    return sheet[top : top + shape[0], left : left + shape[1]]


def curve_of(*epochs):
    curve = training.live_curve("a net")
    for values in epochs:
        curve.add(**values)
    return curve


def run(*sources):
    """Run cells in a kernel; return their outputs, a list for each cell."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nb = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(nb, timeout=120, kernel_name="python3").execute(cwd=ROOT)
    return [cell.outputs for cell in nb.cells]


@pytest.fixture(scope="module")
def outputs():
    """What a kernel shows of a curve and a table, in three cells."""
    return run(
        "from coursekit import training\n"
        "curve, results = training.live_curve(), training.Results()\n"
        "for epoch in range(6):\n"
        "    curve.add(train_loss=6.0 - epoch)",
        "curve.add(train_loss=0.125)",
        "results.add('one', 10, 1.0, 0.5)\nresults.add('two', 20, 1.0, 0.75)",
    )


# Curves -------------------------------------------------------------------------------------------


def test_a_cell_keeps_one_picture_of_its_last_epoch(outputs):
    for cell, epoch, loss in ((outputs[0], 6, "1.0000"), (outputs[1], 7, "0.1250")):
        [output] = cell
        assert output["data"]["text/plain"] == f"epoch {epoch}: train loss {loss}"
        picture = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
        assert picture.width > 600
        alt = output["metadata"]["image/png"]["alt"]
        assert alt == output["data"]["text/plain"]


def test_losses_and_accuracies_are_drawn_over_the_epochs_that_were_added():
    curve = curve_of(GIVEN, {**GIVEN, "train_loss": torch.tensor(0.5, requires_grad=True)})
    loss, accuracy = curve.draw().axes
    drawn = {line.get_label(): line for line in loss.lines}
    np.testing.assert_array_equal(drawn["train"].get_xydata(), [[1, 1.5], [2, 0.5]])
    np.testing.assert_array_equal(drawn["test"].get_xydata(), [[1, 2], [2, 2]])
    assert [line.get_ydata()[0] for line in accuracy.lines] == [0.5, 0.25]
    assert curve.history["train_loss"] == [1.5, 0.5]
    for panel, word in ((loss, "nats"), (accuracy, "share")):
        assert panel.get_xlabel() == "epoch"
        assert word in panel.get_ylabel()


def test_a_curve_has_one_colour_in_both_panels_whatever_comes_first():
    values = dict(test_accuracy=0.1, train_loss=1.0, test_loss=2.0, train_accuracy=0.2)
    loss, accuracy = curve_of(values).draw().axes
    colors = [{line.get_label(): line.get_color() for line in p.lines} for p in (loss, accuracy)]
    assert colors[0] == colors[1]
    assert len(set(colors[0].values())) == 2


def test_a_curve_that_starts_late_or_pauses_has_gaps():
    curve = curve_of({"a_loss": 3}, {"b_loss": 2}, {"a_loss": 1, "b_loss": 0})
    np.testing.assert_array_equal(curve.history["a_loss"], [3, np.nan, 1])
    np.testing.assert_array_equal(curve.history["b_loss"], [np.nan, 2, 0])
    assert curve.describe() == "epoch 3: a loss 1.0000, b loss 0.0000"


def test_none_waits_for_code_and_nan_does_not():
    curve = curve_of({"train_loss": None, "test_loss": math.nan})
    labels = [line.get_label() for line in curve.draw().axes[0].lines]
    assert labels == ["train: waiting for your code", "test"]
    assert curve.describe() == "epoch 1: train loss waiting for your code, test loss nan"


def test_curves_keep_long_names():
    curve = curve_of({"softmax_twice_accuracy": 0.25})
    assert [line.get_label() for line in curve.draw().axes[1].lines] == ["softmax twice"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"loss": 1}, "loss: expected a name like train_loss"),
        ({"train_error": 1}, "train_error: expected a name"),
        ({"train_loss": [1, 2]}, r"train_loss: expected one number, got shape \(2,\)"),
        ({"train_loss": "low"}, "train_loss: expected an array of real numbers, got str"),
    ],
)
def test_a_wrong_name_or_value_is_told_and_adds_nothing(values, told):
    curve = curve_of(GIVEN)
    with pytest.raises(ValueError, match=told):
        curve.add(**values)
    assert curve.epochs == 1
    assert set(curve.history) == set(GIVEN)


def test_plain_python_prints_a_line_an_epoch(capsys):
    curve_of({"train_loss": 1}, {"train_loss": 0.5})
    assert capsys.readouterr().out == "epoch 1: train loss 1.0000\nepoch 2: train loss 0.5000\n"


# Results ------------------------------------------------------------------------------------------


def test_a_cell_keeps_one_table_with_all_its_rows(outputs):
    [output] = outputs[2]
    assert output["data"]["text/plain"].splitlines()[1:] == [
        "one          10      1.0       …         0.5000",
        "two          20      1.0       …         0.7500",
    ]
    assert output["data"]["text/html"].count("<tr>") == 3


def test_table_counts_parameters_and_names_the_device():
    results = training.Results()
    net = nn.Sequential(nn.Conv2d(1, 16, 5), nn.BatchNorm2d(16), nn.Flatten(), nn.Linear(9, 10))
    results.add("mine", net, 2, torch.tensor(0.5))
    expected = 16 * 25 + 16 + 2 * 16 + 9 * 10 + 10  # buffers aren't parameters
    row = {"parameters": expected, "seconds": 2.0, "device": "cpu", "test accuracy": 0.5}
    assert results.rows == {"mine": row}


def test_the_same_name_takes_the_place_of_its_row(capsys):
    results = training.Results()
    for name, accuracy in (("a", 0.5), ("b", 0.6), ("a", 0.7)):
        results.add(name, 1234567, 10.06, accuracy)
    lines = capsys.readouterr().out.splitlines()[-3:]
    assert lines[0].split() == ["net", "parameters", "seconds", "device", "test", "accuracy"]
    assert lines[1].split() == ["a", "1,234,567", "10.1", "…", "0.7000"]
    assert lines[2].split() == ["b", "1,234,567", "10.1", "…", "0.6000"]


def test_best_rows_are_bold_and_names_are_escaped():
    results = training.Results()
    for name, accuracy in (("<b>", 0.5), ("x", 0.75), ("y", None), ("z", 0.75)):
        results.add(name, None, None, accuracy)
    page = results._page()
    assert [f"<tr><th>{name}</th>" in page for name in "xyz"] == [True, False, True]
    assert "<td>&lt;b&gt;</td>" in page


def test_an_empty_table_says_so(capsys):
    training.Results().show()
    assert capsys.readouterr().out == "no net trained yet\n"


@pytest.mark.parametrize("accuracy", [97.1, -0.1, math.nan])
def test_an_accuracy_that_is_no_share_is_told(accuracy):
    results = training.Results()
    with pytest.raises(ValueError, match="accuracy: expected a share from 0 to 1"):
        results.add("a", None, 1, accuracy)
    assert not results.rows


# Digits and mistakes ------------------------------------------------------------------------------


@pytest.mark.parametrize("images", [DIGITS, DIGITS[:, 0], torch.tensor(DIGITS, requires_grad=True)])
def test_each_digit_stands_below_its_label(shown, images):
    training.show_digits(images[:10], torch.arange(10), columns=4)
    (panel,) = shown[0].axes
    assert texts(panel) == list("0123456789")
    for place in range(10):
        np.testing.assert_array_equal(
            tile_below(panel, str(place), (8, 6)), np.asarray(DIGITS)[place, 0]
        )


def test_wrong_predictions_are_orange_and_say_what_was_predicted(shown):
    training.show_digits(DIGITS[:3], [1, 2, 3], [1, 7, 3])
    (panel,) = shown[0].axes
    assert texts(panel) == ["1", "2 → 7", "3"]
    assert [one.get_color() for one in panel.texts] == [style.INK, style.WINDOW, style.INK]
    assert "label → prediction" in panel.get_title()


def test_a_canvas_shows_the_first_hundred_digits(shown):
    training.show_digits(np.zeros((1234, 1, 4, 4)), np.arange(1234) % 10)
    (panel,) = shown[0].axes
    assert len(texts(panel)) == 100
    assert "the first 100 of 1,234" in panel.get_title()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: training.show_digits(np.zeros((5, 3, 8, 8))), "images: expected N x 1 x H x W"),
        (lambda: training.show_digits(DIGITS, [1, 2]), "labels: 2 of them for 30 images"),
        (lambda: training.show_digits(DIGITS[:1], [0.5]), "labels: expected whole numbers"),
        (lambda: training.show_confusion([1, 2], [1]), "predicted: 1 of them for 2"),
        (lambda: training.show_confusion([1, -2], [1, 1]), "labels: expected whole numbers"),
        (lambda: training.show_confusion([[1]], [[1]]), "labels: expected N class numbers"),
        (lambda: training.show_first_layer(np.zeros((4, 3, 5, 5))), "weight: expected N x 1"),
        (lambda: training.show_responses(DIGITS[0], np.zeros((2, 3, 4, 4))), "maps: expected 3"),
        (lambda: training.show_responses(DIGITS[:2], DIGITS[0]), "image: expected 3"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_words(shown, call, told):
    with pytest.raises(ValueError, match=told):
        call()
    assert shown == []


def test_confusion_counts_labels_in_rows_and_predictions_in_columns(shown):
    predicted = np.where(RNG.random(30) < 0.6, LABELS, RNG.integers(0, 10, 30))
    training.show_confusion(torch.tensor(LABELS), torch.tensor(predicted))
    panel = panels(shown[0])[0]
    expected = confusion_matrix(LABELS, predicted, labels=range(10))
    assert texts(panel) == [str(count) for count in expected.flat]
    assert (panel.get_ylabel(), panel.get_xlabel()) == ("label (class)", "prediction (class)")
    assert f"{(predicted == LABELS).sum()} of 30 right" in panel.get_title()
    mistakes = expected - np.diag(expected.diagonal())
    np.testing.assert_array_equal(panel.collections[0].get_array(), mistakes)


def test_confusion_without_mistakes_is_drawn(shown):
    training.show_confusion([0, 1, 11], [0, 1, 11])
    panel = panels(shown[0])[0]
    assert len(texts(panel)) == 144
    assert "3 of 3 right (100.0%)" in panel.get_title()


def test_most_wrong_are_the_mistakes_with_the_least_probable_labels(shown):
    table = RNG.random((30, 10)) ** 3
    table /= table.sum(axis=1, keepdims=True)
    training.show_most_wrong(DIGITS, LABELS, torch.tensor(table), count=5)
    wrong = [n for n in range(30) if table[n].argmax() != LABELS[n]]
    expected = sorted(wrong, key=lambda n: table[n, LABELS[n]])[:5]
    (panel,) = shown[0].axes
    words = [
        f"label {LABELS[n]}: {table[n, LABELS[n]]:.3f}\n"
        f"net says {table[n].argmax()}: {table[n].max():.3f}"
        for n in expected
    ]
    assert texts(panel) == words
    for n, text in zip(expected, words, strict=True):
        np.testing.assert_array_equal(tile_below(panel, text, (8, 6)), DIGITS[n, 0])
    assert f"5 of {len(wrong)} mistakes in 30 digits" in panel.get_title()


def test_most_wrong_says_when_there_is_no_mistake(shown):
    training.show_most_wrong(DIGITS, LABELS, np.eye(10)[LABELS])
    assert texts(shown[0].axes[0]) == ["no mistake in 30 digits"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (RNG.normal(size=(30, 10)), "softmax makes it of logits"),
        (np.full((29, 10), 0.1), r"expected 30 x classes, got shape \(29, 10\)"),
        (np.full((30, 2), 0.5), "is none of 2 classes"),
        (np.full((30, 10), np.nan), "a row must add up to 1"),
    ],
)
def test_rows_that_are_no_probabilities_are_told(shown, table, told):
    with pytest.raises(ValueError, match=told):
        training.show_most_wrong(DIGITS, LABELS, table)


# Filters and responses ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [16, 36, 5])
def test_filters_are_drawn_with_their_numbers_on_one_scale_around_zero(shown, count):
    layer = nn.Conv2d(1, count, 9)
    training.show_first_layer(layer.weight)
    panel = panels(shown[0])[0]
    weight = layer.weight.detach().double().numpy()
    for place in range(count):
        np.testing.assert_array_equal(tile_below(panel, str(place), (9, 9)), weight[place, 0])
    end = np.abs(weight).max()
    assert panel.images[0].get_clim() == pytest.approx((-end, end))
    assert panel.images[0].get_cmap().name == style.SIGNED
    assert f"{count} filters of 9 × 9 pixels" in panel.get_title()


def test_filters_of_zeros_are_white(shown):
    training.show_first_layer(torch.zeros(4, 1, 3, 3))
    drawn = panels(shown[0])[0].images[0]
    color = drawn.cmap(drawn.norm(0.0))
    np.testing.assert_allclose(matplotlib.colors.to_rgb(color), 0.97, atol=0.01)


@pytest.mark.parametrize("batch", [True, False])
@pytest.mark.parametrize(
    ("low", "cmap"), [(-1, style.SIGNED), (0, style.MAGNITUDES)], ids=["signed", "after ReLU"]
)
def test_responses_stand_beside_their_image(shown, batch, low, cmap):
    maps = torch.tensor(RNG.uniform(low, 1, (1, 16, 20, 18)))
    image = torch.tensor(DIGITS[:1])
    training.show_responses(*((image, maps) if batch else (image[0, 0], maps[0])))
    left, right = panels(shown[0])
    np.testing.assert_array_equal(left.images[0].get_array(), DIGITS[0, 0])
    for place in range(16):
        tile = tile_below(right, str(place), (20, 18))
        np.testing.assert_array_equal(tile, maps[0, place])
    assert right.images[0].get_cmap().name == cmap
    assert (left.get_xlabel(), left.get_ylabel()) == ("column (pixels)", "row (pixels)")


def test_responses_of_a_dead_layer_are_drawn(shown):
    training.show_responses(DIGITS[0], np.zeros((4, 6, 6)))
    assert panels(shown[0])[1].images[0].get_clim() == (0, 1)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("show_digits", 1),
        ("show_confusion", 2),
        ("show_most_wrong", 3),
        ("show_first_layer", 1),
        ("show_responses", 2),
    ],
)
def test_none_in_any_place_waits_for_code(shown, name, count):
    for missing in range(count):
        given = [DIGITS] * count
        given[missing] = None
        getattr(training, name)(*given)
        assert texts(shown[-1].axes[0]) == ["waiting for your code"]
    assert len(shown) == count


# The module and the figures -----------------------------------------------------------------------


def test_the_setup_cell_loads_no_library_that_only_draws():
    code = (
        "import sys; from coursekit import training; training.live_curve(); training.Results();"
        "print([m for m in ('matplotlib', 'seaborn', 'torch', 'ipywidgets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_figure_has_an_alt_text_and_fits_a_page():
    script = ast.parse((ROOT / "assets/draw/mnist_training.py").read_text())
    assigned = [node for node in script.body if isinstance(node, ast.Assign)]
    named = {ast.unparse(node.targets[0]): node.value for node in assigned}
    alt_texts = ast.literal_eval(named["ALT_TEXT"])
    drawn = [key.value for key in named["FIGURES"].keys]
    files = {path.name: path for path in (ROOT / "assets/mnist_training").iterdir()}
    assert sorted(alt_texts) == sorted(drawn) == sorted(files)
    for name, path in files.items():
        assert path.stat().st_size < 300_000
        with Image.open(path) as picture:
            assert picture.width == (600 if name.endswith("gif") else 1200)
        assert 40 < len(alt_texts[name]) < 260


def test_the_animation_shows_each_step_of_training_and_then_eval_mode():
    with Image.open(ROOT / "assets/mnist_training/dropout.gif") as picture:
        assert picture.n_frames == 6
