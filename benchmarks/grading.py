"""The same class graded by plain nbgrader, by us with one worker and with all, and at the floor.

Peers: `nbgrader autograde` with its stock preprocessors, which runs the hidden tests inside each
student's kernel, and the floor: a warm process that forks for each submission and executes the
same cells, answers and tests in one namespace, with no sandbox, no kernel and no gradebook. Cells
that only a person looks at are left out of everybody's notebooks; our own way skips them anyway.

The class has the right answers and typical mistakes in turn. The ways take turns, in another order
in each round; printed are medians over the rounds. Seconds are those of the whole command, its
start included. CPU time is that of the whole machine, so nothing else should run on it; so is the
time stolen by other machines of the same host, which makes seconds long and CPU time not. Memory
is the highest of looks a second apart: shared pages count once. All ways have to give the same
scores.

    .venv/bin/python benchmarks/grading.py --small     # 4 submissions each, one round
    .venv/bin/python benchmarks/grading.py             # 30 of unit 03 (torch), 30 and 300 of 01
    .venv/bin/python benchmarks/grading.py --only convolution
"""

import argparse
import importlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import nbformat
import psutil

from autograder.classroom.grading import submission_path
from autograder.classroom.pools import usable_cores
from autograder.course import Course
from autograder.engine.released import EXPLORATION, released_unit
from autograder.engine.warm import preloaded
from autograder.hidden import seeded
from autograder.release.build import release
from autograder.report.rows import rows
from autograder.sample_class import bank_of, fill, released, solutions

ROOT = Path(__file__).resolve().parent.parent
CORES = usable_cores()
SEED = 1
LOOK_SECONDS = 1
PLAIN, ALL = "plain nbgrader", f"ours, {CORES} workers"
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "convnet_workbook"
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///{root}/work/gradebook.db"
c.CourseDirectory.source_directory = "notebooks"
c.CourseDirectory.release_directory = "release"
for step in ("submitted", "autograded", "feedback", "solution"):
    setattr(c.CourseDirectory, step + "_directory", "work/" + step)
c.ExecutePreprocessor.timeout = 120
"""


# --- measuring a command -----------------------------------------------------------------------


@dataclass
class Cost:
    """What a command cost: seconds, CPU and stolen seconds of the machine, bytes at the peak."""

    seconds: float
    cpu: float
    stolen: float
    grader: int
    kernels: int


class Memory(threading.Thread):
    """Looks at a process and all below it until it is `over`: the peaks, in bytes."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.over = psutil.Process(pid), threading.Event()
        self.grader = self.kernels = 0
        self.start()

    def run(self):
        while not self.over.wait(LOOK_SECONDS):
            with suppress(psutil.NoSuchProcess):
                tree = [self.process, *self.process.children(recursive=True)]
                sizes = [self._size(one) for one in tree]
                self.grader = max(self.grader, sum(size for size, ours in sizes if ours))
                self.kernels = max(self.kernels, sum(size for size, ours in sizes if not ours))

    def _size(self, one):
        """(bytes, whether it is the grader's and no kernel's)."""
        try:
            line = " ".join(one.cmdline())
            return one.memory_full_info().pss, "kernel" not in line and "bwrap" not in line
        except (psutil.Error, OSError):
            return 0, False


def run(command, course):
    """Run a command in a course; returns its `Cost`."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    before, start = psutil.cpu_times(), time.perf_counter()
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            command, cwd=course.root, env=environment, stdout=subprocess.DEVNULL, stderr=told
        )
        memory = Memory(process.pid)
        process.wait()
        seconds, after = time.perf_counter() - start, psutil.cpu_times()
        memory.over.set()
        if process.returncode not in (0, 3):
            told.seek(0)
            sys.exit(f"{' '.join(command)}: {told.read()[-2000:]}")
    cpu = sum(getattr(after, kind) - getattr(before, kind) for kind in ("user", "nice", "system"))
    return Cost(seconds, cpu, after.steal - before.steal, memory.grader, memory.kernels)


# --- the ways to grade -------------------------------------------------------------------------


def plain(course, unit):
    """Stock nbgrader."""
    config = course.root / "nbgrader_config.py"
    config.write_text(STOCK.format(root=str(course.root)))
    command = [sys.executable, "-m", "nbgrader", "autograde", unit.assignment, "--force"]
    try:
        return run(command, course)
    finally:
        shutil.copy(ROOT / "nbgrader_config.py", config)


def ours(workers):
    """`autograder grade` with so many workers."""
    options = ["--force", "--quiet", "--seed", str(SEED), "--workers", str(workers)]

    def grade(course, unit):
        command = [sys.executable, "-m", "autograder.cli", "grade", *options]
        return run([*command, "--assignment", unit.assignment], course)

    return grade


def floor(at_once):
    """This script again, as the process that forks, so many times at once."""

    def grade(course, unit):
        arguments = ["--floor", unit.topic, str(course.root), str(at_once)]
        return run([sys.executable, __file__, *arguments], course)

    return grade


def run_floor(topic, root, at_once):
    """Fork a warm process for each submission, so many at once; it executes all cells."""
    course = Course(root)
    unit = released_unit(course, course.unit(topic))
    for name in (*preloaded(unit.imports), f"autograder.hidden.{topic}"):
        importlib.import_module(name)
    tests = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in unit.notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    }
    running = 0
    for path in sorted(course.folder("submitted").glob(f"*/{unit.assignment}/{topic}.ipynb")):
        if running == at_once:
            os.wait()
            running -= 1
        if os.fork() == 0:
            _execute(nbformat.read(path, as_version=4), tests)
            os._exit(0)
        running += 1
    for _ in range(running):
        os.wait()


def _execute(notebook, tests):
    names = {"__name__": "__main__"}
    with seeded(SEED), redirect_stdout(StringIO()):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                question = cell.metadata.get("nbgrader", {}).get("grade_id")
                with suppress(Exception):
                    exec(tests.get(question, cell.source), names)


WAYS = {PLAIN: plain, "ours, 1 worker": ours(1), ALL: ours(CORES), "floor, 1 process": floor(1)}
WAYS[f"floor, {CORES} processes"] = floor(CORES)
LEFT_OUT = (PLAIN, "floor, 1 process")  # of a large class: they take long and grow evenly


# --- the class and the tables ------------------------------------------------------------------


def make_course(folder, topic, count):
    """A course with a class of `count` in one unit; returns (course, unit, students)."""
    for name in ("notebooks", "assets", "nbgrader_config.py"):
        source, target = ROOT / name, Path(folder) / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    course = Course(folder)
    unit = course.unit(topic)
    release(course, unit)
    stub, answers, bank = released(course, unit), solutions(unit), bank_of(unit)
    stub.cells = [one for one in stub.cells if EXPLORATION not in one.metadata.get("tags", [])]
    typical = [mistake for mistake in bank if mistake.name in bank.typical]
    variants = [answers] + [answers | {one.answer: one.cell()} for one in typical]
    texts = [nbformat.writes(fill(stub, variant)) for variant in variants]
    students = [f"s{number:05}" for number in range(count)]
    for number, student in enumerate(students):
        path = submission_path(course, unit, student)
        path.parent.mkdir(parents=True)
        path.write_text(texts[number % len(texts)], encoding="utf-8")
    return course, unit, students


def measure(topic, count, rounds, ways=WAYS):
    """Print a row for each way; returns {way: seconds per submission}."""
    costs, expected = {way: [] for way in ways}, None
    with tempfile.TemporaryDirectory() as folder:
        course, unit, students = make_course(folder, topic, count)
        for number in range(rounds):
            turn = number % len(ways)
            for way in [*ways][turn:] + [*ways][:turn]:
                costs[way].append(ways[way](course, unit))
                if not way.startswith("floor"):
                    found = {row.student: row.scores for row in rows(course, unit, students)}
                    expected = expected or found
                    assert found == expected, f"{way}: other scores than by another way"
    print(f"\n{unit.assignment}: {count} submissions, medians of {rounds}, the same scores")
    return _print_costs(costs, count)


def _print_costs(costs, count):
    def median(way, what):
        return statistics.median(getattr(cost, what) for cost in costs[way])

    each = {way: median(way, "seconds") / count for way in costs}
    head = ("s each", "x ours", "cpu s", "stolen s", "grader MiB", "kernels MiB")
    print(" " * 18 + "".join(f"{one:>12}" for one in head))
    for way, seconds in each.items():
        used, stolen = median(way, "cpu") / count, median(way, "stolen") / count
        grader, kernels = (median(way, what) / 2**20 for what in ("grader", "kernels"))
        numbers = f"{seconds:>12.3f}{seconds / each[ALL]:>12.2f}{used:>12.2f}{stolen:>12.2f}"
        print(f"{way:<18}{numbers}{grader:>12.0f}{kernels:>12.0f}", flush=True)
    return each


def main():
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="4 submissions each, one round")
    parser.add_argument("--only", choices=("cnn_layers", "convolution"), help="one unit")
    parser.add_argument("--floor", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        topic, root, at_once = options.floor
        run_floor(topic, root, int(at_once))
        return
    topics = [options.only] if options.only else ["cnn_layers", "convolution"]
    for topic in topics:
        each = measure(topic, 4 if options.small else 30, 1 if options.small else 2)
    if topic == "convolution" and not options.small:
        large = measure(topic, 300, 1, {way: WAYS[way] for way in WAYS if way not in LEFT_OUT})
        print("\n300 against 30, seconds per submission")
        for way, seconds in large.items():
            print(f"{way:<18}{seconds / each[way]:>9.2f}")


if __name__ == "__main__":
    main()
