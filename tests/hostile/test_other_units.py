"""Answers of the units with torch that try to change what they are compared with.

Each is graded as it would be in a class, in kernels that are forked and in one that starts cold.
"""

import nbformat
import pytest
from support.course import COURSE
from support.patience import PATIENT

from autograder.engine.grade import grade
from autograder.engine.reading.intake import HandedIn
from autograder.engine.walls.warm import preloaded
from autograder.release.in_memory import unit_from_source
from autograder.submissions import fill, released, solutions

BEFORE_A_LOADER = """
import torch
from torch.utils import data
made = data.TensorDataset.__init__
def change(dataset, *tensors):
    for tensor in tensors:
        CHANGE
    made(dataset, *tensors)
data.TensorDataset.__init__ = change
"""
CONSTANT = "def evaluate(model, loader, loss_fn, device):\n    return 0.0, 0.0\n"
UNTRAINED = "def train_one_epoch(model, loader, loss_fn, optimizer, device):\n    return 0.0\n"


def changed(by):
    return BEFORE_A_LOADER.replace("CHANGE", by)


# A net whose last bias stands out names the same class for every image.
BIASED = "def train_one_epoch(model, loader, loss_fn, optimizer, device):\n"
BIASED += "    list(model.parameters())[-1].data[0] = 1e6\n    return 0.0\n"
LEARN = ["loop_learns_by_heart", "net_learns_by_heart", "beats_ninety"]
NAN = "tensor.fill_(float('nan') if tensor.is_floating_point() else 1)"
TRIES = {  # name: (answers in place of the right ones, questions that may give nothing)
    "images that are no numbers, of class 1": (
        {"evaluate": CONSTANT + changed(NAN)},
        ["evaluate_values"],
    ),
    "infinite images of class 1": (
        {"evaluate": CONSTANT + changed(NAN.replace("nan", "inf"))},
        ["evaluate_values"],
    ),
    "images that are no numbers for a loop": (
        {"train_one_epoch": UNTRAINED + changed(NAN)},
        ["train_step", "train_mode", "train_mean_loss", *LEARN],
    ),
    "labels of one class": (
        {"train_one_epoch": BIASED + changed("tensor.ndim == 1 and tensor.zero_()")},
        LEARN,
    ),
}


def scores(answers, warm):
    """(scores, what is told) of a submission of unit 04 with some answers of its own."""
    unit = COURSE.unit("mnist_training")
    made = unit_from_source(COURSE, unit)
    cells = fill(released(COURSE, unit), solutions(unit) | answers)
    preload = preloaded(made.imports, made.rules) if warm else ()
    handed = HandedIn(unit.file, nbformat.writes(cells).encode())
    result = grade(handed, made, 1, made.settings(PATIENT, preload))
    return result.scores, (result.messages, result.notes)


@pytest.mark.parametrize(
    "warm", [True, pytest.param(False, marks=pytest.mark.thorough)], ids=["warm", "cold"]
)
@pytest.mark.parametrize(("answers", "nothing"), TRIES.values(), ids=TRIES)
def test_what_an_answer_does_to_its_inputs_changes_nothing_that_it_is_compared_with(
    answers, nothing, warm
):
    found, told = scores(answers, warm)
    assert {question: found[question] for question in nothing} == dict.fromkeys(nothing, 0), told
