"""Known mistakes of unit 04.

`loses` names the grade cells a mistake fails in an otherwise right notebook.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from autograder.mistakes import Bank, edited
from coursekit.checks.mnist_training import MESSAGES

BANK = Bank(
    typical=[
        "zero_grad_missing",
        "mean_of_the_batches",
        "mode_is_not_restored",
        "softmax_at_the_end",
        "bugs_of_d_half",
    ]
)

LEARNING = (
    "train_step",
    "train_zero_grad",
    "loop_learns_by_heart",
    "net_learns_by_heart",
    "beats_ninety",
)


# --- accuracy ------------------------------------------------------------------------------


@BANK.mistake("accuracy", MESSAGES["percent"])
def accuracy_in_percent(logits, labels):
    return 100 * (logits.argmax(1) == labels).float().mean().item()


@BANK.mistake("accuracy", MESSAGES["count"])
def number_of_right_ones(logits, labels):
    return (logits.argmax(1) == labels).sum().item()


@BANK.mistake("accuracy", "the share of wrong answers.")
def share_of_wrong_ones(logits, labels):
    return (logits.argmax(1) != labels).float().mean().item()


@BANK.mistake("accuracy", "the smallest logit is taken; the largest one names the class.")
def smallest_logit(logits, labels):
    return (logits.argmin(1) == labels).float().mean().item()


@BANK.mistake("accuracy", "the largest logit of each column; each row is an image: argmax(1).")
def largest_of_each_column(logits, labels):
    return (logits.argmax(0) == labels).float().mean().item()


@BANK.mistake("accuracy", "rounded to whole numbers: half of the digits is 0.5.")
def accuracy_as_int(logits, labels):
    return int((logits.argmax(1) == labels).sum()) // len(labels)


# --- the training loop ---------------------------------------------------------------------


def right_epoch(model, loader, loss_fn, optimizer, device):
    """Train on every batch once; returns the mean loss per sample."""
    model.train()
    total, seen = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        seen += len(x)
    return total / seen


@BANK.mistake("train_one_epoch", MESSAGES["no_step"], *LEARNING)
@edited(right_epoch, delete="optimizer.step()")
def step_missing(): ...


@BANK.mistake("train_one_epoch", MESSAGES["no_gradient"], *LEARNING)
@edited(
    right_epoch,
    delete="optimizer.zero_grad()",
    replace={"optimizer.step()": "optimizer.zero_grad(); optimizer.step()"},
)
def zero_grad_before_the_step(): ...


@BANK.mistake("train_one_epoch", MESSAGES["no_zero_grad"], "train_zero_grad", "beats_ninety")
@edited(right_epoch, delete="optimizer.zero_grad()")
def zero_grad_missing(): ...


@BANK.mistake(
    "train_one_epoch",
    MESSAGES["first_batch"],
    "train_zero_grad",
    "train_mean_loss",
    "beats_ninety",
)
@edited(right_epoch, replace={"    return total / seen": "        return total / seen"})
def return_inside_the_loop(): ...


@BANK.mistake("train_one_epoch", MESSAGES["no_train_mode"], "train_mode")
@edited(right_epoch, delete="model.train()")
def train_mode_missing(): ...


@BANK.mistake("train_one_epoch", MESSAGES["mean_of_batches"], "train_mean_loss")
@edited(right_epoch, replace={"loss.item() * len(x)": "loss.item()", "seen += len(x)": "seen += 1"})
def mean_of_the_batches(): ...


@BANK.mistake("train_one_epoch", MESSAGES["sum_of_means"], "train_mean_loss")
@edited(right_epoch, replace={"loss.item() * len(x)": "loss.item()", "total / seen": "total"})
def sum_of_the_means(): ...


@BANK.mistake("train_one_epoch", MESSAGES["loss_sum"], "train_mean_loss")
@edited(right_epoch, replace={"total / seen": "total"})
def sum_over_all_samples(): ...


@BANK.mistake(
    "train_one_epoch",
    "the batches' means, summed up and divided by the number of samples: the mean loss of a "
    "batch stands for all its samples, so multiply by its size.",
    "train_mean_loss",
)
@edited(right_epoch, replace={"loss.item() * len(x)": "loss.item()"})
def means_divided_by_samples(): ...


@BANK.mistake("train_one_epoch", MESSAGES["last_loss"], "train_mean_loss")
@edited(right_epoch, replace={"total / seen": "loss.item()"})
def loss_of_the_last_batch(): ...


@BANK.mistake("train_one_epoch", MESSAGES["not_moved"], "train_device")
@edited(right_epoch, delete="x, y = x.to(device), y.to(device)")
def batches_are_not_moved(): ...


# --- evaluation ----------------------------------------------------------------------------


def right_evaluation(model, loader, loss_fn, device):
    """Mean loss per sample and accuracy on all batches: (loss, accuracy)."""
    was, total, right, seen = model.training, 0.0, 0, 0
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total += loss_fn(logits, y).item() * len(x)
            right += (logits.argmax(1) == y).sum().item()
            seen += len(x)
    model.train(was)
    return total / seen, right / seen


@BANK.mistake("evaluate", MESSAGES["mean_of_batches"], "evaluate_values")
@edited(
    right_evaluation,
    replace={" * len(x)": "", ".sum()": ".float().mean()", "seen += len(x)": "seen += 1"},
)
def evaluation_averages_batches(): ...


@BANK.mistake("evaluate", MESSAGES["swapped"], "evaluate_values")
@edited(right_evaluation, replace={"total / seen, right / seen": "right / seen, total / seen"})
def accuracy_before_loss(): ...


@BANK.mistake(
    "evaluate",
    "the accuracy is a percentage; the share from 0 to 1 is asked for.",
    "evaluate_values",
)
@edited(right_evaluation, replace={"right / seen": "100 * right / seen"})
def evaluation_in_percent(): ...


@BANK.mistake("evaluate", "only the last batch counts; go through all of them.", "evaluate_values")
@edited(
    right_evaluation,
    replace={"total +=": "total =", "right +=": "right =", "seen +=": "seen ="},
)
def last_batch_only(): ...


@BANK.mistake(
    "evaluate", "the loss is a sum over all samples; divide by their number.", "evaluate_values"
)
@edited(right_evaluation, replace={"total / seen": "total"})
def loss_is_a_sum(): ...


@BANK.mistake("evaluate", MESSAGES["no_eval_mode"], "evaluate_mode")
@edited(right_evaluation, delete="model.eval()")
def eval_mode_missing(): ...


@BANK.mistake("evaluate", MESSAGES["mode_not_restored"], "evaluate_mode")
@edited(right_evaluation, delete="model.train(was)")
def mode_is_not_restored(): ...


@BANK.mistake("evaluate", MESSAGES["always_train"], "evaluate_mode")
@edited(right_evaluation, replace={"model.train(was)": "model.train()"})
def train_mode_at_the_end(): ...


@BANK.mistake("evaluate", MESSAGES["graph"], "evaluate_no_gradients")
def no_grad_missing(model, loader, loss_fn, device):
    was, total, right, seen = model.training, 0.0, 0, 0
    model.eval()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = loss_fn(logits, y)
        total += loss.item() * len(x)
        right += (logits.argmax(1) == y).sum().item()
        seen += len(x)
    model.train(was)
    return total / seen, right / seen


@BANK.mistake(
    "evaluate", "there is a `backward` in it; evaluating learns nothing.", "evaluate_no_gradients"
)
@edited(no_grad_missing, replace={"total +=": "loss.backward(); total +="})
def backward_while_evaluating(): ...


# --- the net -------------------------------------------------------------------------------


def block(c_in, c_out, size):
    """A convolution that keeps the size, batch normalization, ReLU, pooling."""
    conv = nn.Conv2d(c_in, c_out, size, padding=size // 2, bias=False)
    return [conv, nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]


class WithoutLast(nn.Module):
    """A right net up to its logits; the mistakes say what follows."""

    def __init__(self, num_classes=10):
        super().__init__()
        layers = [*block(1, 12, 5), *block(12, 24, 3), nn.Flatten(), nn.Dropout(0.3)]
        self.layers = nn.Sequential(*layers, nn.Linear(24 * 49, num_classes))

    def forward(self, x):
        return self.layers(x)


@BANK.mistake("SmallCNN", MESSAGES["softmax"], "net_logits")
class softmax_at_the_end(WithoutLast):
    def forward(self, x):
        return self.layers(x).softmax(1)


@BANK.mistake("SmallCNN", MESSAGES["log_softmax"], "net_logits")
class log_softmax_at_the_end(WithoutLast):
    def forward(self, x):
        return F.log_softmax(self.layers(x), dim=1)


@BANK.mistake("SmallCNN", MESSAGES["ten_classes"], "net_logits")
class ten_classes_always(WithoutLast):
    def __init__(self, num_classes=10):
        super().__init__(10)


@BANK.mistake("SmallCNN", MESSAGES["one_convolution"], "net_layers")
class one_convolution(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        layers = [*block(1, 12, 5), nn.Flatten(), nn.Dropout(0.3), nn.Linear(12 * 196, num_classes)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


@BANK.mistake("SmallCNN", MESSAGES["no_downsampling"], "net_layers")
class no_downsampling(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        layers = [*block(1, 6, 5)[:3], *block(6, 6, 3)[:3], nn.Flatten(), nn.Dropout(0.3)]
        self.layers = nn.Sequential(*layers, nn.Linear(6 * 784, num_classes))

    def forward(self, x):
        return self.layers(x)


@BANK.mistake("SmallCNN", MESSAGES["too_large"], "net_layers")
class too_many_parameters(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        layers = [*block(1, 12, 5), *block(12, 24, 3), nn.Flatten(), nn.Linear(24 * 49, 512)]
        layers += [nn.ReLU(), nn.Dropout(0.3), nn.Linear(512, num_classes)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


@BANK.mistake("SmallCNN", MESSAGES["no_dropout"], "net_dropout")
class dropout_missing(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        layers = [*block(1, 12, 5), *block(12, 24, 3), nn.Flatten()]
        self.layers = nn.Sequential(*layers, nn.Linear(24 * 49, num_classes))

    def forward(self, x):
        return self.layers(x)


@BANK.mistake("SmallCNN", MESSAGES["always_dropout"], "net_dropout")
class dropout_in_both_modes(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.maps = nn.Sequential(*block(1, 12, 5), *block(12, 24, 3), nn.Flatten())
        self.last = nn.Linear(24 * 49, num_classes)

    def forward(self, x):
        return self.last(F.dropout(self.maps(x), 0.1))


@BANK.mistake("SmallCNN", MESSAGES["no_batch_norm"], "net_batch_norm")
class batch_norm_missing(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        layers = [nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        self.layers = nn.Sequential(*layers, nn.Dropout(0.1), nn.Linear(32 * 49, num_classes))

    def forward(self, x):
        return self.layers(x)


# --- bug hunt ------------------------------------------------------------------------------


@BANK.mistake(
    "broken_loop_bugs",
    "loops A and D never zero their gradients.",
    "bugs_a",
    "bugs_d",
    is_value=True,
)
def bugs_zero_grad_not_seen():
    return {
        "A": set(),
        "B": {"softmax twice", "training accuracy"},
        "C": {"labels apart"},
        "D": {"eval left on"},
    }


@BANK.mistake(
    "broken_loop_bugs",
    "loop B has a second bug: on which images is its accuracy computed?",
    "bugs_b",
    is_value=True,
)
def bugs_of_b_half():
    return {
        "A": {"no zero_grad"},
        "B": {"softmax twice"},
        "C": {"labels apart"},
        "D": {"eval left on", "no zero_grad"},
    }


@BANK.mistake(
    "broken_loop_bugs",
    "loop B has a second bug: what does cross_entropy do with what it gets?",
    "bugs_b",
    is_value=True,
)
def bugs_of_b_other_half():
    return {
        "A": {"no zero_grad"},
        "B": {"training accuracy"},
        "C": {"labels apart"},
        "D": {"eval left on", "no zero_grad"},
    }


@BANK.mistake(
    "broken_loop_bugs",
    "loop D has a second bug: in which mode is the second epoch?",
    "bugs_d",
    is_value=True,
)
def bugs_of_d_half():
    return {
        "A": {"no zero_grad"},
        "B": {"softmax twice", "training accuracy"},
        "C": {"labels apart"},
        "D": {"no zero_grad"},
    }


@BANK.mistake(
    "broken_loop_bugs",
    "two random orders, one for the images and one for the labels, belong to loop C.",
    "bugs_c",
    is_value=True,
)
def bugs_of_c_not_seen():
    return {
        "A": {"no zero_grad"},
        "B": {"softmax twice", "training accuracy"},
        "C": {"training accuracy"},
        "D": {"eval left on", "no zero_grad"},
    }
