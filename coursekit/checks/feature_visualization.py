"""Visible checks of unit 05. Every expected number was worked out by hand.

A check needs nets, and a net has to live where the answer does: in the notebook, or in the process
that the answer runs in when a submission is graded. `coursekit.checks.fixtures` makes it there.
"""

import math

import numpy as np

from coursekit.checks import fixtures
from coursekit.checks.core import (
    Messages,
    answered,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    call,
    calling,
    describe,
    expect_array,
    failed,
    plain,
    together,
    visible,
)

# What the commonest wrong answers look like; the grader says the same words.
MESSAGES = Messages(
    scaled_together="all filters are scaled by one minimum and one maximum; each has its own.",
    nan="a constant filter gives 0 / 0; the task says 0.5 for it.",
    too_few="one module too few: the output after `layer` modules is `net[:layer]`.",
    too_many="one module too many: the output after `layer` modules is `net[:layer]`.",
    train_mode="the net runs in training mode; call `net.eval()` for the maps.",
    mode_left="the net comes back in another mode; note `net.training` and restore it.",
    graph_kept="the maps still hang on their graph; compute them under `torch.no_grad()`.",
    hooks_left="a hook stays on the net: call `handle.remove()`.",
    gradients_left="`backward()` leaves gradients in the net's parameters; take the gradient "
    "of the input alone with `torch.autograd.grad`.",
    net_changed="the net gives other gradients afterwards: its ReLUs stay replaced.",
    overflow="exp of a large logit is infinite; torch.softmax subtracts the largest first.",
    logits="these are logits; the second number of a pair is a probability.",
    logit_drop="the drop of the logit; the task asks for the probability (softmax).",
    sign_of_drop="the sign is reversed: before minus after, so that what matters is positive.",
    no_abs="the largest signed gradient; take the absolute value first.",
    x_grad_added="`x.grad` of an earlier call is added to; use a new copy of x for each call.",
    first_image="only the first image of the batch has a gradient; sum over all of them.",
    summed="the sum of the n gradients; divide by n.",
    generator_unused="the noise doesn't come from the generator: two calls with equal "
    "generators differ.",
    cam_no_relu="the ReLU after the weighted sum is missing: there are negative values.",
    plain_gradient="the plain gradient: the ReLUs let negative gradients pass.",
    deconvolution="only negative gradients are cut; where a ReLU's input was negative, "
    "nothing passes either.",
    no_clamp="the result leaves 0 to 1.",
    no_sign="the gradient itself is added; FGSM adds eps times its sign.",
    downhill="the step goes down the loss, towards the right class.",
)

LEFT_ON_A_NET = {  # what `expect_left_as_it_was` looks at: the problem, and its message
    "hooks": ("the net has a hook that it didn't have before", "hooks_left"),
    "gradients": ("the net's parameters are not what they were", "gradients_left"),
    "training": ("the net's mode is not what it was", "mode_left"),
}
LN2, LN3 = math.log(2), math.log(3)
SUM_OF_PIXELS = "the logits are (sum of all pixels, 0)"


def made(answer, layers, state=None, training=False):
    """A net that lives where the answer does; see `fixtures.net`."""
    return fixtures.beside(answer, "net", layers, state, training=training)


def as_pairs(name, got, k, case):
    """The k pairs of `top_k` as (k indices, k probabilities); or a `CheckFailed`."""
    answered(name, got)
    what = f"expected a list of {k} pairs (index, probability)"
    try:
        pairs = [tuple(pair) for pair in got]
    except TypeError:
        raise failed(name, what, case, f"got {describe(got)}") from None
    if len(pairs) != k or any(len(pair) != 2 for pair in pairs):
        text = f"got {len(pairs)} entries of {len(pairs[0])}" if pairs else "got none"
        raise failed(name, what, case, text)
    columns = zip(*pairs, strict=True)
    indices, probabilities = ([plain(one) for one in column] for column in columns)
    return as_numbers(name, indices, case), as_numbers(name, probabilities, case)


def expect_left_as_it_was(name, answer, net, case, *what, training=False):
    """Raise if a call has left something on a net.

    `what` names what is looked at, in this order: "hooks", "gradients", "training" (its mode).
    """
    found = fixtures.beside(answer, "marks", net)
    if not isinstance(found, dict) or set(found) != {"training", "hooks", "gradients", "frozen"}:
        raise failed(name, "the net can't be looked at any more", case)
    left = {
        "hooks": found["hooks"] != 0,
        "gradients": found["gradients"] != 0 or found["frozen"] != 0,
        "training": found["training"] != [training] * len(found["training"]),
    }
    for mark, (problem, mistake) in LEFT_ON_A_NET.items():
        if mark in what and left[mark]:
            raise failed(name, problem, case, message=MESSAGES[mistake])


def _tensor(values):
    import torch

    return torch.tensor(values, dtype=torch.float32)


def _linear(rows, before=()):
    """Layers and state of a net that flattens its input and multiplies it with `rows`."""
    rows = _tensor(rows)
    layers = [*before, ["Flatten"], ["Linear", rows.shape[1], len(rows), {"bias": False}]]
    return layers, {f"{len(before) + 1}.weight": rows}


# --- filters, maps, predictions ------------------------------------------------------------


@visible
def filters_scaled(function):
    """Two filters with other ranges."""
    weight = _tensor([[[[-1, 0], [1, 3]]], [[[10, 20], [15, 10]]]])
    expected = [[[[0, 0.25], [0.5, 1]]], [[[0, 1], [0.5, 0]]]]
    together = (weight + 1) / 21
    name, case = "filters_to_images", "filters -1 0 / 1 3 and 10 20 / 15 10"
    got = call(name, function, weight, case=case)
    expect_array(
        name, got, expected, case=case, looks_like=MESSAGES.known([(together, "scaled_together")])
    )


@visible
def filters_constant(function):
    """A filter of equal weights is 0.5 everywhere."""
    weight = _tensor([[[[2, 2], [2, 2]]], [[[0, 1], [4, 2]]]])
    expected = [[[[0.5, 0.5], [0.5, 0.5]]], [[[0, 0.25], [1, 0.5]]]]
    name, case = "filters_to_images", "filters 2 2 / 2 2 and 0 1 / 4 2"
    got = call(name, function, weight, case=case)
    if np.isnan(as_numbers(name, got, case)).any():
        raise failed(name, "not a number", case, message=MESSAGES["nan"])
    expect_array(name, got, expected, case=case)


filters_to_images = together("filters_to_images", filters_scaled, filters_constant)


RESPONSE_LAYERS = [["Conv2d", 1, 1, 1], ["ReLU"], ["MaxPool2d", 2]]
NORMALISED = [["BatchNorm2d", 1, {"eps": 1e-12}], ["Flatten"]]


def _response_net(function):
    return made(function, RESPONSE_LAYERS, {"0.weight": [[[[2.0]]]], "0.bias": [-1.0]})


@visible
def response_values(function):
    """2 x - 1, then ReLU."""
    name, case = "response_maps", "2 x - 1, ReLU, pooling on 1 0 / 3 -2; layer 2"
    x, net = _tensor([[[[1, 0], [3, -2]]]]), _response_net(function)
    wrong = [([[[[1, -1], [5, -5]]]], "too_few"), ([[[[5]]]], "too_many")]
    got = call(name, function, net, 2, x, case=case)
    expect_array(name, got, [[[[1, 0], [5, 0]]]], case=case, looks_like=MESSAGES.known(wrong))


@visible
def response_mode(function):
    """A normalisation with mean 1 and variance 1 subtracts 1; the net stays in training mode."""
    name, case = "response_maps", "a BatchNorm2d in training mode, mean 1 and variance 1; layer 1"
    state = {"0.weight": [1.0], "0.bias": [0.0], "0.running_mean": [1.0], "0.running_var": [1.0]}
    net = made(function, NORMALISED, {**state, "0.num_batches_tracked": 1}, training=True)
    got = call(name, function, net, 1, _tensor([[[[5, 9]]]]), case=case)
    wrong = MESSAGES.known([([[[[-1, 1]]]], "train_mode")])
    expect_array(name, got, [[[[4, 8]]]], case=case, looks_like=wrong)
    expect_left_as_it_was(name, function, net, case, "training", training=True)


@visible
def response_clean(function):
    """No graph, no hook."""
    net, x = _response_net(function), _tensor([[[[1, 0], [3, -2]]]])
    expect_no_trace("response_maps", function, net, 2, x, "2 x - 1, ReLU, pooling; layer 2")


response_maps = together("response_maps", response_values, response_mode, response_clean)


def expect_no_trace(name, function, net, layer, x, case):
    """Raise if the maps come with their graph, or the call leaves something on the net."""
    tracks = calling(fixtures.beside, function, "tracks_gradients", function)
    if call(name, tracks, net, layer, x, case=case) is not False:
        message = MESSAGES["graph_kept"]
        raise failed(name, "the result needs a gradient", case, message=message)
    expect_left_as_it_was(name, function, net, case, "hooks", "gradients", "training")


@visible
def top_k(function):
    """Probabilities 1/9, 2/9, 5/9, 1/9; two logits that differ by 1 at 1000; three equal ones."""
    fifth = 1 / (1 + math.e)
    third = 1 / (3 + math.exp(-2))
    cases = [
        ([0, LN2, math.log(5), 0], [(2, 5 / 9), (1, 2 / 9)], "0, ln 2, ln 5, 0"),
        ([1000, 1001], [(1, 1 - fifth), (0, fifth)], "1000, 1001"),
        ([1, 3, 3, 3], [(1, third), (2, third)], "1, 3, 3, 3: equal ones, lower index first"),
    ]
    for logits, expected, in_words in cases:
        case = f"logits {in_words}; k = 2"
        got = call("top_k", function, _tensor(logits), 2, case=case)
        indices, probabilities = as_pairs("top_k", got, 2, case)
        wanted = [pair[1] for pair in expected]
        if np.isnan(probabilities).any():
            raise failed("top_k", "not a number", case, message=MESSAGES["overflow"])
        known = MESSAGES.known([(np.sort(logits)[:-3:-1], "logits")])
        expect_array("top_k", indices, [pair[0] for pair in expected], case=f"{case}, indices")
        expect_array("top_k", probabilities, wanted, case=case, looks_like=known)


# --- what matters in the image -------------------------------------------------------------


def _expect_drops(function, image, patch, fill, expected, wrong, pixels):
    name, x = "occlusion_map", _tensor([[image]])
    net = made(function, *_linear([[1.0] * x.numel(), [0.0] * x.numel()]))
    number = "ln 3" if fill == LN3 else f"{fill:.3g}"
    case = f"{pixels}; {SUM_OF_PIXELS}; target 0, patch {patch}, stride 1, fill {number}"
    got = call(name, function, net, x, 0, patch, 1, fill, case=case)
    known = MESSAGES.known(wrong)
    expect_array(name, got, expected, case=case, looks_like=known, tolerance=1e-5)


@visible
def occlusion_places(function):
    """A patch of 2 in steps of 1 on 2 x 3 pixels has two places."""
    drops = [[6 / 7 - 2 / 3, 6 / 7 - 3 / 4]]
    wrong = [(np.negative(drops), "sign_of_drop"), ([[LN3, LN2]], "logit_drop")]
    pixels = "ln 3, 0, ln 2 / 0, 0, 0"
    _expect_drops(function, [[LN3, 0, LN2], [0, 0, 0]], 2, 0.0, drops, wrong, pixels)


@visible
def occlusion_values(function):
    """e^sum / (e^sum + 1) with single pixels covered."""
    drops = np.array([[0.25, 0], [0, 0]])
    wrong = [(-drops, "sign_of_drop"), ([[LN3, 0], [0, 0]], "logit_drop")]
    _expect_drops(function, [[LN3, 0], [0, 0]], 1, 0.0, drops, wrong, "ln 3, 0 / 0, 0")


@visible
def occlusion_fill(function):
    """Covered by ln 3, zeros become a probability of 3/4."""
    drops = [[-0.25, -0.25]]
    wrong = [([[0.25, 0.25]], "sign_of_drop"), ([[-LN3, -LN3]], "logit_drop")]
    _expect_drops(function, [[0, 0]], 1, LN3, drops, wrong, "0, 0")


occlusion_map = together("occlusion_map", occlusion_places, occlusion_values, occlusion_fill)


# Row 1 is the gradient of logit 1: 3 channels x 2 x 2, of which the largest count without sign.
ROWS = [[0.0] * 12, [1, -2, 0, 3, -4, 1, 0, -1, 2, 2, -1, -5]]
LARGEST = [[[4.0, 2], [1, 5]]]
SIGNED = [[[2.0, 2], [0, 3]]]


@visible
def saliency_values(function):
    """A linear net: the gradient is its row of weights."""
    name, case = "saliency", "a linear net on 1 x 3 x 2 x 2, target 1"
    got = call(name, function, made(function, *_linear(ROWS)), _ones(1), 1, case=case)
    expect_array(name, got, LARGEST, case=case, looks_like=MESSAGES.known([(SIGNED, "no_abs")]))


@visible
def saliency_batch(function):
    """Two images, and the same call twice."""
    name, case = "saliency", "a linear net on 2 x 3 x 2 x 2, target 1"
    net, expected = made(function, *_linear(ROWS)), np.array(LARGEST * 2)
    wrong = [([*LARGEST, np.zeros((2, 2))], "first_image"), ([*SIGNED, *SIGNED], "no_abs")]
    got = call(name, function, net, _ones(2), 1, case=case)
    expect_array(name, got, expected, case=case, looks_like=MESSAGES.known(wrong))
    case += ", called twice with the same x"
    again = calling(fixtures.beside, function, "again", function)
    got = call(name, again, net, _ones(2), 1, case=case)
    wrong = [(2 * expected, "x_grad_added"), *wrong]
    expect_array(name, got, expected, case=case, looks_like=MESSAGES.known(wrong))


saliency = together("saliency", saliency_values, saliency_batch)


def _ones(count):
    import torch

    return torch.ones(count, 3, 2, 2)


@visible
def smoothgrad_mean(function):
    """A linear net has the same gradient everywhere: noise changes nothing."""
    name, case = "smoothgrad", "a linear net on 1 x 3 x 2 x 2, target 1, n = 4, sigma 0.5"
    net, rng = made(function, *_linear(ROWS)), fixtures.beside(function, "rng", 0)
    got = call(name, function, net, _ones(1), 1, 4, 0.5, rng, case=case)
    wrong = [(4 * np.array(LARGEST), "summed"), (SIGNED, "no_abs")]
    expect_array(name, got, LARGEST, case=case, looks_like=MESSAGES.known(wrong))


@visible
def smoothgrad_noise(function):
    """ReLU at 0: the gradient is 1 where the noise is positive."""
    import torch

    name, case = "smoothgrad", "sum of ReLU(x) at x = 0 on 1 x 1 x 2 x 3, n = 5, sigma 0.1"
    x, local = torch.zeros(1, 1, 2, 3), fixtures.rng(0)
    draws = [torch.randn(x.shape, generator=local) for _ in range(5)]
    expected = torch.stack([(draw > 0).float() for draw in draws]).mean(0)[:, 0]
    net, known_sum = made(function, *_linear([[1.0] * 6], [["ReLU"]])), [(5 * expected, "summed")]
    got = []
    for _ in range(2):
        rng = fixtures.beside(function, "rng", 0)
        got.append(as_numbers(name, call(name, function, net, x, 0, 5, 0.1, rng, case=case), case))
    if got[0].shape == got[1].shape and not np.allclose(*got):
        message = MESSAGES["generator_unused"]
        raise failed(name, "two calls give two results", case, message=message)
    expect_array(name, got[0], expected, case=case, looks_like=MESSAGES.known(known_sum))


smoothgrad = together("smoothgrad", smoothgrad_mean, smoothgrad_noise)

# Maps 4 0 and 1 2, mean gradients 2 and -1: 7 and -2, ReLU, and twice as wide.
CAM_INPUT = [[[[4.0, 3, 0, 0], [2, 1, 0, 0]], [[1, 0, 1, 1], [1, 1, 0, 2]]]]
CAM_ROWS = [[0.0] * 4, [3, 1, -1, -1]]
CAM = [[[7, 5.25, 1.75, 0]] * 2]
CAM_SIGNED = [[[7, 4.75, 0.25, -2]] * 2]


@visible
def grad_cam(function):
    """Two maps of 1 x 2 after pooling."""
    name = "grad_cam"
    case = "maps 4 0 and 1 2 after MaxPool2d(2), layer 1; gradients 3 1 and -1 -1; target 1"
    net = made(function, *_linear(CAM_ROWS, [["MaxPool2d", 2]]))
    got = call(name, function, net, 1, _tensor(CAM_INPUT), 1, case=case)
    wrong = [(CAM_SIGNED, "cam_no_relu")]
    expect_array(name, got, CAM, case=case, looks_like=MESSAGES.known(wrong), tolerance=1e-5)


grad_cam_values, grad_cam_relu, grad_cam_upsampled = (
    together(f"grad_cam_{part}", grad_cam) for part in ("values", "relu", "upsampled")
)
GUIDED_CASE = "ReLU on 2 -1 / 3 -4, then weights 1 2 -3 -4; target 0"


def _guided_net(function):
    net = made(function, *_linear([[1.0, 2, -3, -4]], [["ReLU"]]))
    return net, _tensor([[[[2, -1], [3, -4]]]])


@visible
def guided_values(function):
    """One ReLU."""
    net, x = _guided_net(function)
    got = call("guided_backprop", function, net, x, 0, case=GUIDED_CASE)
    plain_gradient, cut = [[[[1, 0], [-3, 0]]]], [[[[1, 2], [0, 0]]]]
    known = MESSAGES.known([(plain_gradient, "plain_gradient"), (cut, "deconvolution")])
    expect_array("guided_backprop", got, [[[[1, 0], [0, 0]]]], case=GUIDED_CASE, looks_like=known)


@visible
def guided_clean(function):
    """After the call the net has its ordinary gradients."""
    net, x = _guided_net(function)
    expect_restored(function, net, x, 0, [[[[1, 0], [-3, 0]]]], GUIDED_CASE)


guided_backprop = together("guided_backprop", guided_values, guided_clean)


def _one_hot(count, classes, target):
    import torch

    return torch.eye(classes)[target].repeat(count, 1)


def expect_restored(function, net, x, target, gradient, case, classes=1):
    """Raise unless the net has no marks and this ordinary gradient after guided backprop."""
    name = "guided_backprop"
    call(name, function, net, x, target, case=case)
    expect_left_as_it_was(name, function, net, case, "hooks", "gradients")
    weights = _one_hot(len(x), classes, target)
    got = as_numbers(name, fixtures.beside(function, "slopes", net, x, weights), case)
    if got.shape != np.shape(gradient) or not np.allclose(got, gradient, rtol=1e-4, atol=1e-5):
        what, message = "the net's ordinary gradients are not what they were", "net_changed"
        raise failed(name, what, case, message=MESSAGES[message])
    expect_left_as_it_was(name, function, net, case, "training")


@visible
def fgsm(function):
    """Two classes: the gradient of the loss is a positive number times (row 1 - row 0)."""
    name, case = "fgsm", "x 0.5 0.5 / 0.95 0.05, row 0 is 1 -2 -1 3, row 1 is 0; eps 0.1"
    net = made(function, *_linear([[1.0, -2, -1, 3], [0.0] * 4]))
    x = _tensor([[[[0.5, 0.5], [0.95, 0.05]]]])
    step = np.array([[[[-0.1, 0.1], [0.1, -0.1]]]])
    gradient = np.array([[[[-1, 2], [1, -3]]]]) / (1 + math.exp(-1.3))  # the logits: -1.3 and 0
    before = x.numpy()
    wrong = [(before + step, "no_clamp"), (np.clip(before - step, 0, 1), "downhill")]
    known = MESSAGES.known([*wrong, (np.clip(before + 0.1 * gradient, 0, 1), "no_sign")])
    got = call(name, function, net, x, 0, 0.1, case=case)
    expected = [[[[0.4, 0.6], [1, 0]]]]
    expect_array(name, got, expected, case=case, looks_like=known)
