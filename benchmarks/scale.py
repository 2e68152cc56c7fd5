"""How long 100,000 submissions take with 1 to 256 workers, and from how many on the writer is full.

Measured: the main process. The real runner reads files that were handed in, keeps its queue full,
and the real writer puts results into a real SQLite gradebook and real files, all in real time.
Simulated: the workers. They are elsewhere and take no core of this host: each takes the seconds of
a submission, whatever it is (0.33 is about the CPU time that unit 01 takes), and a
result, the same for all, comes through pickle as from a process or another host. A network has
no delay here. Calculated: for each number of workers some seconds are measured, in which results
come steadily, and the hours for all submissions follow from that rate; with --whole all of them go
through, and nothing is calculated.

    .venv/bin/python benchmarks/scale.py                         # 20 s for each number of workers
    .venv/bin/python benchmarks/scale.py --service 0.79          # unit 03, with torch
    .venv/bin/python benchmarks/scale.py --workers 64 --whole    # really 100,000: minutes
    .venv/bin/python benchmarks/scale.py --small                 # does it run?
"""

import argparse
import heapq
import itertools
import os
import pickle
import tempfile
import threading
import time
from collections import deque
from concurrent.futures import Future

from grading import make_course

from autograder.classroom import grading
from autograder.classroom.pools import LocalPool
from autograder.engine.grade import ungraded
from autograder.release.recorded import released_unit

WORKERS = (1, 4, 16, 64, 256)
SERVICE = 0.33  # seconds of a worker for one submission
FASTEST = 200  # results a second of the main process, about: for the size of a sample
KEPT = 5000  # graded notebooks, 2 GiB; the older ones are on the disk by then, and are deleted
BUSY = 0.9  # of their time: with less workers wait for the main process


class Stopwatch:
    """Seconds that the main process spent on each of its jobs, and how often."""

    def __init__(self):
        self.seconds, self.calls = {}, {}

    def timed(self, job, function, *arguments):
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            self.seconds[job] = self.seconds.get(job, 0) + time.perf_counter() - start
            self.calls[job] = self.calls.get(job, 0) + 1


def timed_classes(watch):
    """The real `Writer` and `Plan`, with a stopwatch around what they do for each submission."""

    class TimedWriter(grading.Writer):
        def record(self, *arguments):
            return watch.timed("recording", super().record, *arguments)

    class TimedPlan(grading.Plan):
        def task(self, student):
            return watch.timed("reading", super().task, student)

    return TimedWriter, TimedPlan


class SimulatedPool:
    """So many workers that sleep; a pool as those in `classroom/pools.py`.

    Tasks wait in line; whichever worker is free first takes the next. A thread finishes futures
    when their time has come, and unpickles the result as an executor's thread does.
    """

    broken = ()

    def __init__(self, workers, service, result):
        self.in_flight = LocalPool(workers).in_flight
        self.service, self.result = service, pickle.dumps(result)
        self.free = [0.0] * workers  # when each worker is
        self.finishing, self.order = [], itertools.count()  # heap of (when, order, Future)
        self.starts = []  # when each submission was begun
        self.changed, self.over = threading.Condition(), False
        self.thread = threading.Thread(target=self._finish, daemon=True)
        self.thread.start()

    def submit(self, _, *arguments):
        pickle.dumps(arguments)  # on its way
        future = Future()
        with self.changed:
            start = max(time.perf_counter(), self.free[0])
            heapq.heapreplace(self.free, start + self.service)
            heapq.heappush(self.finishing, (start + self.service, next(self.order), future))
            self.starts.append(start)
            self.changed.notify()
        return future

    def _finish(self):
        while future := self._next():
            future.set_result(pickle.loads(self.result))

    def _next(self):
        """The next future, when its time has come; None in the end."""
        with self.changed:
            while not self.over:
                now = time.perf_counter()
                if self.finishing and self.finishing[0][0] <= now:
                    return heapq.heappop(self.finishing)[-1]
                self.changed.wait(self.finishing[0][0] - now if self.finishing else None)
        return None

    def busy(self, start, end):
        """The part of all workers' time between two moments that they graded in."""
        spent = sum(
            max(0, min(begun + self.service, end) - max(begun, start)) for begun in self.starts
        )
        return spent / (end - start) / len(self.free)

    def expect(self, settings):
        """Nothing to do."""

    def renew(self):
        """Nothing to do: it doesn't break."""

    def close(self):
        with self.changed:
            self.over = True
            self.changed.notify()
        self.thread.join()


def hand_in(course, unit, source, students):
    """Let all hand in the same file: as hard links, which take no room."""
    for student in students:
        path = course.notebook("submitted", unit, student)
        path.parent.mkdir(parents=True)
        os.link(source, path)


def grade(course, unit, students, pool):
    """Grade a class; when each outcome came, in seconds."""
    times, written = [], deque()
    for outcome in grading.grade_students(course, unit, students, pool=pool):
        assert outcome.problem is None, outcome.problem
        times.append(time.perf_counter())
        written.append(course.notebook("autograded", unit, outcome.student))
        if len(written) > KEPT:
            written.popleft().unlink()
    for path in written:
        path.unlink()
    return times


def measure(course, unit, source, students, pool):
    """What a run with these workers gives: a dict of rates and parts.

    Counted is the time in which results come and there still are submissions to send.
    """
    hand_in(course, unit, source, students)
    watch = Stopwatch()
    grading.Writer, grading.Plan = timed_classes(watch)
    start = time.perf_counter()
    times = grade(course, unit, students, pool)
    spent = {job: watch.seconds[job] / (times[-1] - start) for job in watch.seconds}
    first, last = times[0], times[-pool.in_flight]
    steady = [one for one in times if first < one <= last]
    return {
        "rate": len(steady) / (last - first),
        "workers": pool.busy(first, last),
        "recording": spent["recording"],
        "reading": spent["reading"],
        "together": len(times) / watch.calls["recording"],
        "each": (watch.seconds["recording"] + watch.seconds["reading"]) / len(times),
    }


def sample(options, workers):
    """How many submissions are measured with so many workers."""
    if options.whole:
        return options.submissions
    rate = min(workers / options.service, FASTEST)
    return min(options.submissions, round(options.seconds * rate) + 4 * workers)


def print_answer(found, options):
    """From how many workers on the writer is full, and what that means for all submissions."""
    each = min(one["each"] for one in found.values())
    print(
        f"calculated: the main process takes {1000 * each:.1f} ms for a submission at best,"
        f" as long as {options.service / each:.0f} workers together"
    )
    waiting = [count for count, one in found.items() if one["workers"] < BUSY]
    which = f"with {waiting[0]} workers" if waiting else "with none of these"
    print(f"measured: workers wait for it (busy less than {BUSY:.0%} of their time) {which}")
    best = max(one["rate"] for one in found.values())
    hours = options.submissions / best / 3600
    print(f"calculated: {options.submissions:,} submissions take {hours:.2f} h at the best rate")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=100_000, help="of one unit")
    parser.add_argument("--service", type=float, default=SERVICE, help="s a worker takes for one")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--seconds", type=float, default=20, help="to measure each, about")
    parser.add_argument("--whole", action="store_true", help="all submissions, not a sample")
    parser.add_argument("--small", action="store_true", help="few workers, a second each")
    options = parser.parse_args()
    if options.small:
        options.workers, options.seconds, options.service = (1, 16), 1, 0.05
    return options


def main():
    """Measure, print."""
    options, found = arguments(), {}
    with tempfile.TemporaryDirectory() as folder:
        course, unit, (model,) = make_course(folder, "convolution", 1)
        source = course.notebook("submitted", unit, model)
        result = ungraded(released_unit(course, unit), "a note", 1).packed()
        print(f"a worker takes {options.service} s for a submission")
        head = ("results/s", "workers", "recording", "reading", "at once", "measured", "hours")
        print(f"{'workers':>8}" + "".join(f"{name:>11}" for name in head))
        for workers in options.workers:
            count = sample(options, workers)
            students = [f"w{workers}_{number:06}" for number in range(count)]
            pool = SimulatedPool(workers, options.service, result)
            one = found[workers] = measure(course, unit, source, students, pool)
            pool.close()
            parts = "".join(f"{one[name]:>11.0%}" for name in ("workers", "recording", "reading"))
            hours = options.submissions / one["rate"] / 3600
            numbers = f"{one['together']:>11.1f}{count:>11}{hours:>11.2f}"
            print(f"{workers:>8}{one['rate']:>11.1f}{parts}{numbers}", flush=True)
    print(
        "measured: results a second; the part of their time that workers are busy, and that the\n"
        "  main process records results and reads submissions; results recorded at once; how many\n"
        f"calculated: hours for {options.submissions:,} submissions at that rate"
    )
    print_answer(found, options)


if __name__ == "__main__":
    main()
