"""Visible checks of unit 04. Every expected number was worked out by hand.

The nets, loaders and optimizers that an answer works with are made where the answer is
(`fixtures.beside`); what is looked at afterwards are numbers that come back.
"""

from math import log

import numpy as np

from coursekit.checks import fixtures
from coursekit.checks.core import (
    FORM_IS_RIGHT,
    CheckFailed,
    Messages,
    NotAttempted,
    answered,
    as_numbers,
    attempt,  # noqa: F401  (the notebook calls checks.attempt)
    built,
    call,
    call_text,
    describe,
    expect_array,
    failed,
    number,
    sizes_text,
    together,
    visible,
    visible_as,
)
from coursekit.checks.trials import (
    Epoch,
    Evaluation,
    digits,
    given_net_by_heart,
    learn_digits,
    output,
    own_net_by_heart,
    picture,
    squashed,
    started,
)

BUGS = ("softmax twice", "no zero_grad", "eval left on", "training accuracy", "labels apart")
LOOPS = ("A", "B", "C", "D")
MOST_PARAMETERS = 500_000
TRAINED_ON, EPOCHS, WANTED = 1000, 4, 0.90  # of the question beats_ninety

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


def _line(function, samples, case, loader="loader", looks_like=None, watched=False):
    choices = {"loss": "MSELoss", "loader": loader, "looks_like": looks_like, "watched": watched}
    return Epoch(function, LINE, WEIGHT, INPUTS[:samples], TARGETS[:samples], 2, case, **choices)


@visible
def train_step(function):
    """One batch: w goes from 1 to 2."""
    epoch = _line(function, 2, "y = w x, w = 1, samples 1 and 2 in one batch, SGD 0.1")
    expect_weights(epoch, [1.0], [2.0])


@visible
def train_zero_grad(function):
    """Two batches: w goes to 2, then to 3.8."""
    epoch = _line(function, 3, "y = w x, w = 1, batches of 2 and 1 samples, SGD 0.1")
    known = MESSAGES.known([([4.8], "no_zero_grad"), ([2.0], "first_batch")])
    expect_weights(epoch, [1.0], [3.8], known)


@visible
def train_mode(function):
    """Batch normalization moves its running mean by a tenth of the batch's."""
    case = "batch normalization that was in eval mode; a batch of 1 and 3"
    state = {"0.weight": [1.0], "0.bias": [0.0], "0.running_mean": [0.0], "0.running_var": [1.0]}
    state["0.num_batches_tracked"] = 0
    y, choices = [[0.0], [0.0]], {"loss": "MSELoss", "training": False}
    epoch = Epoch(function, [["BatchNorm1d", 1]], state, [[1.0], [3.0]], y, 2, case, **choices)
    got = epoch.model.state_dict()["0.running_mean"]
    case = f"its running mean; {case}"
    wrong = MESSAGES.known([([0.0], "no_train_mode")])
    expect_array("train_one_epoch", got, [0.2], case=case, looks_like=wrong)


@visible
def train_mean_loss(function):
    """Losses 10 of two samples and 9 of one: 29 / 3."""
    case = "losses 10 of two samples and 9 of one"
    epoch = _line(function, 3, case)
    wrong = [(9.5, "mean_of_batches"), (29, "loss_sum"), (19, "sum_of_means"), (9, "last_loss")]
    got = epoch.returned
    looks_like = MESSAGES.known([*wrong, (10, "first_batch")])
    expect_array("train_one_epoch", got, 29 / 3, case=case, looks_like=looks_like, tolerance=1e-4)


@visible
def train_device(function):
    """Batches have to be moved to the device."""
    case = "batches that were not moved yet"
    epoch = _line(function, 3, case, "far_loader", not_moved, watched=True)
    expect_first_outputs(epoch, INPUTS[:2])


train_one_epoch = together(
    "train_one_epoch", train_step, train_zero_grad, train_mode, train_mean_loss, train_device
)


def expect_weights(epoch, before, expected, looks_like=None):
    """Raise unless the net's state after an epoch, in one row, is the expected one."""

    def message_of(outcome):
        if np.shape(outcome) == np.shape(before) and np.allclose(outcome, before):
            return _why_unchanged(epoch)
        return looks_like(outcome) if looks_like else None

    case = f"the net's weights after it; {epoch.case}"
    got = epoch.weights()
    expect_array(epoch.name, got, expected, case=case, looks_like=message_of, tolerance=1e-4)


def _why_unchanged(epoch):
    """What is missing in a loop that leaves the weights as they are."""
    found = epoch.make("gradients", epoch.model)
    there = any(one is not None and float(abs(one).max()) > 0 for one in found)
    return MESSAGES["no_step" if there else "no_gradient"]


def expect_first_outputs(epoch, expected):
    """Raise unless the (watched) loss function got the net's outputs for the first batch."""
    outputs = list(epoch.seen.outputs)
    if not outputs:
        raise failed(epoch.name, "loss_fn was never called", epoch.case)
    case = f"the outputs that loss_fn got first; {epoch.case}"
    got = as_numbers(epoch.name, outputs[0], case)
    expect_array(epoch.name, got, expected, case=case, tolerance=1e-4)


def not_moved(outcome):
    """The message for a batch that the answer computed with before it was moved."""
    return MESSAGES["not_moved"] if outcome is RuntimeError else None


# --- evaluation ----------------------------------------------------------------------------


@visible
def evaluate_values(function):
    """Two right of three, in batches of two and one."""
    case = "probabilities 3/4, 1/4, 3/4 of the right class; batches of 2 and 1"
    one = Evaluation(function, TWO_CLASSES, ODDS, SIDES, SIDE_LABELS, 2, case)
    batches = (log(4 / 3) + log(4)) / 2, log(4 / 3)
    wrong = [(sum(batches) / 2, "mean_of_batches"), (2 / 3, "swapped"), (SIDE_LOSS * 3, "loss_sum")]
    wrong += [(batches[1], "last_loss"), (sum(batches), "sum_of_means")]
    wrong_shares = [(0.75, "mean_of_batches"), (200 / 3, "percent"), (2, "count")]
    for what, got, expected, table in [
        ("the loss", one.loss, SIDE_LOSS, wrong),
        ("the accuracy", one.accuracy, 2 / 3, wrong_shares),
    ]:
        known, which = MESSAGES.known(table), f"{what}; {case}"
        expect_array("evaluate", got, expected, case=which, looks_like=known, tolerance=1e-4)


@visible
def evaluate_mode(function):
    """Batch normalization uses its running statistics, and the mode comes back."""
    state = {"0.weight": [1.0, 1.0], "0.bias": [0.0, 0.0], "0.running_mean": [0.0, 0.0]}
    state |= {"0.running_var": [1.0, 1.0], "0.num_batches_tracked": 0}
    x = [[1.0, 2.0], [3.0, 2.5]]
    for training in (True, False):
        case = f"batch normalization, {'train' if training else 'eval'} mode before"
        one = Evaluation(function, [["BatchNorm1d", 2]], state, x, [0, 1], 2, case, training)
        expect_outputs(one, x)
        expect_mode(one, training)


@visible
def evaluate_no_gradients(function):
    """Outputs are computed without gradients."""
    case = "y = w x, two classes"
    one = Evaluation(function, TWO_CLASSES, ODDS, SIDES, SIDE_LABELS, 2, case)
    expect_no_gradients(one)


evaluate = together("evaluate", evaluate_values, evaluate_mode, evaluate_no_gradients)


def expect_outputs(one, expected):
    """Raise unless the loss function got what the net gives in eval mode."""

    def message_of(outcome):
        return MESSAGES["no_eval_mode"] if outcome.shape == np.shape(expected) else None

    got, case = one.outputs(), f"the net's outputs that loss_fn got; {one.case}"
    expect_array(one.name, got, expected, case=case, looks_like=message_of, tolerance=1e-4)


def expect_mode(one, training):
    """Raise unless the net, with all its parts, is in the mode in which it was before."""
    modes = one.make("marks", one.model)["training"]
    if set(modes) != {training}:
        message = MESSAGES["mode_not_restored" if training else "always_train"]
        what = "the net's mode is another than before"
        raise failed(one.name, what, one.case, message=message)


def expect_no_gradients(one):
    """Raise if the outputs were computed with gradients."""
    one.outputs()
    if any(found is not False for found in one.seen.gradients):
        what, message = "expected outputs without gradients", MESSAGES["graph"]
        raise failed(one.name, what, one.case, message=message)


# --- the net -------------------------------------------------------------------------------


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
    """Random in train mode, the same each time in eval mode."""
    expect_dropout(cls, picture(8))


@visible
def net_batch_norm(cls):
    """Running statistics change in train mode and in no other."""
    expect_batch_norm(cls, picture(8))


SmallCNN = together("SmallCNN", net_logits, net_layers, net_dropout, net_batch_norm)


def expect_logits(cls, num_classes, x):
    """Raise unless the net gives one logit for each class; biases of the last layer are spread."""
    import torch

    arguments = () if num_classes == 10 else (num_classes,)
    net = built("SmallCNN", cls, *arguments)
    case = f"{call_text('SmallCNN', *arguments)} on {sizes_text(x.shape)}"
    last = _last_biases(fixtures.beside(cls, "sizes_of_state", net), num_classes)
    spread = torch.linspace(-4, 5, num_classes)
    fixtures.beside(cls, "fill", net, dict.fromkeys(last, spread))
    got = output(net, x, case)
    if got.shape != (len(x), num_classes):
        text = f"expected {len(x)} x {num_classes}, got {sizes_text(got.shape)}"
        message = MESSAGES["ten_classes"] if got.shape == (len(x), 10) else None
        raise failed("SmallCNN", "wrong shape", case, text, message)
    if not np.isfinite(got).all():
        raise failed("SmallCNN", "not a finite number among the logits", case)
    mistake = squashed(got, bool(last))
    if mistake:
        some = ", ".join(number(one) for one in got[0][:4])
        raise _net_failed(f"expected logits, got {some}, ...", mistake, case)
    _expect_varied(got, case)


def _expect_varied(logits, case):
    """Raise if a net gives the same logit for all classes, or the same logits for all images."""
    if np.ptp(logits) == 0 or (len(logits) > 1 and np.ptp(logits, axis=0).max() == 0):
        what = "logits that don't depend on the image or the class"
        some = ", ".join(number(one) for one in logits[0][:4])
        raise failed("SmallCNN", what, case, f"got {some}, ... for the first image")


def _last_biases(sizes, num_classes):
    """The keys of a net's state that may be the biases of its last layer."""
    others = ("weight", "running_mean", "running_var")
    fitting = [key for key, size in sizes.items() if tuple(size) == (num_classes,)]
    return [key for key in fitting if not key.endswith(others)]


def expect_layers(cls, x):
    """Raise unless there are two convolutions, a downsampling step and not too many parameters."""
    net = built("SmallCNN", cls)
    count = fixtures.beside(cls, "number_of_parameters", net)
    if not isinstance(count, int) or count >= MOST_PARAMETERS:
        got = f"{count:,}" if isinstance(count, int) else describe(count)
        what = f"{got} parameters, expected fewer than {MOST_PARAMETERS:,}"
        raise _net_failed(what, "too_large")
    found = convolutions(cls, net, x)
    if found < 2:
        raise _net_failed(f"convolutions found: {found}", "one_convolution")
    steps = fixtures.beside(cls, "steps_inside", net, x)
    if not any(downsamples(before, after) for _, before, after in steps):
        raise _net_failed("no step makes the maps smaller", "no_downsampling")


def _net_failed(what, mistake, case=None):
    return failed("SmallCNN", what, case, message=MESSAGES[mistake])


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
    net = built("SmallCNN", cls)
    case = f"{len(x)} images twice, eval mode"
    once, again = (output(net, x, case) for _ in range(2))
    if not np.array_equal(once, again):
        raise _net_failed("two equal passes give different logits", "always_dropout", case)
    _expect_varied(once, case)
    case = f"{len(x)} images twice, train mode"
    once, again = (output(net, x, case, training=True) for _ in range(2))
    if np.allclose(once, again, atol=1e-7):
        raise _net_failed("expected another result in each pass", "no_dropout", case)


def expect_batch_norm(cls, x):
    """Raise unless a pass changes running statistics in train mode, and only there."""
    net = built("SmallCNN", cls)
    states = [fixtures.beside(cls, "float_buffers", net)]
    for training in (False, True):
        output(net, x, f"{len(x)} images, {'train' if training else 'eval'} mode", training)
        states.append(fixtures.beside(cls, "float_buffers", net))
    first, after_eval, after_train = (
        np.concatenate([[0.0], *(as_numbers("SmallCNN", one).ravel() for one in state.values())])
        for state in states
    )
    if np.array_equal(after_eval, after_train):
        raise _net_failed("a pass in train mode changes no buffer", "no_batch_norm")
    if not np.array_equal(first, after_eval):
        raise failed("SmallCNN", "a pass in eval mode changes its running statistics")
    before = output(net, x, "eval mode")
    _expect_varied(before, "eval mode")
    moved = {key: one + 1 for key, one in states[2].items()}
    fixtures.beside(cls, "fill", net, moved)
    if np.allclose(output(net, x, "eval mode"), before):
        what = "in eval mode its running statistics change nothing"
        raise _net_failed(what, "no_batch_norm")


# --- does it learn -------------------------------------------------------------------------


def _beats(cls, train, count, epochs, wanted):
    part, held_out = digits(0, count), digits(1300, 400)
    learning = started("beats_ninety", cls, train, *part, 16, 1)
    learn_digits(learning, part, held_out, epochs, wanted)


@visible
def learning(cls, train):
    """What grading does, with other digits."""
    try:
        given_net_by_heart(train, *digits(0, 10), 1)
        own_net_by_heart(cls, train, *digits(0, 10), 1)
        _beats(cls, train, TRAINED_ON, EPOCHS, WANTED)
    except CheckFailed as failure:
        if isinstance(failure.__cause__, NotAttempted):
            raise NotAttempted("learning: not attempted yet") from failure
        raise


@visible
def loop_learns_by_heart(train):
    """10 digits, and a net that is given."""
    given_net_by_heart(train, *digits(0, 10), 1)


@visible
def net_learns_by_heart(cls, train):
    """10 digits, the student's net."""
    own_net_by_heart(cls, train, *digits(0, 10), 1)


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
        got = describe(answer)
        raise failed(name, f"expected a dict with the keys {', '.join(LOOPS)}, got {got}")
    name = f"{name}, loop {loop}"
    bugs = answered(name, answer[loop])
    if not isinstance(bugs, (set, frozenset, list, tuple)):
        raise failed(name, f"expected a set of texts, got {describe(bugs)}")
    unknown = [one for one in bugs if one not in BUGS]
    if unknown:
        text = f"choose from: {', '.join(map(repr, BUGS))}"
        raise failed(name, f"{unknown[0]!r} is none of the bugs", text=text)
    return set(bugs)


def _expect_bugs(loop, answer):
    """Only the form: a dict of four sets."""
    bugs_of(answer, loop)
    return FORM_IS_RIGHT


bugs_a, bugs_b, bugs_c, bugs_d = (
    visible_as(f"bugs_{loop.lower()}", _expect_bugs, loop) for loop in LOOPS
)
broken_loop_bugs = together("broken_loop_bugs", bugs_a, bugs_b, bugs_c, bugs_d)
