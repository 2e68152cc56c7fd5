"""Processes that something outside ends: a run goes on or says so, and no student loses by it."""

import os
import signal
import subprocess
import sys

import pytest
from support.class_runs import name_of, results, sleep, task
from support.course import COURSE
from support.patience import PATIENCE

from autograder.classroom.pools import MOST_SERVERS, LocalPool, _server
from autograder.course import CourseError
from autograder.release.in_memory import unit_from_source
from autograder.report.pages import PageRun

STUDENTS = [f"student_{number:02}" for number in range(8)]


def end_server():
    """What a lack of memory does to the process that workers are forked from."""
    os.kill(_server(), signal.SIGKILL)


class Unsteady(LocalPool):
    """Its server ends whenever a task is sent that `ends` names; `times` in all."""

    def __init__(self, ends, times=1):
        super().__init__(2)
        self.ends, self.times, self.kills = ends, times, 0

    def submit(self, function, /, *arguments):
        future = super().submit(function, *arguments)
        student = arguments[0].student if arguments else ""
        if self.kills < self.times and self.ends in student:
            self.kills += 1
            end_server()
        return future


class UnsteadyStart(LocalPool):
    """Its server ends as soon as it is there; `times` in all."""

    def __init__(self, times):
        super().__init__(2)
        self.times, self.kills = times, 0

    def renew(self):
        super().renew()
        if self.kills < self.times:
            self.kills += 1
            end_server()


@pytest.mark.parametrize(
    "pool",
    [
        UnsteadyStart(1),  # before the first worker
        UnsteadyStart(3),  # while workers start anew
        Unsteady(STUDENTS[0]),
        Unsteady(STUDENTS[5]),  # in the middle of a class
        Unsteady(STUDENTS[-1]),
        Unsteady(STUDENTS[3], times=4),  # with each worker that tries one submission
    ],
    ids=["start", "starts", "first", "middle", "last", "always_the_same"],
)
def test_end_of_the_server_costs_nobody_anything(pool):
    with pool:
        found = results(pool, map(task, STUDENTS))
    assert found == {name: name for name in STUDENTS}
    assert pool.kills


@pytest.mark.parametrize("students", [STUDENTS[:1], STUDENTS[:2], STUDENTS])
def test_server_that_always_ends_stops_the_run_with_one_message(students):
    with (
        pytest.raises(CourseError, match="is there enough memory for them"),
        Unsteady("", 99) as pool,
    ):
        results(pool, map(task, students), sleep)
    assert pool.kills < 4 * MOST_SERVERS


def test_worker_that_dies_of_its_task_is_still_told_from_the_server():
    unit = unit_from_source(COURSE, COURSE.unit("convolution"))
    tasks = [task("ada"), task("killer", b"die"), task("bob")]
    with UnsteadyStart(1) as pool:
        found = results(pool, tasks, units={"unit": unit})
    assert (found.pop("ada"), found.pop("bob")) == ("ada", "bob")
    assert "its worker died 2 times" in found["killer"].notes[0]


@pytest.mark.parametrize("pool", [UnsteadyStart(2), Unsteady("", times=1)])
def test_end_of_the_server_costs_no_feedback_page(pool, monkeypatch):
    run = PageRun(COURSE, [(None, name) for name in STUDENTS], pool)
    monkeypatch.setattr(run, "_send", lambda one: pool.submit(name_of, task(one[1])))
    with pool:
        found = {student: page for _, student, page in run.results()}
    assert found == {name: name for name in STUDENTS}


ENDS_WHILE_IT_SENDS = """
import os, sys, threading, time
from concurrent.futures import wait
from autograder.classroom.pools import LocalPool

def large(killed):
    '''A result that no pipe takes at once; with `killed`, its sender ends in the middle.'''
    if killed:
        threading.Thread(target=end_when_it_sends, args=[threading.main_thread().ident]).start()
    return bytes(10**8)

def end_when_it_sends(thread):
    while True:
        frame = sys._current_frames()[thread]
        while frame:
            if frame.f_code.co_name in ("_send_bytes", "pack"):
                time.sleep(0.002)
                os.kill(os.getpid(), 9)
            frame = frame.f_back

if __name__ == "__main__":
    with LocalPool(1) as pool:
        future = pool.submit(large, {killed})
        if {killed}:
            print(type(future.exception()).__name__)
        else:
            while not future.done() and not pool.executor._result_queue._reader.poll():
                time.sleep(0.001)
            time.sleep({seconds})
    print("ended")
"""


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.02])
def test_pool_that_ends_while_a_result_is_sent_holds_nobody_up(tmp_path, seconds):
    assert "ended" in run_of(tmp_path, ENDS_WHILE_IT_SENDS.replace("{seconds}", str(seconds)), "0")


def test_worker_that_is_killed_while_it_sends_a_result_is_a_broken_one(tmp_path):
    told = run_of(tmp_path, ENDS_WHILE_IT_SENDS.replace("{seconds}", "0"), "1")
    assert told.split() == ["BrokenProcessPool", "ended"]


def run_of(folder, source, killed):
    """What a program of its own prints, which has to end by itself."""
    (folder / "program.py").write_text(source.replace("{killed}", killed))
    command = [sys.executable, folder / "program.py"]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE).stdout
