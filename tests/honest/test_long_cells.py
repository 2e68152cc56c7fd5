"""Long experiments of one's own cost what comes after them nothing, and a note names them."""

from dataclasses import replace

import pytest
from support.honest import KINDS, graded, lost, place, put_before, right
from support.patience import PATIENT
from support.tiers import first_of

TOPIC = "convolution"
LIMITS = replace(PATIENT, cell_seconds=3, own_seconds=5)
LONG = {
    "computes": "while True:\n    sum(range(1000))",
    "waits": "import time\ntime.sleep(1000)",
    "goes through arrays": "import numpy as np\nfor _ in range(10**9):\n    np.ones(1000).sum()",
}
GOES_ON = """
import threading, time
def go_on():
    while True:
        pass
threading.Thread(target=go_on, daemon=True).start()
while True:
    pass
"""


def with_experiments(work, first="int('1')", many=6):
    """Right answers, one of which needs what own cells define before and after long `work`."""
    nb = right(TOPIC)
    for number in range(many):
        source = f"before_{number} = {first}\n{work}\ndef after_{number}():\n    return 1"
        put_before(nb, "solution_conv1d", source)
    nb.cells[place(nb, "solution_conv1d")].source += f"""
alone = conv1d
def conv1d(*arguments):
    assert before_0 == after_0() == after_{many - 1}() == 1
    return alone(*arguments)
"""
    return nb


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("work", first_of(LONG))
def test_long_experiments_cost_nothing_and_each_is_named(work, kind):
    result = graded(with_experiments(work), TOPIC, kind, LIMITS)
    assert lost(result, TOPIC) == {}
    notes = "\n".join(result.notes)
    assert "stopped after 3 s" in notes
    assert "own cells had used up their 5 s; only its imports and definitions were run" in notes
    assert notes.count("own") > 6, "each cell is named"


@pytest.mark.parametrize("kind", KINDS)
def test_experiment_that_leaves_something_running_is_left_out_but_for_its_definitions(kind):
    result = graded(with_experiments(GOES_ON, "1", many=1), TOPIC, kind, LIMITS)
    assert lost(result, TOPIC) == {}
    assert any("stopped after 3 s" in note for note in result.notes)
    assert any("the kernel had to start again" in note for note in result.notes)


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_experiment_does_not_run_again_when_the_kernel_starts_again(kind):
    nb = with_experiments(LONG["computes"], "1", many=1)
    put_before(nb, "solution_conv2d", "import os\nos._exit(1)")
    result = graded(nb, TOPIC, kind, LIMITS)
    assert lost(result, TOPIC) == {}
    assert sum("stopped after" in note for note in result.notes) == 1
    assert any("the kernel had to start again; only its imports" in note for note in result.notes)


def test_answer_that_was_not_written_gains_nothing_by_long_cells():
    nb = with_experiments(LONG["computes"], many=2)
    nb.cells[place(nb, "solution_conv2d")].source = "def conv2d(*_):\n    raise NotImplementedError"
    assert "conv2d_values" in lost(graded(nb, TOPIC, "warm", LIMITS), TOPIC)
