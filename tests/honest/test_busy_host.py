"""Right answers keep their points where there is hardly a core for them."""

import os
import signal
import threading
import time
from dataclasses import replace

import pytest
from support.honest import KINDS, graded, lost, place, put_after, right
from support.patience import PATIENT

from autograder.engine.judging.standins import judged
from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.processes import descendants
from autograder.engine.walls.sandbox import Settings
from coursekit.checks import core
from coursekit.checks.limits import StillRunning

SPIN = """
import time
def compute(seconds):
    start = time.process_time()
    while time.process_time() < start + seconds:
        pass
    return 1
def endless():
    while True:
        pass
"""


class Starved:
    """Processes that get a core for a quarter of the time, as among three busy neighbours."""

    def __init__(self, pids):
        self.pids, self.over = pids, threading.Event()
        self.thread = threading.Thread(target=self.go_on)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def go_on(self):
        while not self.over.is_set():
            self.send(signal.SIGSTOP)
            time.sleep(0.03)
            self.send(signal.SIGCONT)
            time.sleep(0.01)

    def send(self, number):
        for pid in self.pids:
            os.kill(pid, number)


@pytest.fixture
def kernel():
    """A kernel of which a call may compute for a second and take a minute."""
    limits = replace(PATIENT, call_seconds=1)
    with Kernel(Settings(limits)) as one:
        one.run(SPIN, 60)
        yield one


def test_call_that_gets_a_core_now_and_then_has_its_time(kernel):
    with judged(kernel, 60) as channel:
        compute = channel.ask("name", "compute")
        with Starved(descendants(kernel.pid)[-1:]):
            assert compute(0.4) == 1  # 1.6 s and more by the clock on the wall


def test_call_that_gets_no_core_at_all_ends_by_the_clock_on_the_wall(kernel):
    kernel.limits = replace(kernel.limits, grace_seconds=0.5)
    with judged(kernel, 60) as channel:
        endless = channel.ask("name", "endless")
        os.kill(descendants(kernel.pid)[-1], signal.SIGSTOP)
        with pytest.raises(StillRunning, match="4 s, of which it computed 0"):
            endless()
    assert not kernel.alive()


THREADS = {
    "sixteen": "torch.set_num_threads(16)",
    "two": "torch.set_num_threads(2)",
    "between steps": "torch.set_num_interop_threads(16)\ntorch.set_num_threads(16)",
}


@pytest.mark.parametrize("threads", THREADS.values(), ids=THREADS)
@pytest.mark.parametrize("kind", ["warm", pytest.param("cold", marks=pytest.mark.thorough)])
def test_more_threads_than_cores_cost_no_points(kind, threads):
    nb = right("cnn_layers")
    put_after(nb, "setup", f"import torch\n{threads}")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        assert lost(graded(nb, "cnn_layers", kind), "cnn_layers") == {}
    finally:
        os.sched_setaffinity(0, cores)


@pytest.mark.parametrize("kind", KINDS)
def test_answer_that_never_ends_is_told_as_what_it_looks_like(kind):
    nb = right("convolution")
    source = "def conv1d(*_):\n    while True:\n        pass"
    nb.cells[place(nb, "solution_conv1d")].source = source
    limits = replace(PATIENT, call_seconds=1)
    message = graded(nb, "convolution", kind, limits).messages["conv1d"]
    assert "still running after 1 s of computing" in message
    assert "a loop that never ends" in message
    assert "slow computer" in message


# --- visible checks ------------------------------------------------------------------------


def test_visible_check_counts_what_was_computed(monkeypatch):
    monkeypatch.setattr(core, "CALL_SECONDS", 0.2)
    monkeypatch.setattr(core, "computed_so_far", lambda: time.monotonic() / 10)  # a tenth of a core

    def answer():
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            pass
        return 3

    assert core.call("x", answer) == 3


def test_visible_check_ends_by_the_clock_on_the_wall_and_says_so(monkeypatch):
    monkeypatch.setattr(core, "CALL_SECONDS", 0.1)
    monkeypatch.setattr(core, "computed_so_far", lambda: time.monotonic() / 10)
    with pytest.raises(core.TimedOut, match="a slow or very busy computer"):
        core.call("x", lambda: [None for _ in iter(int, 1)])
    with pytest.raises(core.TimedOut, match="of which it computed 0.04 s"):
        core.call("x", lambda: time.sleep(10))
