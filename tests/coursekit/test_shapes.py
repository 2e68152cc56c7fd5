"""Shapes with textures: repeatable, balanced, inside the picture, and of the form they claim."""

import math

import numpy as np
import pytest
import torch

from coursekit import shapes
from coursekit.shapes import SHAPES, SIZE, TEXTURES, cue_conflict, shape_share, shapes_and_textures

SIN, COS = math.sin(math.pi / 5), math.cos(math.pi / 5)
AREAS = {  # by geometry, in squared radii
    "disc": math.pi * 0.95**2,
    "square": 1.64**2,
    "triangle": 3 * math.sqrt(3) / 4 * 1.1**2,
    "star": 5 * 1.1 * 0.5 * SIN,
    "cross": 2 * 2 * 0.72 - 0.72**2,
    "ring": math.pi * (0.99**2 - 0.45**2),
}


def test_images_are_colours_from_0_to_1():
    images, labels = shapes_and_textures(24, seed=1)
    assert images.shape == (24, 3, SIZE, SIZE)
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
    assert images.min() >= 0
    assert images.max() <= 1


@pytest.mark.parametrize("draw", [shapes_and_textures, cue_conflict])
def test_seed_repeats_the_pictures_and_leaves_numpys_generator(draw):
    np.random.seed(0)
    first = draw(12, seed=5)
    left = np.random.rand()
    assert all(torch.equal(*pair) for pair in zip(first, draw(12, seed=5), strict=True))
    assert not torch.equal(first[0], draw(12, seed=6)[0])
    np.random.seed(0)
    assert np.random.rand() == left


def test_classes_come_equally_often_in_random_order():
    _, labels = shapes_and_textures(60)
    assert torch.bincount(labels).tolist() == [10] * 6
    assert labels[:6].tolist() != sorted(labels[:6].tolist())


def test_conflict_has_each_pair_of_two_classes_equally_often():
    _, of_shape, of_texture = cue_conflict(90)
    pairs = torch.bincount(of_shape * 6 + of_texture, minlength=36).view(6, 6)
    assert torch.equal(pairs, 3 * (1 - torch.eye(6, dtype=torch.int64)))


@pytest.fixture
def drawn(monkeypatch):
    """[(shape, texture)] as they are drawn."""
    calls, real = [], shapes._draw
    record = lambda shape, texture, rng: calls.append((shape, texture)) or real(shape, texture, rng)  # noqa: E731
    monkeypatch.setattr(shapes, "_draw", record)
    return calls


def test_pictures_are_drawn_as_their_labels_say(drawn):
    _, labels = shapes_and_textures(30)
    assert drawn == [(SHAPES[label], TEXTURES[label]) for label in labels]
    drawn.clear()
    _, of_shape, of_texture = cue_conflict(30)
    pairs = zip(of_shape, of_texture, strict=True)
    assert drawn == [(SHAPES[shape], TEXTURES[texture]) for shape, texture in pairs]


def test_any_texture_says_nothing_about_the_class(drawn):
    _, labels = shapes_and_textures(360, own_texture=False)
    assert [shape for shape, _ in drawn] == [SHAPES[label] for label in labels]
    counts = [drawn.count((shape, texture)) for shape in SHAPES for texture in TEXTURES]
    assert min(counts) >= 2
    assert max(counts) <= 24


@pytest.mark.parametrize("shape", SHAPES)
def test_outline_is_the_shape_of_geometry(shape):
    side = np.linspace(-1.3, 1.3, 1301)
    x, y = np.meshgrid(side, side)
    inside = shapes._DISTANCE[shape](x, y) < 0
    assert inside.mean() * 2.6**2 == pytest.approx(AREAS[shape], rel=0.01)
    assert np.hypot(x, y)[inside].max() <= shapes.REACH


@pytest.mark.parametrize("shape", SHAPES)
def test_whole_shape_lies_inside_the_picture(shape):
    rng = np.random.default_rng(2)
    for _ in range(30):
        picture = shapes._draw(shape, "grain", rng)
        rim = np.concatenate(
            [picture[:, 0], picture[:, -1], picture[:, :, 0], picture[:, :, -1]], axis=1
        )
        # The background is one colour with noise of 0.015; textures differ from it by 0.1 or more.
        assert np.ptp(rim, axis=1).max() < 0.15


def test_textures_have_their_own_scale_and_direction():
    rng = np.random.default_rng(0)
    x, y = shapes._pixels((0, 0))
    filled = {name: shapes._AMOUNT[name](x, y, rng) for name in TEXTURES}
    for name, amount in filled.items():
        assert amount.shape == (SIZE, SIZE), name
        assert amount.min() >= 0
        assert amount.max() <= 1
        assert amount.std() > 0.2, name
    along = {name: np.abs(np.diff(amount, axis=1)).mean() for name, amount in filled.items()}
    down = {name: np.abs(np.diff(amount, axis=0)).mean() for name, amount in filled.items()}
    assert along["stripes"] == pytest.approx(down["stripes"], rel=0.05)
    assert down["waves"] > 1.2 * along["waves"]
    assert max(along, key=along.get) == "grain"
    assert min(along, key=along.get) == "blotches"


def test_share_of_shape_decisions_counts_only_the_two_cues():
    of_shape, of_texture = [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]
    assert shape_share([0, 1, 1, 1, 5], of_shape, of_texture) == 0.25
    assert shape_share(torch.tensor([0, 0, 0, 2, 2]), of_shape, of_texture) == 1
    assert math.isnan(shape_share([5] * 5, of_shape, of_texture))


def test_share_refuses_lists_of_different_lengths():
    with pytest.raises(ValueError, match="one each for every picture"):
        shape_share([0, 1], [0, 0, 0], [1, 1, 1])
