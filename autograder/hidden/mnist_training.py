"""Hidden tests of unit 04, one function per grade cell.

Nets, loaders and optimizers are made where the answer is (`fixtures.beside`) and once more here;
what the answer leaves of them is compared with what a right loop leaves. Weights that differ in
the fifth digit are equal: float32 sums in another order.
"""

import numpy as np
import torch

from autograder.engine.seeds import generator
from autograder.hidden.random_nets import random_input, random_state
from autograder.mistakes.mnist_training import BANK
from coursekit.checks import fixtures
from coursekit.checks.core import as_numbers, call, expect_array, failed
from coursekit.checks.mnist_training import (
    EPOCHS,
    TRAINED_ON,
    WANTED,
    bugs_of,
    expect_batch_norm,
    expect_dropout,
    expect_first_outputs,
    expect_layers,
    expect_logits,
    expect_mode,
    expect_no_gradients,
    expect_outputs,
    expect_weights,
    not_moved,
)
from coursekit.checks.trials import (
    Epoch,
    Evaluation,
    given_net_by_heart,
    learn_digits,
    own_net_by_heart,
    small_digits,
    started,
)

# The first optimizer of a process loads modules for seconds: before the clock of a cell runs.
torch.optim.SGD([torch.zeros(1, requires_grad=True)])

DENSE = [["Flatten"], ["Linear", 36, 12], ["Tanh"], ["Linear", 12, 4]]
CONVOLUTIONS = [
    ["Conv2d", 1, 3, 3, {"padding": 1}], ["ReLU"], ["AvgPool2d", 2],
    ["Conv2d", 3, 4, 2], ["Tanh"], ["Flatten"], ["Linear", 16, 4],
]  # fmt: skip
NORMALISED = [
    ["Conv2d", 1, 3, 3, {"bias": False}], ["BatchNorm2d", 3], ["Tanh"],
    ["Flatten"], ["Linear", 48, 4],
]  # fmt: skip
NETS = {"a dense net": DENSE, "a convolutional net": CONVOLUTIONS, "a net with BN": NORMALISED}
OPTIMIZERS = {
    "SGD": {"lr": 0.5},
    "SGD with momentum": {"lr": 0.2, "options": {"momentum": 0.9}},
    "SGD with weight decay": {"lr": 0.3, "options": {"weight_decay": 0.1}},
    "Adam": {"lr": 0.02},
}
HELD_OUT = 400  # digits of the question beats_ninety
BUGS = {
    "A": {"no zero_grad"},
    "B": {"softmax twice", "training accuracy"},
    "C": {"labels apart"},
    "D": {"eval left on", "no zero_grad"},
}


# --- accuracy ------------------------------------------------------------------------------


def accuracy(function):
    """Random logits, as many images as classes and not, a single image, none and all right."""
    rng = generator("accuracy")
    logits = rng.normal(size=(8, 10)) - 3  # 5 right, 1 the smallest, 2 the second smallest
    order = logits.argsort(axis=1)
    _expect_accuracy(function, logits, np.array([*order[:5, -1], order[5, 0], *order[6:, 1]]))
    for images, classes in [(6, 10), (5, 5), (40, 3), (1, 4), (17, 2)]:
        logits = rng.normal(size=(images, classes)) - 3
        labels = rng.integers(classes, size=images)
        labels[: images // 2] = logits.argmax(axis=1)[: images // 2]
        _expect_accuracy(function, logits, labels)
    logits = rng.normal(size=(8, 10))
    _expect_accuracy(function, logits, logits.argmax(axis=1))
    _expect_accuracy(function, logits, logits.argmin(axis=1))


def _expect_accuracy(function, logits, labels):
    expected = sum(row[label] == max(row) for row, label in zip(logits, labels, strict=True))
    arguments = torch.tensor(logits, dtype=torch.float32), torch.tensor(labels)
    case = f"{len(labels)} images, {logits.shape[1]} classes, {expected} right"
    looks_like = BANK.looks_like("accuracy", *arguments)
    got = call("accuracy", function, *arguments, case=case, looks_like=looks_like)
    expect_array("accuracy", got, expected / len(labels), case=case, looks_like=looks_like)


# --- the training loop ---------------------------------------------------------------------


def train_step(function):
    """One batch, one step, for three nets and four optimizers."""
    rng = generator("train_step")
    for net, layers in NETS.items():
        for optimizer in OPTIMIZERS:
            samples = int(rng.integers(5, 9))
            _expect_trained(function, rng, net, layers, optimizer, samples, samples)


def train_zero_grad(function):
    """Several batches of one size, and of several."""
    rng = generator("train_zero_grad")
    for net, layers in NETS.items():
        for optimizer, samples in [("SGD", 12), ("SGD with momentum", 9), ("Adam", 12)]:
            _expect_trained(function, rng, net, layers, optimizer, samples, 4)


def train_mode(function):
    """Running statistics of batch normalization, for nets that were in either mode."""
    rng = generator("train_mode")
    for training in (False, True):
        for samples in (5, 8):
            made = _made(rng, NORMALISED, samples, samples)
            case = f"{samples} samples in one batch, {_mode(training)} before"
            # With a learning rate of 0 the statistics depend on the batches alone.
            choices = {"optimizer": "SGD", "lr": 0.0, "training": training}
            looks_like = BANK.looks_like("train_one_epoch", made, choices, using=_statistics)
            expected = _statistics(_right_epoch, made, choices)
            epoch = Epoch(function, *made, case, **choices)
            expect_array(
                "train_one_epoch",
                _statistics_of(epoch.model),
                expected,
                case=f"running means and variances; {case}",
                looks_like=looks_like,
                tolerance=1e-4,
            )


def train_mean_loss(function):
    """The mean over all samples, with a last batch that is smaller, or alone.

    Where there are several batches the learning rate is 0: a wrong step costs points elsewhere.
    """
    rng = generator("train_mean_loss")
    for net, layers in (("a dense net", DENSE), ("a convolutional net", CONVOLUTIONS)):
        for samples, batch in [(9, 4), (13, 5), (7, 6), (8, 4), (5, 8)]:
            made = _made(rng, layers, samples, batch, far=True)
            choices = {"optimizer": "SGD", "lr": 0.0 if samples > batch else 0.1}
            case = f"{net}, {samples} samples in batches of {batch}"
            looks_like = BANK.looks_like("train_one_epoch", made, choices, using=_mean_loss)
            expected = _mean_loss(_right_epoch, made, choices)
            got = Epoch(function, *made, case, **choices).returned
            expect_array(
                "train_one_epoch", got, expected, case=case, looks_like=looks_like, tolerance=1e-4
            )


def train_device(function):
    """Batches that can't be computed with before they were moved; all that is used are moved.

    That the first batch went through the net to the loss is enough here: mistakes after that cost
    points elsewhere.
    """
    rng = generator("train_device")
    for samples in (4, 7):
        made = _made(rng, CONVOLUTIONS, samples, 4)
        choices = {"loader": "far_loader", "looks_like": not_moved, "watched": True}
        epoch = Epoch(function, *made, f"{samples} samples that were not moved yet", **choices)
        expected = fixtures.net(*made[:2])(made[2][:4]).detach().numpy()
        expect_first_outputs(epoch, expected)


def _expect_trained(function, rng, net, layers, optimizer, samples, batch):
    """Raise unless the net is left with the weights that a right loop gives it."""
    made = _made(rng, layers, samples, batch)
    choices = {"optimizer": optimizer.split()[0], **OPTIMIZERS[optimizer]}
    case = f"{net}, {optimizer}, {samples} samples in batches of {batch}"
    looks_like = BANK.looks_like("train_one_epoch", made, choices, using=_weights)
    expected = _weights(_right_epoch, made, choices)
    epoch = Epoch(function, *made, case, **choices)
    expect_weights(epoch, _row(made[1]), expected, looks_like)


def _made(rng, layers, samples, batch, far=False):
    """Layers, random weights, images and labels, and the size of a batch.

    With `far` the weights are larger, so that losses differ much from sample to sample.
    """
    shapes = fixtures.sizes_of_state(fixtures.net(layers))
    state = random_state(rng, shapes, gain=3 if far else 1)
    x = random_input(rng, samples, 1, 6, 6)
    return layers, state, x, torch.tensor(rng.integers(4, size=samples)), batch


def _right_epoch(model, loader, loss_fn, optimizer, device):
    """What is right: torch's own gradients, one fresh set for each batch."""
    model.train()
    parameters, losses = list(model.parameters()), []
    for x, y in loader:
        each = torch.nn.functional.cross_entropy(model(x), y, reduction="none")
        for parameter, gradient in zip(
            parameters, torch.autograd.grad(each.mean(), parameters), strict=True
        ):
            parameter.grad = gradient
        optimizer.step()
        losses.extend(each.tolist())
    return sum(losses) / len(losses)


def _weights(train, made, choices):
    """The net's state in one row after an epoch of `train`, from the bank or `_right_epoch`."""
    return Epoch(train, *made, "", **choices).weights()


def _statistics(train, made, choices):
    return _statistics_of(Epoch(train, *made, "", **choices).model)


def _mean_loss(train, made, choices):
    return Epoch(train, *made, "", **choices).returned


def _statistics_of(model):
    """All running means and variances of a net in one row."""
    state = model.state_dict()
    kept = [state[key] for key in state if "running" in key]
    return np.concatenate([as_numbers("train_one_epoch", one) for one in kept])


def _row(state):
    kept = [value for key, value in state.items() if not key.endswith("num_batches_tracked")]
    return np.concatenate([value.flatten().numpy() for value in kept])


def _mode(training):
    return "train mode" if training else "eval mode"


# --- evaluation ----------------------------------------------------------------------------


def evaluate_values(function):
    """Loss and accuracy over batches of different sizes."""
    rng = generator("evaluate_values")
    for samples, batch in [(9, 4), (13, 5), (8, 4), (3, 8)]:
        made = _made(rng, CONVOLUTIONS, samples, batch, far=True)
        case = f"{samples} samples in batches of {batch}"
        one = Evaluation(function, *made, case)
        logits, labels = fixtures.net(*made[:2])(made[2]).detach(), made[3]
        expected = (
            float(torch.nn.functional.cross_entropy(logits, labels)),
            float((logits.argmax(dim=1) == labels).double().mean()),
        )
        _expect_pair(one, expected, BANK.looks_like("evaluate", made, using=_pair))


def _expect_pair(one, expected, looks_like):
    """Raise unless loss and accuracy are the expected ones; both together name a mistake."""
    message = looks_like(np.array([float(one.loss), float(one.accuracy)]))
    for what, got, wanted in [
        ("the loss", one.loss, expected[0]),
        ("the accuracy", one.accuracy, expected[1]),
    ]:
        case = f"{what}; {one.case}"
        expect_array(
            *(one.name, got, wanted), case=case, looks_like=lambda _: message, tolerance=1e-4
        )


def _pair(evaluate, made):
    one = Evaluation(evaluate, *made, "")
    return np.array([float(one.loss), float(one.accuracy)])


def evaluate_mode(function):
    """Batch normalization and dropout, for nets in either mode; nothing of the net changes."""
    rng = generator("evaluate_mode")
    for training in (True, False):
        layers = [*NORMALISED[:-1], ["Dropout", 0.5], NORMALISED[-1]]
        made = _made(rng, layers, 10, 4)
        case = f"batch normalization and dropout, {_mode(training)} before"
        one = Evaluation(function, *made, case, training=training)
        expect_outputs(one, fixtures.net(*made[:2])(made[2]).detach().numpy())
        expect_mode(one, training)
        _expect_state(one, made[1], f"; {case}")


def evaluate_no_gradients(function):
    """Outputs without gradients; gradients and weights of the net stay as they are."""
    rng = generator("evaluate_no_gradients")
    for layers in (DENSE, CONVOLUTIONS):
        made = _made(rng, layers, 7, 3)
        one = Evaluation(function, *made, "7 samples in batches of 3")
        expect_outputs(one, fixtures.net(*made[:2])(made[2]).detach().numpy())
        if any(found is not None for found in one.make("gradients", one.model)):
            what = "the net's parameters hold gradients afterwards"
            message = "there is a `backward` in it; evaluating learns nothing."
            raise failed("evaluate", what, message=message)
        expect_no_gradients(one)
        _expect_state(one, made[1])


def _expect_state(one, state, case=""):
    """Raise unless the net has the parameters and buffers that it had before."""
    after = one.model.state_dict()
    for key, before in state.items():
        expect_array(one.name, after[key], before.numpy(), case=f"the net's {key} after it{case}")


# --- the net -------------------------------------------------------------------------------


def net_logits(cls):
    """Batches of several sizes, other numbers of classes, logits of both signs."""
    rng = generator("net_logits")
    for num_classes, images in [(10, 4), (10, 1), (7, 3), (13, 2)]:
        expect_logits(cls, num_classes, _images(rng, images))


def net_layers(cls):
    """Convolutions, downsampling, number of parameters."""
    expect_layers(cls, _images(generator("net_layers"), 2))


def net_dropout(cls):
    """Random in train mode only."""
    expect_dropout(cls, _images(generator("net_dropout"), 12))


def net_batch_norm(cls):
    """Running statistics, moved in train mode only."""
    expect_batch_norm(cls, _images(generator("net_batch_norm"), 12))


def _images(rng, count):
    return torch.tensor(rng.random((count, 1, 28, 28)), dtype=torch.float32)


# --- does it learn -------------------------------------------------------------------------


def loop_learns_by_heart(train):
    """A given net and one batch of digits."""
    rng = generator("loop_learns_by_heart")
    x, y = _digits(rng, 10)
    given_net_by_heart(train, x, y, int(rng.integers(1000)))


def net_learns_by_heart(cls, train):
    """The student's net and one batch of digits."""
    rng = generator("net_learns_by_heart")
    x, y = _digits(rng, 10)
    own_net_by_heart(cls, train, x, y, int(rng.integers(1000)))


def beats_ninety(cls, train):
    """Better than 0.90 on 400 held-out digits within four epochs on 1,000 others."""
    rng = generator("beats_ninety")
    x, y = _digits(rng, TRAINED_ON + HELD_OUT)
    training, held_out = (x[:TRAINED_ON], y[:TRAINED_ON]), (x[TRAINED_ON:], y[TRAINED_ON:])
    number = int(rng.integers(1000))
    learning = started("beats_ninety", cls, train, *training, 16, number)
    learn_digits(learning, training, held_out, EPOCHS, WANTED)


def _digits(rng, count):
    """Some of scikit-learn's digits, moved by a pixel at most: images and labels as tensors.

    Which digit has which label is random: a net that was trained on scikit-learn's digits before
    gains nothing by it here.
    """
    images, labels = small_digits()
    labels = rng.permutation(10)[labels]
    chosen = rng.permutation(len(labels))[:count]
    moved = [
        np.roll(images[one], tuple(rng.integers(-1, 2, size=2)), axis=(1, 2)) for one in chosen
    ]
    return torch.from_numpy(np.stack(moved)), torch.from_numpy(labels[chosen])


# --- bug hunt ------------------------------------------------------------------------------


def bugs_a(answer):
    """No zero_grad."""
    _expect_bugs(answer, "A")


def bugs_b(answer):
    """A softmax too many; accuracy on what was trained on."""
    _expect_bugs(answer, "B")


def bugs_c(answer):
    """Two shuffles."""
    _expect_bugs(answer, "C")


def bugs_d(answer):
    """Eval mode after the first epoch; no zero_grad."""
    _expect_bugs(answer, "D")


def _expect_bugs(answer, loop):
    got, expected = bugs_of(answer, loop), BUGS[loop]
    if got == expected:
        return
    missed, extra = len(expected - got), len(got - expected)
    named = {
        mistake.message
        for mistake in BANK
        if mistake.answer == "broken_loop_bugs" and set(mistake.function()[loop]) == got
    }
    what = f"{missed} of its bugs not named, {extra} named that it doesn't have"
    message = named.pop() if len(named) == 1 else None
    raise failed(f"broken_loop_bugs, loop {loop}", what, message=message)
