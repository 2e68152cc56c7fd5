"""Trials of unit 04: a student's loop or net runs on objects that are made beside it.

A trial calls the answer and keeps what it leaves; what is right is for the checks and the hidden
tests to say.
"""

from functools import cache

import numpy as np

from coursekit.checks import fixtures
from coursekit.checks.core import (
    CheckFailed,
    NotAttempted,
    answered,
    as_numbers,
    built,
    call,
    calling,
    describe,
    failed,
)

GIVEN_NET = [
    ["Conv2d", 1, 8, 5, {"stride": 2}], ["ReLU"], ["Conv2d", 8, 16, 3, {"stride": 2}], ["ReLU"],
    ["Flatten"], ["Linear", 400, 10],
]  # fmt: skip
BY_HEART = 100  # epochs at most
PER_CALL = 250  # digits


class Trial:
    """A student's function, and what is made beside it to call it with.

    `name` is what a failure is reported under.
    """

    def __init__(self, name, function):
        self.name, self.function = name, answered(name, function)

    def make(self, maker, *arguments, **options):
        """What a function of `fixtures` makes, where the student's function lives."""
        return fixtures.beside(self.function, maker, *arguments, **options)

    def make_net(self, layers, state, training):
        """A net with this state, given as {key: numbers or tensor}."""
        import torch

        tensors = {key: torch.as_tensor(value) for key, value in state.items()}
        return self.make("net", layers, tensors, training=training)

    def make_batches(self, x, y, batch_size, loader="loader"):
        """A loader, of the kind of that name in `fixtures`, over images and labels."""
        import torch

        return self.make(loader, torch.as_tensor(x), torch.as_tensor(y), batch_size)


class Epoch(Trial):
    """One call of `train_one_epoch` on objects made beside it.

    `returned` is the mean loss it returned, `model` the net and `seen` the loss function (or what
    stands for them).
    """

    def __init__(
        self, function, layers, state, x, y, batch_size, case,
        *, loss="CrossEntropyLoss", optimizer="SGD", lr=0.1, options=None, loader="loader",
        training=True, watched=False, looks_like=None,
    ):  # fmt: skip
        super().__init__("train_one_epoch", function)
        self.case = case
        self.model = self.make_net(layers, state, training)
        steps = self.make("optimizer", optimizer, self.model, lr=lr, **(options or {}))
        self.seen = self.make("watched_loss" if watched else "loss", loss)
        batches = self.make_batches(x, y, batch_size, loader)
        arguments = (self.model, batches, self.seen, steps, self.make("device", "cpu"))
        self.returned = call(self.name, function, *arguments, case=case, looks_like=looks_like)

    def weights(self):
        """All entries of the net's state in one row, buffers that count left out."""
        state = self.model.state_dict()
        kept = [state[key].flatten() for key in state if not key.endswith("num_batches_tracked")]
        return np.concatenate([as_numbers(self.name, one) for one in kept])


class Evaluation(Trial):
    """One call of `evaluate` on objects made beside it: `.loss`, `.accuracy`, `.model`, `.seen`."""

    def __init__(self, function, layers, state, x, y, batch_size, case, training=False):
        super().__init__("evaluate", function)
        self.case = case
        self.model = self.make_net(layers, state, training)
        self.seen = self.make("watched_loss", "CrossEntropyLoss")
        batches = self.make_batches(x, y, batch_size)
        arguments = (self.model, batches, self.seen, self.make("device", "cpu"))
        got = call(self.name, function, *arguments, case=case)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            raise failed(self.name, f"expected (loss, accuracy), got {describe(got)}", case)
        self.loss, self.accuracy = (as_numbers(self.name, one, case) for one in got)

    def outputs(self):
        """The net's outputs that the loss function got, one row for each sample."""
        outputs = [as_numbers(self.name, one) for one in self.seen.outputs]
        if not outputs:
            raise failed(self.name, "loss_fn was never called", self.case)
        return np.concatenate(outputs)


class Learning(Trial):
    """A net that a student's loop trains.

    One call of the loop sees `PER_CALL` digits: an epoch is several calls, so that none of them
    comes near its time limit on a busy computer.
    """

    def __init__(self, name, train, x, y, batch_size, lr=0.001):
        super().__init__(name, train)
        parts = zip(x.split(PER_CALL), y.split(PER_CALL), strict=True)
        self.loaders = [self.make_batches(*part, batch_size) for part in parts]
        self.lr, self.model, self.optimizer = lr, None, None

    def use(self, model):
        """Train this net from now on."""
        self.model = model
        self.optimizer = self.make("optimizer", "Adam", model, lr=self.lr)
        self.loss, self.device = self.make("loss", "CrossEntropyLoss"), self.make("device", "cpu")
        # A softmax too many costs its points in net_logits; here such a net can learn, too.
        if squashed(output(model, picture(8), self.name), False) == "softmax":
            self.loss = self.make("loss_of_probabilities")

    def epoch(self):
        """Let the student's loop go through all batches once, in train mode, gradients zeroed.

        A loop that forgets one of these two loses its points in another question.
        """
        self.model.train(True)
        self.optimizer.zero_grad()
        for loader in self.loaders:
            arguments = (self.model, loader, self.loss, self.optimizer, self.device)
            try:
                call("train_one_epoch", self.function, *arguments, case="digits")
            except CheckFailed as failure:
                raise failed(self.name, f"needs your train_one_epoch; {failure}") from failure

    def accuracy(self, x, y):
        """The share of images that the net names right, from the logits that it gives."""
        got = output(self.model, x, f"{self.name}: its logits")
        return float((got.argmax(axis=1) == np.asarray(y)).mean())


# --- the student's net ---------------------------------------------------------------------


def output(net, x, case, training=False):
    """What a student's net gives for x in one of its modes, as an array N x classes."""
    try:
        got = call("SmallCNN", calling(_run_in_mode, net, training), x, case=case)
        return as_numbers("SmallCNN", got, case)
    except NotAttempted:
        raise failed("SmallCNN", "its `forward` is missing, or still the stub") from None


def _run_in_mode(net, training, x):
    import torch

    net.train(training)
    with torch.no_grad():
        return net(x)


def picture(n, side=28):
    """n images, N x 1 x 28 x 28 from 0 to 1: waves instead of digits, and no two alike."""
    import torch

    count = n * side * side
    return (torch.arange(count).reshape(n, 1, side, side) * 0.37).sin() / 2 + 0.5


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


def a_net(name, cls):
    """The student's net for a question on learning, or a `CheckFailed` that says who needs it."""
    answered(name, cls)
    try:
        return built("SmallCNN", cls)
    except CheckFailed as failure:
        raise failed(name, f"needs your SmallCNN; {failure}") from failure


# --- learning curves -----------------------------------------------------------------------


def learn_by_heart(learning, x, y, epochs=BY_HEART):
    """Raise unless the net names every image of its one batch after at most `epochs` epochs."""
    for done in range(1, epochs + 1):
        learning.epoch()
        if done % 5 == 0 and learning.accuracy(x, y) == 1:
            return
    got = learning.accuracy(x, y)
    if got < 1:
        what = f"after {epochs} steps on one batch of {len(x)} digits it names {got:.0%} of them"
        text = "Does each step change the weights? Do the logits come straight from a layer?"
        raise failed(learning.name, f"{what}, expected all", text=text)


def learn_digits(learning, train, held_out, epochs, wanted):
    """Raise unless the accuracy on held-out digits is above `wanted` within `epochs` epochs."""
    best = 0.0
    for _ in range(epochs):
        learning.epoch()
        best = max(best, learning.accuracy(*held_out))
        if best > wanted:
            return
    share = f"{best:.3f} of the held-out digits after {epochs} epochs on {len(train[0])} digits"
    text = (
        "Does each batch change the weights? Compare with the nets of the lesson on the same "
        "images."
    )
    raise failed(learning.name, f"{share}, expected more than {wanted}", text=text)


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
    """Let the student's loop train `GIVEN_NET` on one batch."""
    learning = Learning("loop_learns_by_heart", train, x, y, len(x))
    learning.make("seed", number)
    learning.use(learning.make("net", GIVEN_NET, training=True))
    learn_by_heart(learning, x, y)


def own_net_by_heart(cls, train, x, y, number):
    """Let the student's loop train the student's net on one batch."""
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
