"""The time that limits count, with clocks that are turned by hand."""

import os
import signal
import subprocess
import sys

import pytest
from support.patience import wait_until

from autograder.engine.clock import Allowance, Clock, Until
from autograder.engine.walls.processes import time_used
from coursekit.checks.limits import ENDLESS, SLOW, WAITS, WALL_TIMES, StillRunning


class Sandbox:
    """A clock of a sandbox, and wall time, that go on as they are told."""

    def __init__(self):
        self.clock, self.wall, self.cpu = Clock(), 0.0, 0.0
        self.clock.look(0.0, 0.0, False)

    def now(self):
        return self.wall

    def pass_by(self, wall, cpu, asleep=False):
        for _ in range(10):
            self.wall, self.cpu = self.wall + wall / 10, self.cpu + cpu / 10
            self.clock.look(self.wall, self.cpu, asleep)


@pytest.fixture
def sandbox():
    return Sandbox()


@pytest.mark.parametrize(
    ("wall", "cpu", "asleep", "used"),
    [
        (10, 10, False, 10),  # it computes
        (10, 1, False, 1),  # it waits for a core, or is stopped
        (10, 160, False, 10),  # on sixteen cores
        (10, 0, True, 9),  # it sleeps; what lies before the first look at that is unknown
        (10, 0, False, 0),
    ],
)
def test_second_of_a_sandbox_is_one_that_it_computes_or_sleeps(sandbox, wall, cpu, asleep, used):
    sandbox.pass_by(wall, cpu, asleep)
    assert sandbox.clock.used == pytest.approx(used)


def test_where_nobody_can_tell_what_was_computed_wall_time_counts():
    clock = Clock()
    clock.look(0, None, False)
    clock.look(3, None, False)
    assert clock.used == clock.cpu == 3


def test_processes_that_end_take_no_time_back(sandbox):
    sandbox.pass_by(5, 5)
    sandbox.cpu = 1
    sandbox.pass_by(2, 1)
    assert 5 <= sandbox.clock.used <= 6


def test_time_counts_while_something_runs_and_to_all_that_it_is_part_of(sandbox):
    whole = Allowance(20, now=sandbox.now)
    for _ in range(3):
        part = whole.part(5)
        with part.running(sandbox.clock):
            sandbox.pass_by(4, 4)
            assert part.left() == pytest.approx(1)
        sandbox.pass_by(7, 7)  # what the grader does meanwhile is nobody's
    assert whole.left() == pytest.approx(8)


def test_part_can_not_take_more_than_is_left_of_the_whole(sandbox):
    whole = Allowance(6, now=sandbox.now)
    with whole.part(5).running(sandbox.clock):
        sandbox.pass_by(5, 5)
    part = whole.part(5)
    assert part.seconds == pytest.approx(1)
    with part.running(sandbox.clock):
        sandbox.pass_by(1.1, 1.1)
        with pytest.raises(StillRunning, match="after 1 s of computing"):
            part.wait()


def test_what_gets_no_core_has_its_time_until_the_wall(sandbox):
    allowance = Allowance(5, now=sandbox.now)
    with allowance.running(sandbox.clock):
        sandbox.pass_by(5 * WALL_TIMES - 1, 2)
        assert allowance.wait() > 0
        sandbox.pass_by(1.5, 0)
        with pytest.raises(StillRunning, match=r"20\S* s, of which it computed 2 s") as caught:
            allowance.wait()
    assert caught.value.hint == SLOW


def test_what_does_not_run_can_not_be_waited_for(sandbox):
    with pytest.raises(RuntimeError, match="never ends"):
        Allowance(5, now=sandbox.now).wait()


def test_nothing_moves_the_end_of_the_outermost(sandbox):
    whole = Until(10, now=sandbox.now)
    for _ in range(12):
        sandbox.pass_by(1, 0)  # also while nothing runs
    assert whole.left() == 0
    assert whole.part(5).left() == 0


@pytest.mark.parametrize(
    ("computed", "wall", "hint"), [(5, 5, ENDLESS), (5, 18, ENDLESS), (1, 20, SLOW), (0, 5, WAITS)]
)
def test_message_says_whether_it_computed_waited_or_got_no_core(computed, wall, hint):
    assert StillRunning(5, computed, wall).hint == hint


def test_process_that_sleeps_is_told_from_one_that_computes_and_one_that_is_stopped():
    command = "import sys\nsys.stdin.readline()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE) as process:
        wait_until(lambda: time_used([process.pid])[1])
        process.stdin.write(b"\n")
        process.stdin.flush()
        wait_until(lambda: time_used([process.pid])[0] > 0.2)
        assert not time_used([process.pid])[1]
        os.kill(process.pid, signal.SIGSTOP)
        assert not time_used([process.pid])[1]
        process.kill()


def test_thread_that_computes_keeps_its_process_awake():
    command = "import threading\ndef go_on():\n    while True: pass\n"
    command += "threading.Thread(target=go_on).start()"
    with subprocess.Popen([sys.executable, "-c", command]) as process:
        wait_until(lambda: time_used([process.pid])[0] > 0.2)
        assert not time_used([process.pid])[1]
        process.kill()
