"""Activation maximisation: the activation grows, each regulariser does what it is named for."""

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.maximisation import maximise

REGULARISERS = ("jitter", "blur", "total_variation", "l2", "frequency")


def small_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 5), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 5, 3))


NET = small_net().eval()


def find(part=NET, channel=2, size=20, steps=24, **options):
    return maximise(part, channel, size, steps, **{"report": lambda step: None, **options})


def roughness(picture):
    return np.abs(np.diff(picture, axis=1)).mean() + np.abs(np.diff(picture, axis=2)).mean()


@pytest.mark.parametrize("on", [(), *((name,) for name in REGULARISERS), REGULARISERS])
def test_the_picture_excites_the_channel_more_than_the_noise_did(on):
    found = find(**{name: True for name in on})
    with torch.no_grad():
        before, after = NET(torch.from_numpy(np.stack([found.start, found.picture])))[:, 2]
    assert after.mean() > before.mean() + 0.3
    assert found.picture.shape == found.start.shape == (3, 20, 20)
    assert found.picture.min() >= 0
    assert found.picture.max() <= 1


def test_activations_are_those_of_the_steps():
    found = find(steps=3)
    with torch.no_grad():
        first = NET(torch.from_numpy(found.start)[None])[0, 2].mean().item()
    assert len(found.activations) == 3
    assert found.activations[0] == pytest.approx(first, abs=1e-6)
    assert found.activations == sorted(found.activations)


def test_without_regularisers_a_linear_unit_is_driven_to_black_and_white():
    weights = torch.tensor([1.0, -1.0, 1.0])

    def linear(picture):
        return torch.einsum("nchw,c->n", picture, weights)[:, None]

    found = find(linear, 0, size=8, steps=60)
    np.testing.assert_allclose(found.picture[0], 1, atol=0.01)
    np.testing.assert_allclose(found.picture[1], 0, atol=0.01)


@pytest.mark.parametrize("name", ["blur", "total_variation", "frequency"])
def test_smoothing_regularisers_give_smoother_pictures(name):
    assert roughness(find(**{name: True}).picture) < 0.8 * roughness(find().picture)


def test_l2_keeps_the_picture_nearer_to_gray():
    assert np.abs(find(l2=True).picture - 0.5).mean() < 0.9 * np.abs(find().picture - 0.5).mean()


def test_jitter_shifts_what_the_net_sees_by_at_most_four_pixels_around_the_edge():
    seen = []

    def watching(picture):
        seen.append(picture.detach().clone())
        return NET(picture)

    found = find(watching, jitter=True, steps=1)
    start = torch.from_numpy(found.start)[None]
    shifts = [(y, x) for y in range(-4, 5) for x in range(-4, 5)]
    assert any(torch.allclose(seen[0], start.roll(shift, (2, 3))) for shift in shifts)
    find(watching, jitter=True, steps=12)
    moved = {tuple(picture.flatten()[:4].tolist()) for picture in seen}
    assert len(moved) > 3


def test_frequency_begins_with_large_forms():
    def fast_share(picture):
        power = np.abs(np.fft.fft2(picture - picture.mean(axis=(1, 2), keepdims=True))) ** 2
        frequencies = np.hypot(*np.meshgrid(np.fft.fftfreq(20), np.fft.fftfreq(20)))
        return power[:, frequencies > 0.25].sum() / power.sum()

    assert fast_share(find(frequency=True, steps=1).picture) < 0.2
    assert fast_share(find(steps=1).picture) > 0.5


def test_the_same_seed_gives_the_same_picture_and_nothing_else_draws():
    torch.manual_seed(5)
    one = find(jitter=True)
    after = torch.rand(1)
    torch.manual_seed(5)
    np.testing.assert_array_equal(torch.rand(1), after)
    np.testing.assert_array_equal(find(jitter=True).picture, one.picture)
    assert (find(jitter=True, seed=1).picture != one.picture).any()


@pytest.mark.parametrize("training", [True, False])
def test_the_net_is_left_as_it_was(training):
    net = small_net().train(training)
    net[1].eval()  # a mode of its own
    modes = [module.training for module in net.modules()]
    state = {key: value.clone() for key, value in net.state_dict().items()}
    find(net)
    assert [module.training for module in net.modules()] == modes
    for key, value in net.state_dict().items():
        assert torch.equal(value, state[key]), key
    assert all(parameter.grad is None for parameter in net.parameters())


def test_the_net_runs_in_eval_mode():
    noisy = nn.Sequential(nn.Dropout(0.5), NET[0]).train()
    quiet = find(nn.Sequential(NET[0]))
    np.testing.assert_array_equal(find(noisy).picture, quiet.picture)


def test_prepare_comes_between_the_picture_and_the_net():
    found = find(steps=1, prepare=lambda picture: 2 * picture - 1)
    with torch.no_grad():
        expected = NET(2 * torch.from_numpy(found.start)[None] - 1)[0, 2].mean().item()
    assert found.activations[0] == pytest.approx(expected, abs=1e-6)


def test_progress_is_reported_or_shown(capsys):
    told = []
    find(steps=5, report=told.append)
    assert told == [1, 2, 3, 4, 5]
    assert "looking for a picture" not in capsys.readouterr().err
    find(steps=5, report=None)
    assert "5/5" in capsys.readouterr().err


def test_a_unit_that_nothing_reaches_leaves_the_noise():
    found = find(lambda picture: 0 * picture.mean((2, 3)), 0)
    np.testing.assert_array_equal(found.picture, found.start)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"channel": 5}, "channel: expected 0 to 4, got 5"),
        ({"channel": -1}, "channel: expected 0 to 4, got -1"),
        ({"steps": 0}, "steps: expected at least 1, got 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(options, told):
    with pytest.raises(ValueError, match=told):
        find(**options)
