"""Unit 04: right answers of many kinds pass, and every expected number has a second source."""

import ast
from math import log

import numpy as np
import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from support.course import COURSE, ROOT
from support.units import grade_in_process, hidden_of, namespace

from autograder.engine.seeds import seeded
from autograder.hidden import mnist_training as hidden
from autograder.mistakes.mnist_training import BANK
from coursekit.checks import fixtures, trials
from coursekit.checks import mnist_training as checks
from coursekit.checks.core import CheckFailed

UNIT = COURSE.unit("mnist_training")
IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
TRAINING = ["train_step", "train_zero_grad", "train_mode", "train_mean_loss", "train_device"]
EVALUATION = ["evaluate_values", "evaluate_mode", "evaluate_no_gradients"]
NET = ["net_logits", "net_layers", "net_dropout", "net_batch_norm"]


def made(source, name):
    """The object of a name that a source binds."""
    names = {}
    exec(IMPORTS + source, names)
    return names[name]


def lost(answer, questions):
    """{question: message} of the hidden tests that an answer fails."""
    failed = {}
    for question in questions:
        try:
            getattr(hidden, question)(answer)
        except CheckFailed as failure:
            failed[question] = str(failure)
    return failed


# --- accuracy ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "accuracy = lambda z, y: (z.max(dim=1).indices == y).double().mean()",
        "accuracy = lambda z, y: (z.numpy().argmax(1) == y.numpy()).mean()",
        "accuracy = lambda z, y: z.softmax(1).argmax(1).eq(y).sum().item() / len(y)",
        "def accuracy(z, y):\n"
        "    return sum(int(row.argmax()) == int(one) for row, one in zip(z, y)) / len(y)",
        "accuracy = lambda z, y: z.topk(1).indices.flatten().eq(y).float().mean()",
    ],
    ids=["max", "numpy", "softmax_first", "loop", "topk"],
)
def test_independent_right_accuracy_gets_full_marks(source):
    assert lost(made(source, "accuracy"), ["accuracy"]) == {}


# --- the training loop ---------------------------------------------------------------------

RIGHT_LOOPS = {
    "zero_at_the_end": """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train(True)
    total = torch.zeros(())
    for batch in loader:
        x, y = [one.to(device) for one in batch]
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        total += loss.detach() * x.size(0)
    return total / len(loader.dataset)
""",
    "model_zero_grad": """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses, sizes = [], []
    for x, y in loader:
        model.train()
        x, y = x.to(device, non_blocking=True), y.to(device=device)
        model.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(float(loss) * y.shape[0])
        sizes.append(y.shape[0])
    return sum(losses) / sum(sizes)
""",
    "autograd_grad": """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    weights, total, seen = list(model.parameters()), 0, 0
    with torch.enable_grad():
        for x, y in loader:
            loss = loss_fn(model(x.to(device)), y.to(device))
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):
                weight.grad = gradient
            optimizer.step()
            total, seen = total + loss.item() * len(x), seen + len(x)
    return torch.tensor(total / seen)
""",
    "closure": """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    total, seen = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        def closure():
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            return loss
        total += optimizer.step(closure).item() * len(y)
        seen += len(y)
    return total / seen
""",
}


@pytest.mark.parametrize("name", RIGHT_LOOPS)
def test_independent_right_loop_gets_full_marks(name):
    loop = made(RIGHT_LOOPS[name], "train_one_epoch")
    assert lost(loop, [*TRAINING, "loop_learns_by_heart"]) == {}


def test_loop_that_zeroes_once_an_epoch_loses_one_question():
    source = RIGHT_LOOPS["zero_at_the_end"].replace("optimizer.zero_grad(set_to_none=False)", "")
    assert set(lost(made(source, "train_one_epoch"), TRAINING)) == {"train_zero_grad"}


def test_loop_that_steps_once_an_epoch_loses_one_question():
    source = RIGHT_LOOPS["zero_at_the_end"].replace("        optimizer.step()\n", "")
    source = source.replace("        optimizer.zero_grad(set_to_none=False)\n", "")
    source = source.replace("    return total", "    optimizer.step()\n    return total")
    assert set(lost(made(source, "train_one_epoch"), TRAINING)) == {"train_zero_grad"}


def test_loop_without_backward_is_told_that_no_gradient_is_there():
    source = RIGHT_LOOPS["zero_at_the_end"].replace("loss.backward()", "")
    told = lost(made(source, "train_one_epoch"), TRAINING)
    assert checks.MESSAGES["no_gradient"] in told["train_step"]


def test_loop_that_moves_only_the_images_is_told_so():
    source = RIGHT_LOOPS["autograd_grad"].replace("y.to(device)", "y")
    told = lost(made(source, "train_one_epoch"), TRAINING)
    assert set(told) == {"train_device"}
    assert checks.MESSAGES["not_moved"] in told["train_device"]


def test_loop_that_returns_nothing_or_nan_loses_the_mean():
    for value in ("None", "float('nan')", "'0.5'"):
        source = RIGHT_LOOPS["closure"].replace("return total / seen", f"return {value}")
        assert "train_mean_loss" in lost(made(source, "train_one_epoch"), TRAINING)


def test_loop_that_raises_is_told_what_and_nothing_breaks():
    source = RIGHT_LOOPS["closure"].replace("model.train()", "model.trian()")
    told = lost(made(source, "train_one_epoch"), TRAINING)
    assert set(told) == set(TRAINING)
    assert all("your code raised AttributeError" in message for message in told.values())


def test_visible_case_of_training_is_torchs_own():
    line = nn.Linear(1, 1, bias=False)
    line.weight.data = torch.tensor(checks.WEIGHT["0.weight"])
    optimizer, weights, losses = torch.optim.SGD(line.parameters(), lr=0.1), [], []
    x, y = torch.tensor(checks.INPUTS), torch.tensor(checks.TARGETS)
    for part in (slice(0, 2), slice(2, 3)):
        optimizer.zero_grad()
        loss = F.mse_loss(line(x[part]), y[part])
        loss.backward()
        optimizer.step()
        weights.append(line.weight.item())
        losses.append(loss.item())
    assert weights == pytest.approx([2.0, 3.8])
    assert losses == pytest.approx([10, 9])


# --- evaluation ----------------------------------------------------------------------------

RIGHT_EVALUATIONS = {
    "all_logits_at_once": """
def evaluate(model, loader, loss_fn, device):
    was = model.training
    model.train(False)
    with torch.inference_mode():
        parts = [(model(x.to(device)), y.to(device)) for x, y in loader]
        logits, labels = (torch.cat(one) for one in zip(*parts))
        result = loss_fn(logits, labels), (logits.argmax(-1) == labels).double().mean()
    model.train(was)
    return result
""",
    "decorated": """
@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    mode, sums = model.training, torch.zeros(3)
    try:
        model.eval()
        for x, y in loader:
            z = model(x.to(device))
            right = (z.argmax(1) == y.to(device)).sum()
            sums += torch.tensor([loss_fn(z, y.to(device)) * len(y), right, len(y)])
    finally:
        if mode:
            model.train()
    return [sums[0] / sums[2], sums[1] / sums[2]]
""",
}


@pytest.mark.parametrize("name", RIGHT_EVALUATIONS)
def test_independent_right_evaluation_gets_full_marks(name):
    assert lost(made(RIGHT_EVALUATIONS[name], "evaluate"), EVALUATION) == {}


@pytest.mark.parametrize("value", ["0.5", "None", "(1, 2, 3)", "('a', 'b')", "(float('nan'), 0)"])
def test_evaluation_that_returns_no_pair_is_told_so(value):
    source = RIGHT_EVALUATIONS["all_logits_at_once"].replace("return result", f"return {value}")
    told = lost(made(source, "evaluate"), EVALUATION)
    assert "evaluate_values" in told
    assert all(message.startswith("evaluate: ") for message in told.values())


JUNK = [  # answers that leave everything in order and do nothing of the task
    "def train_one_epoch(model, loader, loss_fn, optimizer, device):\n    return 0.7",
    "def train_one_epoch(model, loader, loss_fn, optimizer, device):\n    model.train()\n"
    "    for x, y in loader:\n        loss_fn(torch.zeros(len(y), 4), y.to(device))\n"
    "    return 0.7",
    "def evaluate(model, loader, loss_fn, device):\n    return 0.7, 0.5",
    "def evaluate(model, loader, loss_fn, device):\n    for x, y in loader:\n"
    "        loss_fn(torch.zeros(len(y), 4), y)\n    return 0.7, 0.5",
]


@pytest.mark.parametrize("source", JUNK, ids=range(len(JUNK)))
def test_answer_that_leaves_everything_in_order_but_does_nothing_gets_nothing(source):
    name = source[4 : source.index("(")]
    questions = TRAINING if name == "train_one_epoch" else EVALUATION
    assert set(lost(made(source, name), questions)) == set(questions)


def test_mode_that_comes_back_for_the_net_but_not_for_its_parts_loses_the_mode():
    source = next(iter(RIGHT_EVALUATIONS.values())) + (
        "\nright = evaluate\ndef evaluate(model, *others):\n    was = model.training\n"
        "    result = right(model, *others)\n    model.eval()\n    model.training = was\n"
        "    return result\n"
    )
    assert set(lost(made(source, "evaluate"), EVALUATION)) == {"evaluate_mode"}


def test_visible_case_of_evaluation_is_torchs_own():
    logits = torch.tensor(checks.SIDES) * torch.tensor([[0.0, log(3)]])
    loss = F.cross_entropy(logits, torch.tensor(checks.SIDE_LABELS)).item()
    assert loss == pytest.approx(checks.SIDE_LOSS, abs=1e-6)
    assert round(checks.SIDE_LOSS, 3) == 0.654


# --- the net -------------------------------------------------------------------------------

RIGHT_NETS = {
    "functional": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 40, 3, stride=2)
        self.n, self.c = nn.BatchNorm2d(20), nn.Linear(40 * 25, num_classes)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.n(self.a(x))), 2)
        x = F.dropout(F.relu(self.b(x)), 0.2, training=self.training)
        return self.c(x.flatten(1))
""",
    "mean_over_places": """
class SmallCNN(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.maps = nn.Sequential(
            nn.Conv2d(1, 24, 5, padding=2), nn.BatchNorm2d(24), nn.ReLU(), nn.AvgPool2d(2),
            nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.Dropout2d(0.1),
            nn.MaxPool2d(2), nn.Conv2d(48, num_classes, 3, padding=1))
    def forward(self, x):
        return self.maps(x).amax((2, 3))
""",
    "lazy_and_dense_norm": """
class SmallCNN(nn.Sequential):
    def __init__(self, num_classes=10):
        super().__init__(
            nn.LazyConv2d(16, 3, stride=2), nn.GELU(), nn.LazyConv2d(32, 3, stride=2), nn.GELU(),
            nn.Flatten(), nn.LazyLinear(64), nn.BatchNorm1d(64), nn.ReLU(), nn.AlphaDropout(0.1),
            nn.LazyLinear(num_classes, bias=False))
        self.eval()(torch.zeros(1, 1, 28, 28))
        self.train()
""",
    "pooled_by_slices": """
def SmallCNN(num_classes=10):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv2d(1, 8, 5, bias=False), nn.Conv2d(8, 16, 3)
            self.n, self.last = nn.BatchNorm2d(8), nn.Linear(16 * 100, num_classes)
            self.drop = nn.Dropout(0.25)
        def forward(self, x):
            x = self.n(self.a(x)).relu()[:, :, ::2, ::2]
            return self.last(self.drop(self.b(x).relu().flatten(1)))
    return Net()
""",
}


@pytest.mark.parametrize("name", RIGHT_NETS)
def test_independent_right_net_gets_full_marks(name):
    assert lost(made(RIGHT_NETS[name], "SmallCNN"), NET) == {}


@pytest.mark.parametrize("name", ["functional", "pooled_by_slices"])
def test_independent_right_net_beats_ninety_with_an_independent_loop(name):
    net = made(RIGHT_NETS[name], "SmallCNN")
    loop = made(RIGHT_LOOPS["closure"], "train_one_epoch")
    hidden.net_learns_by_heart(net, loop)
    hidden.beats_ninety(net, loop)


@pytest.mark.parametrize(
    ("squash", "message"),
    [
        ("torch.sigmoid(self.c(x.flatten(1)))", "sigmoid"),
        ("torch.tanh(self.c(x.flatten(1)))", "tanh"),
        ("torch.relu(self.c(x.flatten(1)))", "relu"),
        ("torch.softmax(self.c(x.flatten(1)), 1)", "softmax"),
        ("F.log_softmax(self.c(x.flatten(1)), 1)", "log_softmax"),
    ],
)
def test_logits_that_are_squashed_are_told_by_what(squash, message):
    source = RIGHT_NETS["functional"].replace("self.c(x.flatten(1))", squash)
    told = lost(made(source, "SmallCNN"), NET)
    assert set(told) == {"net_logits"}
    assert checks.MESSAGES[message] in told["net_logits"]


@pytest.mark.parametrize(
    ("old", "new", "question", "message"),
    [
        (", training=self.training", "", "net_dropout", "always_dropout"),
        ("F.dropout(F.relu(self.b(x)), 0.2, training=self.training)", "F.relu(self.b(x))",
         "net_dropout", "no_dropout"),
        ("self.n(self.a(x))", "self.a(x)", "net_batch_norm", "no_batch_norm"),
        ("nn.BatchNorm2d(20)", "nn.GroupNorm(4, 20)", "net_batch_norm", "no_batch_norm"),
        ("nn.BatchNorm2d(20)", "nn.BatchNorm2d(20, track_running_stats=False)",
         "net_batch_norm", "no_batch_norm"),
    ],
)  # fmt: skip
def test_net_that_lacks_one_thing_loses_its_point(old, new, question, message):
    source = RIGHT_NETS["functional"]
    assert old in source
    told = lost(made(source.replace(old, new), "SmallCNN"), NET)
    assert question in told
    assert checks.MESSAGES[message] in told[question]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def forward", "def foward"),
        ("return self.c", "return 1, self.c"),
        ("x.flatten(1)", "x"),
        ("40 * 25", "40 * 24"),
        ("super().__init__()", "pass"),
        ("return self.c(x.flatten(1))", "return None"),
        ("return self.c(x.flatten(1))", "return self.c(x.flatten(1)).detach().numpy() * 1j"),
    ],
    ids=["no_forward", "tuple", "no_flatten", "sizes", "no_super", "none", "complex"],
)
def test_odd_net_gets_a_message_and_never_breaks_a_test(old, new):
    source = RIGHT_NETS["functional"]
    assert old in source
    told = lost(made(source.replace(old, new), "SmallCNN"), NET)
    assert "net_logits" in told
    assert all(message.startswith("SmallCNN: ") for message in told.values())


# --- does it learn -------------------------------------------------------------------------


def test_questions_on_learning_say_which_answer_they_lack():
    solved = namespace(UNIT)
    net, loop = solved["SmallCNN"], solved["train_one_epoch"]

    def broken(*_):
        raise ValueError("mine")

    for question in (hidden.net_learns_by_heart, hidden.beats_ninety):
        with pytest.raises(CheckFailed, match="needs your train_one_epoch"):
            question(net, broken)
        with pytest.raises(CheckFailed, match="needs your SmallCNN"):
            question(broken, loop)


UNUSED_CONVOLUTION = """
class SmallCNN(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.idle = nn.Conv2d(1, 8, 3)
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 5), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(),
            nn.Dropout(0.3), nn.Linear(8 * 36, num_classes),
        )

    def forward(self, x):
        return self.layers(x)
"""
IDLE_STATISTICS = """
class SmallCNN(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(8))
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.ReLU(),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(800, num_classes),
        )

    def forward(self, x):
        if self.training:
            self.running_mean += 1
        return self.layers(x)
"""


@pytest.mark.parametrize(
    ("source", "question"),
    [(UNUSED_CONVOLUTION, "net_layers"), (IDLE_STATISTICS, "net_batch_norm")],
)
def test_part_of_a_net_that_does_nothing_does_not_count(source, question):
    assert set(lost(made(source, "SmallCNN"), NET)) == {question}


@pytest.mark.parametrize(
    ("output", "questions"),
    [
        ("0 * right", {"net_logits", "net_dropout", "net_batch_norm"}),
        ("right * 0 + torch.linspace(-4, 5, right.shape[1])", {"net_dropout", "net_batch_norm"}),
        ("right if self.training else 0 * right", {"net_dropout", "net_batch_norm"}),
    ],
    ids=["zeros", "the same for all images", "zeros in eval mode"],
)
def test_logits_that_are_made_up_satisfy_no_comparison(output, questions):
    source = UNUSED_CONVOLUTION.replace("return self.layers(x)", "right = self.layers(x)")
    told = lost(made(f"{source.rstrip()}\n        return {output}\n", "SmallCNN"), NET)
    assert questions <= set(told), told


def test_net_that_knows_the_digits_already_has_to_learn_their_labels():
    images, labels = trials.small_digits()
    knows = """
import numpy as np
class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
    def forward(self, x):
        spread = torch.nn.functional.max_pool2d(x, 3, 1, 1)
        apart = torch.cdist(spread.flatten(1), KNOWN)
        return 9.0 * torch.nn.functional.one_hot(LABELS[apart.argmin(1)], 10) + 0 * self.unused
"""
    names = {"torch": torch, "nn": torch.nn, "LABELS": torch.from_numpy(labels)}
    spread = torch.nn.functional.max_pool2d(torch.from_numpy(images), 3, 1, 1)
    names["KNOWN"] = spread.flatten(1)
    exec(knows, names)
    net, (x, y) = names["SmallCNN"](), trials.digits(0, 50)
    assert (net(x).argmax(1) == y).all()
    loop = made(next(iter(RIGHT_LOOPS.values())), "train_one_epoch")
    with pytest.raises(CheckFailed, match="of the held-out digits"):
        hidden.beats_ninety(names["SmallCNN"], loop)


@pytest.mark.parametrize("seed", range(3))
def test_untrained_net_does_not_beat_ninety(seed):
    with seeded(seed), pytest.raises(CheckFailed, match="expected more than 0.9"):
        hidden.beats_ninety(made(RIGHT_NETS["functional"], "SmallCNN"), lambda *_: 0.0)


# --- bug hunt ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [set, list, tuple, frozenset])
def test_bugs_in_any_container_get_full_marks(kind):
    answer = {loop: kind(bugs) for loop, bugs in hidden.BUGS.items()}
    assert lost(answer, ["bugs_a", "bugs_b", "bugs_c", "bugs_d"]) == {}


def test_naming_every_bug_everywhere_loses_everything():
    answer = dict.fromkeys("ABCD", set(checks.BUGS))
    assert len(lost(answer, ["bugs_a", "bugs_b", "bugs_c", "bugs_d"])) == 4


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"A": set()}, "keys A, B, C, D"),
        ([set()] * 4, "keys A, B, C, D"),
        ({**hidden.BUGS, "A": "no zero_grad"}, "a set of texts"),
        ({**hidden.BUGS, "A": {"no zero grad"}}, "is none of the bugs"),
        ({**hidden.BUGS, "A": ...}, "loop A: not attempted yet"),
        ({**hidden.BUGS, "A": [["no zero_grad"]]}, "is none of the bugs"),
    ],
)
def test_bugs_in_another_form_are_told_so(answer, told):
    with pytest.raises(CheckFailed, match=told):
        hidden.bugs_a(answer)


def test_loops_of_the_notebook_have_the_bugs_that_are_expected_of_them():
    """Each loop is run and watched: modes, gradients, what the loss gets, what is reported."""
    loops = {}
    for cell in source_cells():
        if cell.source.startswith("def loop_"):
            names = {"torch": torch, "F": F}
            exec(cell.source, names)
            loops |= {key[-1]: value for key, value in names.items() if key.startswith("loop_")}
    assert sorted(loops) == list("ABCD")
    assert {loop: watched(function) for loop, function in loops.items()} == hidden.BUGS


def source_cells():
    import nbformat

    return nbformat.read(UNIT.source, as_version=4).cells


class Spy(nn.Module):
    """A net that notes its modes while it trains, its last input and the last fresh gradient."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 3)
        self.modes, self.last, self.fresh = [], None, None

    def forward(self, x):
        self.last = x
        if len(x) == 32:  # a batch of training
            self.modes.append(self.training)
        return self.layer(x)


def watched(loop):
    """The bugs of a loop as they show while it runs."""
    bugs, net = set(), Spy()
    real, asked = F.cross_entropy, []

    def cross_entropy(outputs, labels):
        sums = outputs.detach().sum(dim=1)
        asked.append(bool(torch.allclose(sums, torch.ones_like(sums), atol=1e-5)))
        if not torch.equal(net.last.flatten().round().long() % 3, labels):
            bugs.add("labels apart")
        loss = real(outputs, labels)
        (net.fresh,) = torch.autograd.grad(loss, [net.layer.bias], retain_graph=True)
        return loss

    steps = torch.optim.SGD.step

    def step(self, *arguments):
        if not torch.allclose(net.layer.bias.grad, net.fresh, atol=1e-6):
            bugs.add("no zero_grad")
        return steps(self, *arguments)

    x, y = torch.arange(96.0)[:, None], torch.arange(96) % 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(F, "cross_entropy", cross_entropy)
        patch.setattr(torch.optim.SGD, "step", step)
        loop(net, x, y, torch.full((7, 1), 1.0), torch.full((7,), 1))
    if not all(net.modes):
        bugs.add("eval left on")
    if len(net.last) == 96:
        bugs.add("training accuracy")
    if all(asked):
        bugs.add("softmax twice")
    return bugs


# --- fixtures, visible checks, the notebook --------------------------------------------------


def test_batches_of_a_far_loader_can_only_be_measured_and_moved():
    ((x, y),) = fixtures.far_loader(torch.ones(2, 3), torch.tensor([0, 1]), 4)
    assert (len(x), x.shape, y.dtype) == (2, (2, 3), torch.int64)
    for use in (lambda: x + 1, lambda: nn.Linear(3, 1)(x), lambda: y == 1, lambda: x.numpy()):
        with pytest.raises((RuntimeError, TypeError)):
            use()
    assert type(x.to("cpu")) is torch.Tensor
    assert (x.to("cpu") + 1).sum() == 12


def test_steps_inside_a_net_are_those_it_takes():
    layers = [["Conv2d", 1, 2, 3], ["ReLU"], ["MaxPool2d", 2], ["Flatten"], ["Linear", 338, 2]]
    net = fixtures.net(layers)
    steps = fixtures.steps_inside(net, torch.zeros(1, 1, 28, 28))
    sizes = [(before[-1], after[-1]) for _, before, after in steps]
    assert sizes == [(28, 26), (26, 26), (26, 13), (13, 338)]
    assert [checks.downsamples(before, after) for _, before, after in steps] == [
        False, False, True, False,
    ]  # fmt: skip


def test_our_own_epoch_is_sgd_written_out():
    layers = [["Flatten"], ["Linear", 36, 4]]
    rng = np.random.default_rng(0)
    built = hidden._made(rng, layers, 6, 4)
    weight, bias = (built[1][key].double() for key in ("1.weight", "1.bias"))
    x, y = built[2].double().flatten(1), F.one_hot(built[3], 4).double()
    for part in (slice(0, 4), slice(4, 6)):
        error = ((x[part] @ weight.T + bias).softmax(1) - y[part]) / len(x[part])
        weight, bias = weight - 0.5 * error.T @ x[part], bias - 0.5 * error.sum(dim=0)
    expected = torch.cat([weight.flatten(), bias]).numpy()
    got = hidden._weights(hidden._right_epoch, built, {"optimizer": "SGD", "lr": 0.5})
    np.testing.assert_allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ("accuracy", checks.accuracy),
        ("train_one_epoch", checks.train_one_epoch),
        ("evaluate", checks.evaluate),
        ("SmallCNN", checks.SmallCNN),
    ],
)
def test_visible_check_names_the_mistakes_it_knows(answer, check, capsys):
    told = []
    for mistake in BANK:
        if mistake.answer == answer and mistake.message in checks.MESSAGES.values():
            check(mistake.function)
            told.append((mistake.name, mistake.message in capsys.readouterr().out))
    assert len(told) >= 2
    later = {"ten_classes_always"}  # hidden tests alone see this one
    assert all(found or name in later for name, found in told), told


def test_visible_checks_of_the_solution_pass(capsys):
    names = namespace(UNIT)
    capsys.readouterr()  # what the lesson prints
    for answer in ("accuracy", "train_one_epoch", "evaluate", "SmallCNN"):
        getattr(checks, answer)(names[answer])
    checks.learning(names["SmallCNN"], names["train_one_epoch"])
    checks.broken_loop_bugs(names["broken_loop_bugs"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all("passed" in line or "trained" in line or "right" in line for line in lines)


def test_questions_of_a_mistake_without_training_are_quick_to_grade():
    wrong = {"accuracy": IMPORTS + "def accuracy(logits, labels):\n    return 1.0"}
    failed, messages = grade_in_process(UNIT, namespace(UNIT, **wrong))
    assert set(failed) == {"accuracy"}, messages
    assert hidden_of(UNIT) is hidden


def test_worked_case_of_the_net_counts_what_torch_counts():
    layers = [["Conv2d", 1, 16, 5], ["Conv2d", 16, 32, 3], ["Linear", 32 * 49, 10]]
    counts = [fixtures.number_of_parameters(fixtures.net([layer])) for layer in layers]
    assert counts == [416, 4640, 15690]
    text = " ".join(cell.source for cell in source_cells())
    assert "416 + 4,640 + 15,690 parameters, and 96 more" in text


def test_figures_say_in_the_notebook_what_their_script_says():
    script = ast.parse((ROOT / "assets/draw/mnist_training.py").read_text())
    named = {ast.unparse(n.targets[0]): n.value for n in script.body if isinstance(n, ast.Assign)}
    alt_texts = ast.literal_eval(named["ALT_TEXT"])
    notebook = "\n".join(cell.source for cell in source_cells())
    for name, alt in alt_texts.items():
        assert f"![{alt}](../../assets/mnist_training/{name})" in notebook
        assert (ROOT / "assets/mnist_training" / name).stat().st_size < 300_000
