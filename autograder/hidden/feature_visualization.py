"""Hidden tests of unit 05, one function per grade cell.

Nets are small, with random weights, and are made twice: beside the answer and here, where the
expected maps are computed with torch. Where an exercise has several grade cells, one looks at the
numbers and the others compare an answer with itself, so that a mistake costs its points once.
Tolerances are relative to the largest expected number: 1e-4 for float32 nets of several layers.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.engine.seeds import generator
from autograder.hidden.random_nets import random_input, random_state
from autograder.mistakes.feature_visualization import BANK
from coursekit.checks import fixtures
from coursekit.checks.core import (
    as_numbers,
    call,
    calling,
    expect_array,
    expect_unchanged,
    failed,
    sizes_text,
)
from coursekit.checks.feature_visualization import (
    MESSAGES,
    as_pairs,
    expect_left_as_it_was,
    expect_no_trace,
    expect_restored,
    made,
)

TOLERANCE = 1e-4


# --- nets ----------------------------------------------------------------------------------


def _net(rng, layers):
    """(layers, state): a net with random weights."""
    return layers, random_state(rng, fixtures.sizes_of_state(fixtures.net(layers)), spread=0.3)


def _classifier(rng, h, w, classes=5):
    """A net for N x 3 x h x w: two convolutions, a normalisation, pooling, a dense layer."""
    layers = [
        ["Conv2d", 3, 6, 3, {"padding": 1}],
        ["BatchNorm2d", 6],
        ["ReLU"],
        ["MaxPool2d", 2],
        ["Conv2d", 6, 4, 3, {"padding": 1}],
        ["ReLU"],
        ["Flatten"],
        ["Linear", 4 * (h // 2) * (w // 2), classes],
    ]
    return _net(rng, layers)


def _text(x):
    return f"x {sizes_text(x.shape)}"


def _whole(rng, low, high):
    return int(rng.integers(low, high))


def _run(mistake, net, *arguments):
    """What a mistake of the bank gives for a new copy of the net."""
    return mistake(fixtures.net(*net), *arguments)


def _gradient(net, x, target):
    """The gradient of the target's logit, each image its own; N x C x H x W."""
    return _slopes(fixtures.net(*net), x, target)


def _slopes(model, x, target):
    x = x.clone().requires_grad_()
    model(x)[:, target].sum().backward()
    return x.grad


def _expect(name, answer, net, arguments, expected, case, adjust=None):
    """Call an answer on a net beside it and compare the result, after `adjust` where given."""
    looks_like = BANK.looks_like(name, net, *arguments, using=_adjusted(_run, adjust))
    got = call(name, answer, made(answer, *net), *arguments, case=case, looks_like=looks_like)
    _compare(name, got, expected, case, looks_like, adjust)


def _adjusted(run, adjust):
    """`run`, for the bank, with its result changed by `adjust` where given."""

    def outcome(mistake, *given):
        result = run(mistake, *given)
        return adjust(np.asarray(result.detach(), float)) if adjust else result

    return outcome


def _compare(name, got, expected, case, looks_like, adjust):
    numbers = as_numbers(name, got, case)
    if adjust and np.isfinite(numbers).all():
        numbers = adjust(numbers)
    expect_array(name, numbers, expected, case=case, looks_like=looks_like, tolerance=TOLERANCE)


def _right_or_known(name, answer, net, arguments, expected, case, adjust=None):
    """The answer's numbers, where they are right or a known mistake that costs points elsewhere.

    For the tests that compare an answer with itself, or look at what it leaves behind: any
    function agrees with itself, and one that does nothing leaves nothing.
    """

    def outcome(mistake, *given):
        return settled(_run(mistake, *given))

    def settled(result):
        numbers = as_numbers(name, result, case)
        return adjust(numbers) if adjust else numbers

    looks_like = BANK.looks_like(name, net, *arguments, using=outcome)
    got = call(name, answer, made(answer, *net), *arguments, case=case)
    numbers = as_numbers(name, got, case)
    if looks_like(settled(got)) is None:
        case = f"{case}: here the numbers have to be right, too"
        expect_array(name, settled(got), expected, case=case, tolerance=TOLERANCE)
    return numbers


# --- filters -------------------------------------------------------------------------------


def filters_scaled(function):
    """Random filters of other ranges; the array that comes in stays as it is."""
    rng, name = generator("filters_scaled"), "filters_to_images"
    for shape in [(4, 3, 5, 5), (1, 1, 3, 3), (7, 2, 4, 4), (3, 8, 1, 1)]:
        scales = 10 ** rng.uniform(-1, 2, size=(shape[0], 1, 1, 1))
        weight = torch.tensor(scales * (rng.normal(size=shape) + rng.normal(0, 2)))
        weight = weight.float()
        case, looks_like = f"filters {sizes_text(shape)}", BANK.looks_like(name, weight)
        got = call(name, function, weight, case=case, looks_like=looks_like)
        expected = _scaled(weight)
        expect_array(name, got, expected, case=case, looks_like=looks_like, tolerance=TOLERANCE)
    expect_unchanged(name, function, weight, case=case)


def _scaled(weight):
    flat = weight.numpy().reshape(len(weight), -1).astype(float)
    low, high = flat.min(1, keepdims=True), flat.max(1, keepdims=True)
    return ((flat - low) / (high - low)).reshape(weight.shape)


def filters_constant(function):
    """Constant filters are 0.5; the others come out as they do without them."""
    rng, name = generator("filters_constant"), "filters_to_images"
    weight = torch.tensor(rng.normal(size=(5, 3, 4, 4)), dtype=torch.float32)
    two, case = weight[[0, 2]], "two filters"
    alone = as_numbers(name, call(name, function, two, case=case), case)
    if BANK.looks_like(name, two)(alone) is None:  # scaling is tested in another grade cell
        expect_array(name, alone, _scaled(two), case=case, tolerance=TOLERANCE)
    for number in (0.0, float(np.float32(rng.normal(0, 3)))):
        weight[[1, 3, 4]] = torch.tensor([number, -number, 2 * number])[:, None, None, None]
        case = f"filters 5 x 3 x 4 x 4, three of them constant {number:.3g}"
        looks_like = BANK.looks_like(name, weight)
        got = as_numbers(name, call(name, function, weight, case=case, looks_like=looks_like))
        if got.shape != weight.shape:
            raise failed(name, "wrong shape", case)
        if not np.isfinite(got[[1, 3, 4]]).all():
            raise failed(name, "not a finite number", case, message=MESSAGES["nan"])
        expected = np.full(weight.shape, 0.5)
        expected[[0, 2]] = alone
        expect_array(name, got, expected, case=case, looks_like=looks_like, tolerance=TOLERANCE)


# --- response maps -------------------------------------------------------------------------


def response_values(function):
    """Every layer of a random net, in eval mode, batches of one and more."""
    rng, name = generator("response_values"), "response_maps"
    for count, h, w in [(1, 8, 10), (3, 6, 4)]:
        net, x = _classifier(rng, h, w), random_input(rng, count, 3, h, w)
        for layer in (1, 2, 3, 4, 5, 6):
            with torch.no_grad():
                expected = fixtures.net(*net)[:layer](x).numpy()
            _expect(name, function, net, (layer, x), expected, f"{_text(x)}, layer {layer}")


def response_mode(function):
    """A net in training mode gives the maps of eval mode, and is in training mode afterwards."""
    rng, name = generator("response_mode"), "response_maps"
    x = random_input(rng, 4, 3, 6, 6)
    layers, state = _classifier(rng, 6, 6)
    for layer in (2, 5):
        case = f"{_text(x)}, layer {layer}"
        expected = _serious_maps(name, function, (layers, state), layer, x, case)
        case = f"a net in training mode, {case}: its maps are those of eval mode"
        net = made(function, layers, state, training=True)
        got = as_numbers(name, call(name, function, net, layer, x, case=case), case)
        if got.shape != expected.shape or not np.allclose(got, expected, rtol=1e-4, atol=1e-4):
            message = MESSAGES["train_mode"]
            raise failed(name, "other maps than in eval mode", case, message=message)
        expect_left_as_it_was(name, function, net, case, "training", training=True)
        _expect_state(name, net, state, case)


def _serious_maps(name, function, net, layer, x, case):
    with torch.no_grad():
        expected = fixtures.net(*net)[:layer](x).numpy()
    return _right_or_known(name, function, net, (layer, x), expected, case)


def _expect_state(name, net, state, case):
    """Raise if parameters or buffers of a net beside an answer have changed."""
    after = net.state_dict()
    for key, entry in state.items():
        if not np.allclose(as_numbers(name, after[key], case), entry.numpy()):
            raise failed(name, f"the net's {key} is not what it was", case)


def response_clean(function):
    """No graph, no hooks, no gradients in the parameters; the input stays as it is."""
    rng, name = generator("response_clean"), "response_maps"
    net, x = _classifier(rng, 6, 8), random_input(rng, 2, 3, 6, 8)
    for layer in (1, 5):
        case = f"{_text(x)}, layer {layer}"
        beside = made(function, *net)
        _serious_maps(name, function, net, layer, x, case)
        expect_no_trace(name, function, beside, layer, x, case)
        _expect_state(name, beside, net[1], case)
        expect_unchanged(name, function, beside, layer, x, case=case)


# --- predictions ---------------------------------------------------------------------------


def top_k(function):
    """Random logits, huge ones, and equal ones."""
    rng = generator("top_k")
    several = rng.permutation(np.arange(40.0)) / 4
    several[rng.choice(40, 6, replace=False)] = 9.9  # equal, and among the largest
    cases = [(several, 8, "six equal logits"), (rng.normal(0, 3, size=12), 12, "normal logits")]
    cases += [(rng.normal(0, 2, size=1000), 5, "1,000 classes")]
    cases += [(rng.normal(3000, 2, size=10), 3, "logits around 3,000")]
    cases += [(rng.normal(-3000, 2, size=10), 3, "logits around -3,000")]
    for numbers, k, in_words in cases:
        case = f"{in_words}, k = {k}"
        _expect_pairs(function, torch.tensor(numbers, dtype=torch.float32), k, case)


def _expect_pairs(function, logits, k, case):
    name = "top_k"
    numbers = logits.numpy().astype(float)
    order = np.lexsort((np.arange(len(numbers)), -numbers))[:k]
    powers = np.exp(numbers - numbers.max())
    expected = order, (powers / powers.sum())[order]
    got = as_pairs(name, call(name, function, logits, k, case=case), k, case)
    if np.isnan(got[1]).any():
        raise failed(name, "not a number", case, message=MESSAGES["overflow"])
    for column, what in [(1, "probabilities"), (0, "indices")]:
        looks_like = BANK.looks_like(name, logits, k, using=_column(column, case))
        expect_array(
            *(name, got[column], expected[column]),
            case=f"{case}: {what}",
            looks_like=looks_like,
            tolerance=1e-5,
        )


def _column(column, case):
    return lambda mistake, logits, k: as_pairs("top_k", mistake(logits, k), k, case)[column]


# --- occlusion -----------------------------------------------------------------------------


def occlusion_places(function):
    """Entry (i, j) is about the patch that starts at (i stride, j stride).

    One pixel of the image isn't 0, so with 0 for a fill the patches that cover it give one number
    and all others another one; which numbers is for another grade cell to say.
    """
    rng, name = generator("occlusion_places"), "occlusion_map"
    for h, w, patch, stride in [(8, 10, 3, 2), (6, 8, 2, 3), (10, 6, 4, 4), (7, 9, 1, 5)] * 2:
        net = _net(rng, [["Flatten"], ["Linear", 3 * h * w, 5]])
        row, column, covers = _covered_pixel(rng, h, w, patch, stride)
        x = torch.zeros(1, 3, h, w)
        x[:, :, row, column] = random_input(rng, 3).abs() + 4
        arguments = (x, _whole(rng, 0, 5), patch, stride, 0.0)
        case = f"{_text(x)}, patch {patch}, stride {stride}, fill 0"
        case += f"; 0 but for the pixel [{row}, {column}]: 1 where the number tells of it"
        _expect(name, function, net, arguments, covers, case, adjust=_tells(covers))


def _covered_pixel(rng, h, w, patch, stride):
    """A pixel that some patches cover and some don't, and which: (row, column, H' x W' of 0, 1)."""
    tops, lefts = (np.arange(0, size - patch + 1, stride) for size in (h, w))
    while True:
        row, column = _whole(rng, 0, h), _whole(rng, 0, w)
        rows, columns = (tops <= row) & (row < tops + patch), (lefts <= column)
        covers = np.outer(rows, columns & (column < lefts + patch)).astype(float)
        if 0 < covers.sum() < covers.size:
            return row, column, covers


def _tells(covers):
    """Distances from the number of a patch that doesn't cover the pixel; the largest becomes 1."""

    def adjust(numbers):
        if numbers.shape != covers.shape:
            return numbers
        distances = np.abs(numbers - numbers.flat[covers.argmin()])
        return distances / (distances.max() or 1.0)

    return adjust


def occlusion_values(function):
    """Patches side by side that fill the image: how far the target's probability falls."""
    rng, name = generator("occlusion_values"), "occlusion_map"
    for h, w, patch in [(6, 6, 2), (6, 9, 3), (8, 4, 4)]:
        net, x, target = (
            _classifier(rng, h, w),
            random_input(rng, 1, 3, h, w) + 1,
            _whole(rng, 0, 5),
        )
        expected = _occluded(fixtures.net(*net), x, target, patch)
        case = f"{_text(x)}, target {target}, patch {patch}, stride {patch}, fill 0"
        _expect(name, function, net, (x, target, patch, patch, 0.0), expected, case)


def _occluded(net, x, target, patch):
    """All covered images as one batch, each with a mask of zeros."""
    rows, columns = x.shape[2] // patch, x.shape[3] // patch
    masks = torch.eye(rows * columns).reshape(-1, 1, rows, columns)
    masks = 1 - masks.repeat_interleave(patch, 2).repeat_interleave(patch, 3)
    with torch.no_grad():
        after = F.softmax(net(x * masks), 1)[:, target]
        before = F.softmax(net(x), 1)[0, target]
    return (before - after).reshape(rows, columns).numpy()


def occlusion_fill(function):
    """Covering x with f does what covering x - f with 0 does to a net that adds f first."""
    rng, name = generator("occlusion_fill"), "occlusion_map"
    for fill in (float(rng.uniform(1, 2)), -1.5):
        h, w, patch, target = 6, 8, 2, _whole(rng, 0, 5)
        layers, state = _classifier(rng, h, w)
        layers = [["Conv2d", 3, 6, 3], *layers[1:7], ["Linear", 4 * 2 * 3, 5]]
        layers, state = _net(rng, layers)
        moved = {**state, "0.bias": state["0.bias"] + fill * state["0.weight"].sum((1, 2, 3))}
        x = random_input(rng, 1, 3, h, w)
        arguments = (x, target, patch, patch, fill)
        case = f"{_text(x)}, target {target}, patch {patch}, stride {patch}, fill {fill:.3g}"
        zero, net = (x - fill, target, patch, patch, 0.0), (layers, moved)
        expected = _occluded(fixtures.net(*net), *zero[:3])
        expected = _right_or_known(name, function, net, zero, expected, f"{case}, moved to fill 0")
        _expect(name, function, (layers, state), arguments, expected, case)
        expect_unchanged(name, function, made(function, layers, state), *arguments, case=case)


# --- saliency ------------------------------------------------------------------------------


def saliency_values(function):
    """One image: the largest absolute gradient of the target's logit."""
    rng = generator("saliency_values")
    for h, w in [(6, 8), (8, 6), (4, 4)]:
        net, x, target = _classifier(rng, h, w), random_input(rng, 1, 3, h, w), _whole(rng, 0, 5)
        expected = _gradient(net, x, target).abs().amax(1)
        case = f"{_text(x)}, target {target}"
        _expect("saliency", function, net, (x, target), expected, case)


def saliency_batch(function):
    """A batch gives what its images give one by one, and a second call what the first gave."""
    rng, name = generator("saliency_batch"), "saliency"
    net, x, target = _classifier(rng, 6, 8), random_input(rng, 3, 3, 6, 8), _whole(rng, 0, 5)
    case = f"{_text(x)}, target {target}"
    one_by_one = []
    for one in x.split(1):
        right = _gradient(net, one, target).abs().amax(1).numpy()
        got = _right_or_known(name, function, net, (one, target), right, f"{case}, one by one")
        one_by_one.append(got)
    expected = np.concatenate(one_by_one)
    _expect(name, function, net, (x, target), expected, f"{case}: as its images one by one")
    case += ", called twice with the same x"
    again = calling(fixtures.beside, function, "again", function)
    got = call(name, again, made(function, *net), x, target, case=case)
    looks_like = BANK.looks_like(name, net, x, target, using=_again)
    expect_array(name, got, expected, case=case, looks_like=looks_like, tolerance=TOLERANCE)


def _again(mistake, net, *arguments):
    return fixtures.again(mistake, fixtures.net(*net), *arguments)


# --- SmoothGrad ----------------------------------------------------------------------------


def smoothgrad_mean(function):
    """Without noise the mean of n equal gradients is the gradient."""
    rng = generator("smoothgrad_mean")
    for n in (1, 5):
        net, x, target = _classifier(rng, 6, 8), random_input(rng, 2, 3, 6, 8), _whole(rng, 0, 5)
        expected = _gradient(net, x, target).abs().amax(1)
        case = f"{_text(x)}, target {target}, n {n}, sigma 0"
        arguments = (x, target, n, 0.0, _whole(rng, 0, 2**31))
        _expect_smooth(function, net, arguments, expected, case)


def smoothgrad_noise(function):
    """The n gradients at x + sigma noise; compared as shares of the largest."""
    rng, name = generator("smoothgrad_noise"), "smoothgrad"
    for n, sigma in [(6, 0.7), (4, 1.5)]:
        net, x, target = _classifier(rng, 6, 8), random_input(rng, 2, 3, 6, 8), _whole(rng, 0, 5)
        seed = _whole(rng, 0, 2**31)
        case = f"{_text(x)}, target {target}, n {n}, sigma {sigma}"
        run = calling(_run_seeded, function, net)
        once, again = (
            as_numbers(name, call(name, run, x, target, n, sigma, seed, case=case))
            for _ in range(2)
        )
        if once.shape == again.shape and not np.allclose(once, again, rtol=1e-4, atol=1e-6):
            message = MESSAGES["generator_unused"]
            raise failed(name, "two calls give two results", case, message=message)
        draws = fixtures.rng(seed)
        noise = [torch.randn(x.shape, generator=draws) for _ in range(n)]
        gradients = [_gradient(net, x + sigma * one, target) for one in noise]
        expected = _share(torch.stack(gradients).mean(0).abs().amax(1).numpy())
        case += ": as shares of the largest value"
        _expect_smooth(function, net, (x, target, n, sigma, seed), expected, case, _share)


def _run_seeded(answer, net, *arguments):
    """The answer on a net and a generator of its own, made from the seed in the last place."""
    *others, seed = arguments
    rng = fixtures.beside(answer, "rng", seed)
    return answer(made(answer, *net), *others, rng)


def _expect_smooth(answer, net, arguments, expected, case, adjust=None):
    name, run = "smoothgrad", calling(_run_seeded, answer, net)
    looks_like = BANK.looks_like(name, net, *arguments, using=_adjusted(_run_seeded, adjust))
    got = call(name, run, *arguments, case=case, looks_like=looks_like)
    _compare(name, got, expected, case, looks_like, adjust)


def _share(numbers):
    """Each image's numbers over the largest magnitude of them; zeros as they are."""
    largest = np.abs(numbers).max(axis=tuple(range(1, numbers.ndim)), initial=0.0, keepdims=True)
    return numbers / np.where(largest > 0, largest, 1.0)


# --- Grad-CAM ------------------------------------------------------------------------------


def grad_cam_values(function):
    """Maps as large as the input, so nothing is upsampled; values below 0 count as 0 here."""
    rng = generator("grad_cam_values")
    for h, w, layer in [(6, 8, 2), (5, 4, 1), (7, 7, 2)]:
        net, x, target = _cam_net(rng, h, w), random_input(rng, 2, 3, h, w), _whole(rng, 0, 5)
        expected = _weighted_sum(net, layer, x, target).clamp(min=0).numpy()
        case = f"{_text(x)}, layer {layer}, target {target}"
        _expect("grad_cam", function, net, (layer, x, target), expected, case, adjust=_positive)


def _cam_net(rng, h, w):
    """Two convolutions that keep the size, in front of a dense layer on all places."""
    layers = [["Conv2d", 3, 4, 3, {"padding": 1}], ["ReLU"], ["Conv2d", 4, 3, 3, {"padding": 1}]]
    while True:
        net = _net(rng, [*layers, ["ReLU"], ["Flatten"], ["Linear", 3 * h * w, 5]])
        x = random_input(rng, 2, 3, h, w)
        sums = [_weighted_sum(net, layer, x, t) for layer in (1, 2) for t in range(5)]
        if all(one.amax((1, 2)).min() > 1e-4 for one in sums):
            return net


def _weighted_sum(net, layer, x, target):
    """Maps times mean gradients, summed over the channels: N x h x w, before the ReLU."""
    model, kept = fixtures.net(*net), []
    for place, module in enumerate(model):
        x = module(x)
        if place == layer - 1:
            x.retain_grad()
            kept.append(x)
    x[:, target].sum().backward()
    (maps,) = kept
    return torch.einsum("nkhw,nk->nhw", maps.detach(), maps.grad.mean((2, 3)))


def _positive(numbers):
    return np.maximum(numbers, 0)


def grad_cam_relu(function):
    """No value is negative, where the weighted sum has both signs."""
    rng, name = generator("grad_cam_relu"), "grad_cam"
    for h, w in [(6, 8), (5, 4)]:
        while True:
            net, x, target = _cam_net(rng, h, w), random_input(rng, 2, 3, h, w), _whole(rng, 0, 5)
            total = _weighted_sum(net, 2, x, target)
            share = (total < 0).float().mean((1, 2))
            if ((share > 0.2) & (share < 0.8)).all():
                break
        case = f"{_text(x)}, layer 2, target {target}"
        right = total.clamp(min=0).numpy()
        got = _right_or_known(name, function, net, (2, x, target), right, case, adjust=_positive)
        if got.max() <= 0:
            raise failed(name, "expected positive numbers and zeros", case)
        if got.min() < -1e-6 * got.max():
            what, message = f"the smallest value is {got.min():.3g}", MESSAGES["cam_no_relu"]
            raise failed(name, what, case, message=message)


def grad_cam_upsampled(function):
    """One channel, so the map is a multiple of it: the ReLU first, then upsampled bilinearly."""
    rng, name = generator("grad_cam_upsampled"), "grad_cam"
    for pool, signed in [((2, 2), False), ((3, 2), False), ((2, 4), True)]:
        h, w = pool[0] * _whole(rng, 3, 6), pool[1] * _whole(rng, 3, 5)
        x = torch.tensor(rng.uniform(-1 if signed else 0.1, 1, size=(2, 1, h, w))).float()
        layers = [["AvgPool2d", pool], ["AdaptiveAvgPool2d", 1], ["Flatten"], ["Linear", 1, 3]]
        net, target = _net(rng, layers), _whole(rng, 0, 3)
        net[1]["3.weight"] = torch.full((3, 1), -0.5)  # so the target's probability rises, too
        net[1]["3.weight"][target] = float(rng.uniform(0.5, 2))
        small = F.relu(F.avg_pool2d(x, pool))
        expected = F.interpolate(small, (h, w), mode="bilinear", align_corners=False)[:, 0]
        case = f"{_text(x)}, maps {h // pool[0]} x {w // pool[1]}: as shares of the largest value"
        if signed and _goes_below_zero(name, function, net, x, target, case):
            continue  # a missing ReLU costs points in another grade cell
        arguments = (1, x, target)
        _expect(name, function, net, arguments, _share(expected.numpy()), case, adjust=_share)


def _goes_below_zero(name, function, net, x, target, case):
    got = call(name, function, made(function, *net), 1, x, target, case=case)
    got = as_numbers(name, got, case)
    return bool(np.isfinite(got).all() and got.min(initial=0) < 0)


# --- guided backpropagation ----------------------------------------------------------------


def _nested(rng, h, w):
    """A net with a ReLU inside a part of its own, as SqueezeNet has them."""
    part = [
        ["Conv2d", 5, 4, 3, {"padding": 1}],
        ["Sequential", ["ReLU"], ["Conv2d", 4, 4, 1]],
        ["ReLU"],
    ]
    layers = [["Conv2d", 3, 5, 3, {"padding": 1}], ["BatchNorm2d", 5], ["ReLU"]]
    layers += [["Sequential", *part], ["MaxPool2d", 2], ["Conv2d", 4, 6, 3, {"padding": 1}]]
    layers += [["ReLU"], ["Flatten"], ["Linear", 6 * (h // 2) * (w // 2), 5]]
    return _net(rng, layers)


def guided_values(function):
    """Random nets; ReLUs also inside of parts; batches."""
    rng, name = generator("guided_values"), "guided_backprop"
    for make, count, h, w in [(_classifier, 1, 6, 8), (_nested, 2, 8, 6), (_nested, 1, 6, 6)]:
        net, x, target = make(rng, h, w), random_input(rng, count, 3, h, w), _whole(rng, 0, 5)
        case = f"{_text(x)}, target {target}"
        _expect(name, function, net, (x, target), _guided(net, x, target), case)


class _Guided(torch.autograd.Function):
    """ReLU whose gradient passes where it is positive and the input was."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (x > 0) * (gradient > 0)


class _GuidedReLU(torch.nn.Module):
    def forward(self, x):
        return _Guided.apply(x)


def _guided(net, x, target):
    """The gradient through a copy of the net whose ReLUs are all replaced."""
    model = fixtures.net(*net)
    for module in list(model.modules()):
        for key, child in module.named_children():
            if isinstance(child, torch.nn.ReLU):
                setattr(module, key, _GuidedReLU())
    return _slopes(model, x, target)


def guided_clean(function):
    """Afterwards: no hooks, no gradients, the same numbers and ordinary gradients."""
    rng, name = generator("guided_clean"), "guided_backprop"
    for make, h, w in [(_classifier, 6, 8), (_nested, 8, 6)]:
        net, x, target = make(rng, h, w), random_input(rng, 2, 3, h, w), _whole(rng, 0, 5)
        beside, case = made(function, *net), f"{_text(x)}, target {target}"
        guided = _guided(net, x, target).numpy()
        _right_or_known(name, function, net, (x, target), guided, case)
        gradient = _gradient(net, x, target).numpy()
        expect_restored(function, beside, x, target, gradient, case, classes=5)
        _expect_state(name, beside, net[1], case)


# --- FGSM ----------------------------------------------------------------------------------


def fgsm(function):
    """Images in [0, 1], some pixels at its ends; where the gradient is all but 0 is left out."""
    rng, name = generator("fgsm"), "fgsm"
    for count, eps in [(1, 0.05), (3, 0.2)]:
        net, target = _classifier(rng, 6, 8), _whole(rng, 0, 5)
        x = torch.tensor(rng.uniform(-0.1, 1.1, size=(count, 3, 6, 8))).float().clamp(0, 1)
        model, leaf = fixtures.net(*net), x.clone().requires_grad_()
        loss = F.cross_entropy(model(leaf), torch.full((count,), target), reduction="sum")
        (gradient,) = torch.autograd.grad(loss, leaf)
        expected = (x + eps * gradient.sign()).clamp(0, 1).numpy()
        clear = (gradient.abs() > 1e-4 * gradient.abs().amax((1, 2, 3), keepdim=True)).numpy()
        case = f"{_text(x)}, target {target}, eps {eps}"
        adjust = _where(clear)
        _expect(name, function, net, (x, target, eps), expected * clear, case, adjust=adjust)


def _where(clear):
    return lambda numbers: numbers * clear if numbers.shape == clear.shape else numbers
