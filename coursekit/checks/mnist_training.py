"""Visible checks of unit 04. Every expected number was worked out by hand.

The nets, loaders and optimizers that an answer works with are made where the answer is
(`fixtures.beside`); what is looked at afterwards are numbers that come back.
"""

from functools import cache
from math import log

import numpy as np

from coursekit.checks import fixtures
from coursekit.checks.core import (
    FORM_IS_RIGHT,
    CheckFailed,
    NotAttempted,
    answered,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    call,
    describe,
    expect_array,
    number,
    visible,
)

BUGS = ("softmax twice", "no zero_grad", "eval left on", "training accuracy", "labels apart")
LOOPS = ("A", "B", "C", "D")
MOST_PARAMETERS = 500_000

# What the commonest wrong answers look like; the grader says the same words.
MESSAGES = Messages(
    percent="a percentage; the share from 0 to 1 is asked for.",
    count="the number of right ones; divide by the number of images.",
    no_step="the weights stay as they were: `optimizer.step()` is missing.",
    no_gradient="the weights stay as they were, and no gradient is there for the step: "
    "`loss.backward()` is missing, or `zero_grad` stands between it and the step.",
    no_zero_grad="the gradients of earlier batches are still in there: zero them for each batch.",
    first_batch="only the first batch is trained on: is the `return` inside the loop?",
    mean_of_batches="the mean of the batches' means; the last batch is smaller and has to "
    "count less.",
    loss_sum="the sum over all samples; divide by their number.",
    sum_of_means="the sum of the batches' means; weight each with its size, then divide.",
    last_loss="the loss of the last batch; the mean over all samples is asked for.",
    no_train_mode="the net stays in eval mode: call `model.train()` first.",
    not_moved="the batch is not moved to the device: `x = x.to(device)`, and so for the labels.",
    swapped="the accuracy comes first; return (loss, accuracy).",
    no_eval_mode="the net is in train mode while it is evaluated: call `model.eval()` first.",
    mode_not_restored="the net comes back in eval mode though it was in train mode: restore it.",
    always_train="the net comes back in train mode though it was not training: note "
    "`model.training` first.",
    graph="outputs are computed with gradients; use `torch.no_grad()`.",
    softmax="a softmax after the last layer: the result is probabilities, not logits.",
    log_softmax="a log-softmax after the last layer; the loss function takes care of that.",
    sigmoid="a sigmoid after the last layer: every output is between 0 and 1.",
    relu="a ReLU after the last layer: a logit may be negative.",
    tanh="a tanh after the last layer: every output is between -1 and 1.",
    ten_classes="10 outputs whatever `num_classes` is; use the argument.",
    one_convolution="fewer than two convolutions (weights with four dimensions).",
    no_downsampling="no pooling and no stride: the maps stay as large as the image.",
    too_large="too many parameters; nearly all are in the first dense layer: make its input "
    "smaller.",
    no_dropout="two passes in train mode are equal: nothing is dropped.",
    always_dropout="two passes in eval mode differ: dropout goes on; `F.dropout` needs "
    "`training=self.training`.",
    no_batch_norm="a pass in train mode changes no running mean or variance: there is no batch "
    "normalization.",
)

# Public case of train_one_epoch: y = w x with w = 1, three samples in batches of two, SGD 0.1.
LINE = [["Linear", 1, 1, {"bias": False}]]
WEIGHT, INPUTS, TARGETS = {"0.weight": [[1.0]]}, [[1.0], [2.0], [3.0]], [[3.0], [6.0], [9.0]]
# Public case of evaluate: logits (0, x ln 3), so a class has probability 1/4 or 3/4.
TWO_CLASSES = [["Linear", 1, 2, {"bias": False}]]
ODDS, SIDES, SIDE_LABELS = {"0.weight": [[0.0], [log(3)]]}, [[1.0], [-1.0], [1.0]], [1, 1, 1]
SIDE_LOSS = (2 * log(4 / 3) + log(4)) / 3


def fail(text, message):
    """Raise `CheckFailed` with a text and one of the messages."""
    raise CheckFailed(f"{text}\n  Looks like: {MESSAGES[message]}")


# --- accuracy ------------------------------------------------------------------------------


@visible
def accuracy(function):
    """Three images, two right; the logits are negative."""
    import torch

    logits = torch.tensor([[-1.0, -3, -2], [-4, -2, -9], [-5, -1, -3]])
    case = "3 images, 3 classes, 2 right"
    got = call("accuracy", function, logits, torch.tensor([0, 1, 2]), case=case)
    wrong = MESSAGES.known([(200 / 3, "percent"), (2, "count")])
    expect_array("accuracy", got, 2 / 3, case=case, looks_like=wrong)


# --- the training loop ---------------------------------------------------------------------


class Epoch:
    """One call of `train_one_epoch` on objects made beside it.

    `returned` is the mean loss it returned, `model` the net and `seen` the loss function (or what
    stands for them).
    """

    name = "train_one_epoch"

    def __init__(self, function, layers, state, x, y, batch_size, case, **choices):
        import torch

        chosen = {"loss": "CrossEntropyLoss", "optimizer": "SGD", "lr": 0.1, "looks_like": None}
        chosen |= {"training": True, "loader": "loader", "options": {}, "watched": False} | choices
        answered(self.name, function)
        self.function, self.case = function, case
        made = {key: torch.as_tensor(value) for key, value in state.items()}
        self.model = self.make("net", layers, made, training=chosen["training"])
        optimizer = self.make(
            "optimizer", chosen["optimizer"], self.model, lr=chosen["lr"], **chosen["options"]
        )
        self.seen = self.make("watched_loss" if chosen["watched"] else "loss", chosen["loss"])
        arguments = (
            self.model,
            self.make(chosen["loader"], torch.as_tensor(x), torch.as_tensor(y), batch_size),
            self.seen,
            optimizer,
            self.make("device", "cpu"),
        )
        looks_like = chosen["looks_like"]
        self.returned = call(self.name, function, *arguments, case=case, looks_like=looks_like)

    def make(self, maker, *arguments, **options):
        return fixtures.beside(self.function, maker, *arguments, **options)

    def weights(self):
        """All entries of the net's state in one row, buffers that count left out."""
        state = self.model.state_dict()
        kept = [state[key].flatten() for key in state if not key.endswith("num_batches_tracked")]
        return np.concatenate([as_numbers(self.name, one) for one in kept])

    def why_unchanged(self):
        """What is missing in a loop that leaves the weights as they are."""
        found = self.make("gradients", self.model)
        there = any(one is not None and float(abs(one).max()) > 0 for one in found)
        return MESSAGES["no_step" if there else "no_gradient"]

    def expect_weights(self, before, expected, looks_like=None):
        """Raise unless the net's state, in one row, is the expected one."""

        def name_it(outcome):
            if np.shape(outcome) == np.shape(before) and np.allclose(outcome, before):
                return self.why_unchanged()
            return looks_like(outcome) if looks_like else None

        told = f"the net's weights after it; {self.case}"
        expect_array(
            self.name, self.weights(), expected, case=told, looks_like=name_it, tolerance=1e-4
        )


@visible
def train_one_epoch(function):
    """The cases of its five grade cells."""
    _step(function), _zero_grad(function), _train_mode(function)
    _mean_loss(function), _device(function)


@visible
def train_step(function):
    """One batch: w goes from 1 to 2."""
    _step(function)


@visible
def train_zero_grad(function):
    """Two batches: w goes to 2, then to 3.8."""
    _zero_grad(function)


@visible
def train_mode(function):
    """Batch normalization moves its running mean by a tenth of the batch's."""
    _train_mode(function)


@visible
def train_mean_loss(function):
    """Losses 10 of two samples and 9 of one: 29 / 3."""
    _mean_loss(function)


@visible
def train_device(function):
    """Batches have to be moved to the device."""
    _device(function)


def _line(function, samples, case, loader="loader", looks_like=None, watched=False):
    choices = {"loss": "MSELoss", "loader": loader, "looks_like": looks_like, "watched": watched}
    return Epoch(function, LINE, WEIGHT, INPUTS[:samples], TARGETS[:samples], 2, case, **choices)


def _step(function):
    epoch = _line(function, 2, "y = w x, w = 1, samples 1 and 2 in one batch, SGD 0.1")
    epoch.expect_weights([1.0], [2.0])


def _zero_grad(function):
    epoch = _line(function, 3, "y = w x, w = 1, batches of 2 and 1 samples, SGD 0.1")
    epoch.expect_weights(
        [1.0], [3.8], MESSAGES.known([([4.8], "no_zero_grad"), ([2.0], "first_batch")])
    )


def _train_mode(function):
    case = "batch normalization that was in eval mode; a batch of 1 and 3"
    state = {"0.weight": [1.0], "0.bias": [0.0], "0.running_mean": [0.0], "0.running_var": [1.0]}
    state["0.num_batches_tracked"] = 0
    y, choices = [[0.0], [0.0]], {"loss": "MSELoss", "training": False}
    epoch = Epoch(function, [["BatchNorm1d", 1]], state, [[1.0], [3.0]], y, 2, case, **choices)
    got = epoch.model.state_dict()["0.running_mean"]
    case = f"its running mean; {case}"
    wrong = MESSAGES.known([([0.0], "no_train_mode")])
    expect_array("train_one_epoch", got, [0.2], case=case, looks_like=wrong)


def _mean_loss(function):
    case = "losses 10 of two samples and 9 of one"
    epoch = _line(function, 3, case)
    wrong = [(9.5, "mean_of_batches"), (29, "loss_sum"), (19, "sum_of_means"), (9, "last_loss")]
    got = epoch.returned
    looks_like = MESSAGES.known([*wrong, (10, "first_batch")])
    expect_array("train_one_epoch", got, 29 / 3, case=case, looks_like=looks_like, tolerance=1e-4)


def _device(function):
    case = "batches that were not moved yet"
    epoch = _line(function, 3, case, "far_loader", not_moved, watched=True)
    expect_first_outputs(epoch, INPUTS[:2])


def expect_first_outputs(epoch, expected):
    """Raise unless the (watched) loss function got the net's outputs for the first batch."""
    outputs = list(epoch.seen.outputs)
    if not outputs:
        raise CheckFailed(f"train_one_epoch: loss_fn was never called  ({epoch.case})")
    case = f"the outputs that loss_fn got first; {epoch.case}"
    got = as_numbers("train_one_epoch", outputs[0], case)
    expect_array("train_one_epoch", got, expected, case=case, tolerance=1e-4)


def not_moved(outcome):
    """The message for a batch that the answer computed with before it was moved."""
    return MESSAGES["not_moved"] if outcome is RuntimeError else None


# --- evaluation ----------------------------------------------------------------------------


class Evaluation:
    """One call of `evaluate` on objects made beside it: `.loss`, `.accuracy`, `.model`, `.seen`."""

    name = "evaluate"

    def __init__(self, function, layers, state, x, y, batch_size, case, training=False):
        import torch

        answered(self.name, function)
        self.function, self.case = function, case
        made = {key: torch.as_tensor(value) for key, value in state.items()}
        self.model = self.make("net", layers, made, training=training)
        self.seen = self.make("watched_loss", "CrossEntropyLoss")
        loader = self.make("loader", torch.as_tensor(x), torch.as_tensor(y), batch_size)
        arguments = (self.model, loader, self.seen, self.make("device", "cpu"))
        got = call(self.name, function, *arguments, case=case)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            raise CheckFailed(f"evaluate: expected (loss, accuracy), got {describe(got)}  ({case})")
        self.loss, self.accuracy = (as_numbers(self.name, one, case) for one in got)

    def make(self, maker, *arguments, **options):
        return fixtures.beside(self.function, maker, *arguments, **options)

    def outputs(self):
        """The net's outputs that the loss function got, one row for each sample."""
        outputs = [as_numbers(self.name, one) for one in self.seen.outputs]
        if not outputs:
            raise CheckFailed(f"evaluate: loss_fn was never called  ({self.case})")
        return np.concatenate(outputs)


@visible
def evaluate(function):
    """The cases of its three grade cells."""
    _evaluate_values(function), _evaluate_mode(function), _evaluate_no_gradients(function)


@visible
def evaluate_values(function):
    """Two right of three, in batches of two and one."""
    _evaluate_values(function)


@visible
def evaluate_mode(function):
    """Batch normalization uses its running statistics, and the mode comes back."""
    _evaluate_mode(function)


@visible
def evaluate_no_gradients(function):
    """Outputs are computed without gradients."""
    _evaluate_no_gradients(function)


def _evaluate_values(function):
    case = "probabilities 3/4, 1/4, 3/4 of the right class; batches of 2 and 1"
    one = Evaluation(function, TWO_CLASSES, ODDS, SIDES, SIDE_LABELS, 2, case)
    batches = (log(4 / 3) + log(4)) / 2, log(4 / 3)
    wrong = [(sum(batches) / 2, "mean_of_batches"), (2 / 3, "swapped"), (SIDE_LOSS * 3, "loss_sum")]
    wrong += [(batches[1], "last_loss"), (sum(batches), "sum_of_means")]
    looks_like, told = MESSAGES.known(wrong), f"the loss; {case}"
    expect_array("evaluate", one.loss, SIDE_LOSS, case=told, looks_like=looks_like, tolerance=1e-4)
    wrong = MESSAGES.known([(0.75, "mean_of_batches"), (200 / 3, "percent"), (2, "count")])
    told = f"the accuracy; {case}"
    expect_array("evaluate", one.accuracy, 2 / 3, case=told, looks_like=wrong, tolerance=1e-4)


def _evaluate_mode(function):
    state = {"0.weight": [1.0, 1.0], "0.bias": [0.0, 0.0], "0.running_mean": [0.0, 0.0]}
    state |= {"0.running_var": [1.0, 1.0], "0.num_batches_tracked": 0}
    x = [[1.0, 2.0], [3.0, 2.5]]
    for training in (True, False):
        case = f"batch normalization, {'train' if training else 'eval'} mode before"
        one = Evaluation(function, [["BatchNorm1d", 2]], state, x, [0, 1], 2, case, training)
        expect_outputs(one, x)
        expect_mode(one, training)


def _evaluate_no_gradients(function):
    case = "y = w x, two classes"
    one = Evaluation(function, TWO_CLASSES, ODDS, SIDES, SIDE_LABELS, 2, case)
    expect_no_gradients(one)


def expect_outputs(one, expected):
    """Raise unless the loss function got what the net gives in eval mode."""
    wrong = MESSAGES["no_eval_mode"]
    case = f"the net's outputs that loss_fn got; {one.case}"
    looks_like = (lambda outcome: wrong) if one.outputs().shape == np.shape(expected) else None
    expect_array(
        "evaluate", one.outputs(), expected, case=case, looks_like=looks_like, tolerance=1e-4
    )


def expect_mode(one, training):
    """Raise unless the net, with all its parts, is in the mode in which it was before."""
    modes = one.make("marks", one.model)["training"]
    if set(modes) != {training}:
        message = "mode_not_restored" if training else "always_train"
        fail(f"evaluate: the net's mode is another than before  ({one.case})", message)


def expect_no_gradients(one):
    """Raise if the outputs were computed with gradients."""
    one.outputs()
    if any(found is not False for found in one.seen.gradients):
        fail(f"evaluate: expected outputs without gradients  ({one.case})", "graph")


# --- the net -------------------------------------------------------------------------------


def built(cls, *arguments):
    """`SmallCNN(*arguments)`, or a `CheckFailed` that says what is wrong."""
    text = ", ".join(map(str, arguments))
    return call("SmallCNN", answered("SmallCNN", cls), *arguments, case=f"SmallCNN({text})")


def output(net, x, case, training=False):
    """What a student's net gives for x in one of its modes, as an array N x classes."""
    import torch

    def run(x):
        net.train(training)
        with torch.no_grad():
            return net(x)

    if hasattr(net, "keeps_time"):
        run.keeps_time = True
    try:
        return as_numbers("SmallCNN", call("SmallCNN", run, x, case=case), case)
    except NotAttempted:
        raise CheckFailed("SmallCNN: its `forward` is missing, or still the stub") from None


def picture(n, side=28):
    """n images of our own, N x 1 x 28 x 28 from 0 to 1: no digits, but not all the same."""
    import torch

    count = n * side * side
    return (torch.arange(count).reshape(n, 1, side, side) * 0.37).sin() / 2 + 0.5


@visible
def SmallCNN(cls):
    """The cases of its four grade cells."""
    expect_logits(cls, 10, picture(3))
    expect_layers(cls, picture(2))
    expect_dropout(cls, picture(8))
    expect_batch_norm(cls, picture(8))


@visible
def net_logits(cls):
    """Three images give 3 x 10 numbers that no function has squashed."""
    expect_logits(cls, 10, picture(3))


@visible
def net_layers(cls):
    """Two convolutions, a downsampling step, fewer than 500,000 parameters."""
    expect_layers(cls, picture(2))


@visible
def net_dropout(cls):
    """Chance in train mode, none in eval mode."""
    expect_dropout(cls, picture(8))


@visible
def net_batch_norm(cls):
    """Running statistics change in train mode and in no other."""
    expect_batch_norm(cls, picture(8))


def expect_logits(cls, num_classes, x):
    """Raise unless the net gives one logit for each class; biases of the last layer are spread."""
    import torch

    arguments = () if num_classes == 10 else (num_classes,)
    net = built(cls, *arguments)
    case = f"SmallCNN({', '.join(map(str, arguments))}) on {' x '.join(map(str, x.shape))}"
    sizes = fixtures.beside(cls, "sizes_of_state", net)
    kept = ("weight", "running_mean", "running_var")
    last = [key for key, size in sizes.items() if tuple(size) == (num_classes,)]
    last = [key for key in last if not key.endswith(kept)]
    spread = {key: torch.linspace(-4, 5, num_classes) for key in last}
    fixtures.beside(cls, "fill", net, spread)
    got = output(net, x, case)
    if got.shape != (len(x), num_classes):
        raise CheckFailed(
            f"SmallCNN: wrong shape  ({case})\n"
            f"  expected {len(x)} x {num_classes}, got {' x '.join(map(str, got.shape))}"
            + (f"\n  Looks like: {MESSAGES['ten_classes']}" if got.shape == (len(x), 10) else "")
        )
    if not np.isfinite(got).all():
        raise CheckFailed(f"SmallCNN: not a finite number among the logits  ({case})")
    message = squashed(got, bool(last))
    if message:
        told = ", ".join(number(one) for one in got[0][:4])
        fail(f"SmallCNN: expected logits, got {told}, ...  ({case})", message)


def squashed(rows, spread):
    """What squashes the logits, or None; `spread`: the last biases reach from -4 to 5."""
    if (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-4):
        return "softmax"
    if (rows <= 0).all() and np.allclose(np.exp(rows).sum(axis=1), 1, atol=1e-4):
        return "log_softmax"
    if not rows.any():
        return None
    if (rows >= 0).all():
        return "sigmoid" if (rows <= 1).all() and rows.min() > 0 else "relu"
    return "tanh" if spread and np.abs(rows).max() <= 1 else None


def expect_layers(cls, x):
    """Raise unless there are two convolutions, a downsampling step and not too many parameters."""
    net = built(cls)
    count = fixtures.beside(cls, "number_of_parameters", net)
    if not isinstance(count, int) or count >= MOST_PARAMETERS:
        told = f"{count:,}" if isinstance(count, int) else describe(count)
        fail(f"SmallCNN: {told} parameters, expected fewer than {MOST_PARAMETERS:,}", "too_large")
    found = convolutions(cls, net, x)
    if found < 2:
        fail(f"SmallCNN: convolutions found: {found}", "one_convolution")
    steps = fixtures.beside(cls, "steps_inside", net, x)
    if not any(downsamples(before, after) for _, before, after in steps):
        fail("SmallCNN: no step makes the maps smaller", "no_downsampling")


def convolutions(cls, net, x, enough=2):
    """How many weights with four dimensions change the logits when they change, up to `enough`."""
    sizes, found = fixtures.beside(cls, "sizes_of_state", net), 0
    before = output(net, x, "SmallCNN()")
    for key in [key for key, size in sizes.items() if len(size) == 4]:
        weight = net.state_dict()[key]
        fixtures.beside(cls, "fill", net, {key: -weight})
        found += not np.allclose(output(net, x, "SmallCNN()"), before)
        fixtures.beside(cls, "fill", net, {key: weight})
        if found == enough:
            break
    return found


def downsamples(before, after):
    """Whether a step from N x C x H x W leaves at most half of the places, or one number each."""
    places = int(np.prod(before[2:]))
    if len(after) == 4:
        return int(np.prod(after[2:])) * 2 <= places
    return len(after) == 2 and int(np.prod(after)) * 4 <= int(np.prod(before))


def expect_dropout(cls, x):
    """Raise unless two passes differ in train mode and are equal in eval mode."""
    net = built(cls)
    case = f"{len(x)} images twice, eval mode"
    once, again = (output(net, x, case) for _ in range(2))
    if not np.array_equal(once, again):
        fail(f"SmallCNN: two equal passes give different logits  ({case})", "always_dropout")
    case = f"{len(x)} images twice, train mode"
    once, again = (output(net, x, case, training=True) for _ in range(2))
    if np.allclose(once, again, atol=1e-7):
        fail(f"SmallCNN: expected another result in each pass  ({case})", "no_dropout")


def expect_batch_norm(cls, x):
    """Raise unless a pass changes running statistics in train mode, and only there."""
    net = built(cls)
    states = [fixtures.beside(cls, "float_buffers", net)]
    for training in (False, True):
        output(net, x, f"{len(x)} images, {'train' if training else 'eval'} mode", training)
        states.append(fixtures.beside(cls, "float_buffers", net))
    first, after_eval, after_train = (
        np.concatenate([[0.0], *(as_numbers("SmallCNN", one).ravel() for one in state.values())])
        for state in states
    )
    if np.array_equal(after_eval, after_train):
        fail("SmallCNN: a pass in train mode changes no buffer", "no_batch_norm")
    if not np.array_equal(first, after_eval):
        raise CheckFailed("SmallCNN: a pass in eval mode changes its running statistics")
    before, moved = output(net, x, "eval mode"), {key: one + 1 for key, one in states[2].items()}
    fixtures.beside(cls, "fill", net, moved)
    if np.allclose(output(net, x, "eval mode"), before):
        fail("SmallCNN: in eval mode its running statistics change nothing", "no_batch_norm")


# --- does it learn -------------------------------------------------------------------------


class Learning:
    """A net that a student's loop trains; failures are told under `name`.

    One call of the loop sees `PER_CALL` digits: an epoch is several calls, so that none of them
    comes near its time limit on a busy computer.
    """

    def __init__(self, name, train, x, y, batch_size, lr=0.001):
        self.name, self.train = name, answered(name, train)
        parts = zip(x.split(PER_CALL), y.split(PER_CALL), strict=True)
        self.loaders = [self.make("loader", *part, batch_size) for part in parts]
        self.lr, self.model, self.optimizer = lr, None, None

    def make(self, maker, *arguments, **options):
        return fixtures.beside(self.train, maker, *arguments, **options)

    def use(self, model):
        """Train this net from now on."""
        self.model = model
        self.optimizer = self.make("optimizer", "Adam", model, lr=self.lr)
        self.loss, self.device = self.make("loss", "CrossEntropyLoss"), self.make("device", "cpu")
        if squashed(output(model, picture(8), self.name), False) == "softmax":  # paid for already
            self.loss = self.make("loss_of_probabilities")

    def epoch(self):
        """Let the student's loop go through all batches once, in train mode, gradients zeroed.

        A loop that forgets one of these has paid for it already.
        """
        self.model.train(True)
        self.optimizer.zero_grad()
        for loader in self.loaders:
            arguments = (self.model, loader, self.loss, self.optimizer, self.device)
            try:
                call("train_one_epoch", self.train, *arguments, case="digits")
            except CheckFailed as failure:
                told = f"{self.name}: needs your train_one_epoch; {failure}"
                raise CheckFailed(told) from failure

    def accuracy(self, x, y):
        """The share of images that the net names right, from the logits that it gives."""
        got = output(self.model, x, f"{self.name}: its logits")
        return float((got.argmax(axis=1) == np.asarray(y)).mean())


def a_net(name, cls):
    """The student's net for a question on learning, or a `CheckFailed` that says who needs it."""
    answered(name, cls)
    try:
        return built(cls)
    except CheckFailed as failure:
        raise CheckFailed(f"{name}: needs your SmallCNN; {failure}") from failure


GIVEN_NET = [
    ["Conv2d", 1, 8, 5, {"stride": 2}], ["ReLU"], ["Conv2d", 8, 16, 3, {"stride": 2}], ["ReLU"],
    ["Flatten"], ["Linear", 400, 10],
]  # fmt: skip
BY_HEART = 100  # epochs at most
PER_CALL = 250  # digits
TRAINED_ON, EPOCHS, WANTED = 1000, 4, 0.90  # of the question beats_ninety


def learn_by_heart(learning, x, y, epochs=BY_HEART):
    """Raise unless the net names every image of its one batch after at most `epochs` epochs."""
    for done in range(1, epochs + 1):
        learning.epoch()
        if done % 5 == 0 and learning.accuracy(x, y) == 1:
            return
    got = learning.accuracy(x, y)
    if got < 1:
        raise CheckFailed(
            f"{learning.name}: after {epochs} steps on one batch of {len(x)} digits it names "
            f"{got:.0%} of them, expected all\n  Does each step change the weights? Do the logits "
            "come straight from a layer?"
        )


def learn_digits(learning, train, held_out, epochs, wanted):
    """Raise unless the accuracy on held-out digits is above `wanted` within `epochs` epochs."""
    best = 0.0
    for _ in range(epochs):
        learning.epoch()
        best = max(best, learning.accuracy(*held_out))
        if best > wanted:
            return
    raise CheckFailed(
        f"{learning.name}: {best:.3f} of the held-out digits after {epochs} epochs on "
        f"{len(train[0])} digits, expected more than {wanted}\n  Does each batch change the "
        "weights? Compare with the nets of the lesson on the same images."
    )


@cache  # scaling them, and importing what does it, takes seconds
def small_digits():
    """scikit-learn's digits as arrays: images N x 1 x 28 x 28 from 0 to 1, labels N."""
    from coursekit import digits

    return digits.small_digits(28)


def digits(start, count):
    """Some of scikit-learn's digits as tensors: images N x 1 x 28 x 28, labels N."""
    import torch

    images, labels = small_digits()
    part = slice(start, start + count)
    return torch.from_numpy(images[part]), torch.from_numpy(labels[part])


def given_net_by_heart(train, x, y, number):
    """A net of ours and one batch."""
    learning = Learning("loop_learns_by_heart", train, x, y, len(x))
    learning.make("seed", number)
    learning.use(learning.make("net", GIVEN_NET, training=True))
    learn_by_heart(learning, x, y)


def own_net_by_heart(cls, train, x, y, number):
    """The student's net and one batch."""
    name = "net_learns_by_heart"
    learning = started(name, cls, train, x, y, len(x), number)
    learn_by_heart(learning, x, y)


def started(name, cls, train, x, y, batch_size, number):
    """A `Learning` of the student's net."""
    answered(name, cls)
    learning = Learning(name, train, x, y, batch_size)
    learning.make("seed", number)
    learning.use(a_net(name, cls))
    return learning


def _own_by_heart(cls, train):
    own_net_by_heart(cls, train, *digits(0, 10), 1)


def _beats(cls, train, count, epochs, wanted):
    part, held_out = digits(0, count), digits(1300, 400)
    learning = started("beats_ninety", cls, train, *part, 16, 1)
    learn_digits(learning, part, held_out, epochs, wanted)


@visible
def learning(cls, train):
    """What grading does, with other digits."""
    try:
        given_net_by_heart(train, *digits(0, 10), 1)
        _own_by_heart(cls, train)
        _beats(cls, train, TRAINED_ON, EPOCHS, WANTED)
    except CheckFailed as failure:
        if isinstance(failure.__cause__, NotAttempted):
            raise NotAttempted("learning: not attempted yet") from failure
        raise


@visible
def loop_learns_by_heart(train):
    """10 digits, a net of ours."""
    given_net_by_heart(train, *digits(0, 10), 1)


@visible
def net_learns_by_heart(cls, train):
    """10 digits, the student's net."""
    _own_by_heart(cls, train)


@visible
def beats_ninety(cls, train):
    """A shorter trial: 200 digits, three epochs, better than 0.4."""
    _beats(cls, train, 200, 3, 0.4)


# --- bug hunt ------------------------------------------------------------------------------


def bugs_of(answer, loop):
    """The bugs that an answer names for one loop, as a set; or a `CheckFailed`."""
    name = "broken_loop_bugs"
    answered(name, answer)
    if not isinstance(answer, dict) or set(answer) != set(LOOPS):
        raise CheckFailed(
            f"{name}: expected a dict with the keys A, B, C, D, got {describe(answer)}"
        )
    bugs = answered(f"{name}, loop {loop}", answer[loop])
    if not isinstance(bugs, (set, frozenset, list, tuple)):
        raise CheckFailed(f"{name}, loop {loop}: expected a set of texts, got {describe(bugs)}")
    unknown = [one for one in bugs if one not in BUGS]
    if unknown:
        raise CheckFailed(
            f"{name}, loop {loop}: {unknown[0]!r} is none of the bugs\n  choose from: "
            + ", ".join(map(repr, BUGS))
        )
    return set(bugs)


@visible
def broken_loop_bugs(answer):
    """Only the form: a dict of four sets."""
    for loop in LOOPS:
        bugs_of(answer, loop)
    return FORM_IS_RIGHT


def _bugs_check(loop):
    def check(answer):
        bugs_of(answer, loop)
        return FORM_IS_RIGHT

    check.__name__ = f"bugs_{loop.lower()}"
    return visible(check)


bugs_a, bugs_b, bugs_c, bugs_d = map(_bugs_check, LOOPS)
