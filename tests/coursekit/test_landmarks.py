"""Landmark networks: counts agree with what torchvision publishes and with torch's counter."""

import itertools

import pytest
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from coursekit import landmarks


@pytest.fixture(scope="module")
def rows():
    """The table, by name."""
    return {row.name: row for row in landmarks.landmarks()}


# Parameters as torchvision's documentation states them on each model's page.
PUBLISHED = {
    "alexnet": 61_100_840,
    "vgg16": 138_357_544,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "resnet152": 60_192_808,
    "squeezenet1_1": 1_235_496,
    "densenet121": 7_978_856,
    "mobilenet_v2": 3_504_872,
    "efficientnet_b0": 5_288_548,
}
# "GFLOPS" on the same pages, which count a multiplication and its addition as one.
BILLIONS = {
    "alexnet": 0.71,
    "vgg16": 15.47,
    "googlenet": 1.50,
    "resnet18": 1.81,
    "resnet50": 4.09,
    "resnet152": 11.51,
    "squeezenet1_1": 0.35,
    "densenet121": 2.83,
    "mobilenet_v2": 0.30,
    "efficientnet_b0": 0.39,
}
# Depths as the papers count them: layers with weights on the way from the image to the answer.
DEPTHS = {"alexnet": 8, "vgg16": 16, "googlenet": 22, "densenet121": 121}
DEPTHS |= {"resnet18": 18, "resnet50": 50, "resnet152": 152}


def on_meta(name):
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        return torchvision.models.get_model(name, weights=None, **options).eval()


def test_parameters_are_the_published_ones(rows):
    assert {name: row.parameters for name, row in rows.items()} == PUBLISHED


def test_multiply_adds_are_the_published_ones(rows):
    assert {name: round(row.multiply_adds / 1e9, 2) for name, row in rows.items()} == BILLIONS


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "mobilenet_v2"])
def test_multiply_adds_are_half_of_what_torchs_counter_says(rows, name):
    with FlopCounterMode(display=False) as counter:
        on_meta(name)(torch.zeros(1, 3, 224, 224, device="meta"))
    assert 2 * rows[name].multiply_adds == counter.get_total_flops()


def test_layers_are_those_the_papers_count(rows):
    assert {name: rows[name].layers for name in DEPTHS} == DEPTHS


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v2", "resnet50"])
def test_longest_path_agrees_with_a_symbolic_trace(rows, name):
    model, longest = on_meta(name), {}
    layers = dict(model.named_modules())
    for node in torch.fx.symbolic_trace(model).graph.nodes:
        counted = isinstance(layers.get(node.target), (nn.Conv2d, nn.Linear))
        longest[node] = max((longest[n] for n in node.all_input_nodes), default=0) + counted
    assert rows[name].layers == max(longest.values())


def test_rows_come_oldest_first_and_by_name(rows):
    years = [row.year for row in rows.values()]
    assert years == sorted(years)
    assert [row.name for row in landmarks.landmarks(["resnet18", "alexnet"])] == [
        "alexnet",
        "resnet18",
    ]


def test_an_unknown_name_is_refused_in_words():
    with pytest.raises(ValueError, match="no landmark is called lenet; choose from alexnet, vgg16"):
        landmarks.landmarks(["alexnet", "lenet"])


def small_net():
    return nn.Sequential(
        nn.Conv2d(2, 6, (3, 5), stride=(2, 1), padding=1, groups=2),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.LazyLinear(7),
    )


def test_multiply_adds_by_arithmetic():
    net = small_net()
    net(torch.zeros(2, 2, 9, 8))  # rows (9 + 2 - 3) // 2 + 1 = 5, columns 8 + 2 - 5 + 1 = 6
    expected = 5 * 6 * 6 * (3 * 5 * 1) + (6 * 2 * 3) * 7  # pooled to 2 x 3
    assert landmarks.multiply_adds(net, (1, 2, 9, 8)) == expected
    assert landmarks.multiply_adds(net, (4, 2, 9, 8)) == 4 * expected
    row = landmarks.landmark("mine", 2025, net, (1, 2, 9, 8))
    parameters = 6 * 15 + 6 + 2 * 6 + 36 * 7 + 7
    assert row == ("mine", 2025, 2, parameters, expected)


def test_the_model_is_left_as_it_was():
    net = small_net()
    net(torch.zeros(2, 2, 9, 8))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    landmarks.multiply_adds(net, (1, 2, 9, 8))
    assert net.training
    assert not any(layer._forward_hooks for layer in net.modules())
    for name, tensor in net.state_dict().items():
        torch.testing.assert_close(tensor, before[name])


def test_branches_count_by_the_longer_one():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.short, self.last = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1)
            self.long = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1) for _ in range(3)))

        def forward(self, x):
            return self.last(x + self.short(x) + self.long(x))

    assert landmarks.landmark("branches", 2025, Branches(), (1, 1, 4, 4)).layers == 4


def test_frozen_weights_count_as_work_and_depth_and_not_as_learned():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 3, 1)).requires_grad_(False)
    net[1].requires_grad_(True)
    row = landmarks.landmark("frozen", 2025, net, (1, 1, 5, 5))
    assert row[2:] == (2, 9, 9 * 2 * 9 + 9 * 3 * 2)


def test_a_picture_that_the_model_cannot_take_is_refused_in_words():
    with pytest.raises(ValueError, match=r"the model can't take a batch \(1, 3, 9, 8\)"):
        landmarks.multiply_adds(nn.Conv2d(2, 1, 3), (1, 3, 9, 8))


def test_the_table_is_printed_with_whole_numbers(rows, shown, capsys):
    landmarks.show_landmarks(list(rows.values()))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(rows)
    assert len({len(line) for line in lines}) == 1
    assert lines[2].split() == ["vgg16", "2014", "16", "138,357,544", "15,470,264,320"]


def test_the_plot_has_every_point_at_its_place_with_the_area_of_its_parameters(rows, shown):
    landmarks.show_landmarks(list(rows.values()))
    (panel,) = shown[0].axes
    discs, dots = panel.collections
    for row, place, area in zip(rows.values(), discs.get_offsets(), discs.get_sizes(), strict=True):
        assert tuple(place) == (row.year, row.multiply_adds / 1e9)
        largest = 1500 * row.parameters / PUBLISHED["vgg16"]
        assert area == pytest.approx(15 + largest)
    assert panel.get_yscale() == "log"
    assert "multiply-adds" in panel.get_ylabel()
    assert "year" in panel.get_xlabel()


@pytest.mark.parametrize("extra", [0, 3])
def test_names_in_the_plot_cover_neither_each_other_nor_a_point(rows, shown, extra):
    more = [landmarks.Landmark(f"mine {n}", 2015, 18, 11_181_642, 1.9e9) for n in range(extra)]
    landmarks.show_landmarks([*rows.values(), *more])
    (panel,) = shown[0].axes
    boxes = {text.get_text(): text.get_window_extent() for text in panel.texts}
    assert set(rows) <= set(boxes)
    for one, other in itertools.combinations(boxes.values(), 2):
        assert not one.overlaps(other)
    for point in panel.transData.transform(panel.collections[1].get_offsets()):
        assert not any(box.contains(*point) for box in boxes.values())


def test_one_row_of_your_own_can_be_shown(shown, capsys):
    landmarks.show_landmarks([landmarks.landmark("mine", 2025, nn.Linear(4, 2), (1, 4))])
    assert "mine     2025       1           10               8" in capsys.readouterr().out
