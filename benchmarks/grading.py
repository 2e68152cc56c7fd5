"""The same class graded by plain nbgrader, by us with one worker and with all, and at the floor.

Peers: `nbgrader autograde` with its stock preprocessors, which runs the hidden tests inside each
student's kernel, and the floor: a warm process that forks for each submission and executes the
same cells, answers and tests in one namespace, with no sandbox, no kernel and no gradebook. Cells
that only a person looks at are left out of everybody's notebooks; our own way skips them anyway.

The class has the right answers and typical mistakes in turn. The ways take turns, in another order
in each round; printed are medians over the rounds. Seconds are those of the whole command, its
start included; those to the first result are counted to the first graded notebook on the disk. CPU
time is that of the whole machine, so nothing else should run on it; so is the time stolen by other
machines of the same host, which makes seconds long and CPU time not. Memory is the highest of
looks a second apart: shared pages count once. All ways have to give the same scores. At the end
stand the ratios of throughput, plain nbgrader's time over ours, and of time, ours over the floor's
with as many processes, the larger of the two units.

    .venv/bin/python benchmarks/grading.py --small     # 4 submissions each, one round
    .venv/bin/python benchmarks/grading.py             # 30 and 300 of unit 03 (torch) and of 01
    .venv/bin/python benchmarks/grading.py --only convolution
    .venv/bin/python benchmarks/grading.py --profile cnn_layers   # what one submission's time is
    .venv/bin/python benchmarks/grading.py --profile convolution --small     # the same of 3
"""

import argparse
import importlib
import json
import math
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
from nbgrader.utils import is_grade

from autograder.classroom.pools import usable_cores
from autograder.course import Course
from autograder.engine.cells import is_exploration
from autograder.engine.grade import grade_submission
from autograder.engine.seeds import seeded
from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.warm import preloaded
from autograder.release.build import release
from autograder.release.recorded import released_unit
from autograder.report.rows import rows
from autograder.settings import Grading
from autograder.submissions import bank_of, fill, released, solutions

ROOT = Path(__file__).resolve().parent.parent
CORES = usable_cores()
SEED = 1
LOOK_SECONDS = 1
PLAIN, ALL, FLOOR = "plain nbgrader", f"ours, {CORES} workers", f"floor, {CORES} processes"
UNITS = {"cnn_layers": "03", "convolution": "01"}
STOCK = """
import os
c = get_config()
c.CourseDirectory.course_id = "convnet_workbook"
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///" + os.path.join({root!r}, "work", "gradebook.db")
c.CourseDirectory.source_directory = "notebooks"
c.CourseDirectory.release_directory = "release"
for step in ("submitted", "autograded", "feedback", "solution"):
    setattr(c.CourseDirectory, step + "_directory", "work/" + step)
c.ExecutePreprocessor.timeout = 120
"""


# --- measuring a command -----------------------------------------------------------------------


@dataclass
class Cost:
    """What a command cost: seconds, CPU and stolen seconds of the machine, bytes at the peak.

    `first` is how long it took to the first result; NaN where none is written.
    """

    seconds: float
    first: float
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
    before, start, began = psutil.cpu_times(), time.perf_counter(), time.time()
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
    first = _first_result(course, began) - began
    return Cost(seconds, first, cpu, after.steal - before.steal, memory.grader, memory.kernels)


def _first_result(course, began):
    """When the first graded notebook was written after `began`; NaN where none was."""
    graded = course.folder("autograded").glob("*/*/*.ipynb")
    times = [path.stat().st_mtime for path in graded]
    return min((one for one in times if one >= began), default=math.nan)


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
    paths = sorted(course.folder("submitted").glob(f"*/{unit.assignment}/{topic}.ipynb"))
    for name in _imported_by(paths[0], tests):
        with suppress(Exception):
            importlib.import_module(name)
    running = 0
    for path in paths:
        if running == at_once:
            os.wait()
            running -= 1
        if os.fork() == 0:
            seconds = _execute(nbformat.read(path, as_version=4), tests)
            print(json.dumps(seconds), flush=True)
            os._exit(0)
        running += 1
    for _ in range(running):
        os.wait()


def _imported_by(path, tests):
    """Names of the modules that a notebook and its tests import on their way."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        before = set(sys.modules)
        _execute(nbformat.read(path, as_version=4), tests)
        os.write(writer, json.dumps(sorted(set(sys.modules) - before)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        names = json.loads(told.read())
    os.wait()
    return names


def _execute(notebook, tests):
    """Execute a notebook's cells; {id of the cell: seconds}."""
    names, seconds = {"__name__": "__main__"}, {}
    with seeded(SEED), redirect_stdout(StringIO()):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                question = cell.metadata.get("nbgrader", {}).get("grade_id")
                start = time.perf_counter()
                with suppress(Exception):
                    exec(tests.get(question, cell.source), names)
                seconds[cell.id] = time.perf_counter() - start
    return seconds


WAYS = {PLAIN: plain, "ours, 1 worker": ours(1), ALL: ours(CORES), "floor, 1 process": floor(1)}
WAYS[FLOOR] = floor(CORES)
MANY = {way: WAYS[way] for way in (ALL, FLOOR)}  # of a large class: others take too long


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
    stub.cells = [one for one in stub.cells if not is_exploration(one)]
    typical = [mistake for mistake in bank if mistake.name in bank.typical]
    variants = [answers] + [answers | {one.answer: one.cell()} for one in typical]
    texts = [nbformat.writes(fill(stub, variant)) for variant in variants]
    students = [f"s{number:05}" for number in range(count)]
    for number, student in enumerate(students):
        path = course.notebook("submitted", unit, student)
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
    head = ("s each", "x ours", "s to first", "cpu s", "stolen s", "grader MiB", "kernels MiB")
    print(" " * 18 + "".join(f"{one:>12}" for one in head))
    for way, seconds in each.items():
        used, stolen = median(way, "cpu") / count, median(way, "stolen") / count
        grader, kernels = (median(way, what) / 2**20 for what in ("grader", "kernels"))
        numbers = f"{seconds:>12.3f}{seconds / each[ALL]:>12.2f}{median(way, 'first'):>12.2f}"
        numbers += f"{used:>12.2f}{stolen:>12.2f}"
        print(f"{way:<18}{numbers}{grader:>12.0f}{kernels:>12.0f}", flush=True)
    return each


# --- what the time of one submission is ---------------------------------------------------------


def profile(topic, count):
    """Print what a submission's seconds go to, in one process, beside the floor's."""
    with tempfile.TemporaryDirectory() as folder:
        course, unit, students = make_course(folder, topic, count)
        released = released_unit(course, unit)
        settings = Grading(config=course.config).settings(released)
        paths = [course.notebook("submitted", unit, student) for student in students]
        grade_submission(paths[0], released, SEED, settings)  # warm
        results = [_timed(_graded, path, released, settings) for path in paths[1:]]
        starts = [_timed(_start_and_end, settings)[1] for _ in range(count)]
        command = [sys.executable, __file__, "--floor", topic, folder, "1"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    judged = {cell.id for cell in released.notebook.cells if is_grade(cell)}
    kernel = statistics.mean(starts)
    ours = _by_kind([seconds for seconds, _ in results], judged)
    ours[False] -= kernel  # the first cell waits for it
    floors = _by_kind([json.loads(line) for line in told.splitlines()[1:]], judged)
    rest = statistics.mean(seconds for _, seconds in results) - sum(ours.values()) - kernel
    print(f"\n{unit.assignment}: seconds of one submission, means of {count - 1}")
    print(f"{'':<40}{'ours':>8}{'floor':>8}")
    print(f"{'start and end of the kernel':<40}{kernel:>8.3f}{'-':>8}")
    print(f"{'cells: lesson, answers, public checks':<40}{ours[False]:>8.3f}{floors[False]:>8.3f}")
    print(f"{'hidden tests':<40}{ours[True]:>8.3f}{floors[True]:>8.3f}")
    print(f"{'reading, repairing, writing':<40}{rest:>8.3f}{'-':>8}")


def _timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def _graded(path, released, settings):
    """{id of the cell: seconds} of a submission; the first one's with its kernel's start."""
    result = grade_submission(path, released, SEED, settings).packed()
    return {cell: seconds for cell, seconds in result.seconds.items() if cell != "total"}


def _start_and_end(settings):
    with Kernel(settings):
        pass


def _by_kind(several, judged):
    """{whether it is a hidden test: mean seconds of a submission}."""
    return {
        kind: statistics.mean(
            sum(one for cell, one in seconds.items() if (cell in judged) is kind)
            for seconds in several
        )
        for kind in (False, True)
    }


def main():
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="few submissions, one round")
    parser.add_argument("--only", choices=list(UNITS), help="one unit")
    parser.add_argument("--profile", metavar="TOPIC", help="what one submission's time goes to")
    parser.add_argument("--floor", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        topic, root, at_once = options.floor
        run_floor(topic, root, int(at_once))
        return
    if options.profile:
        profile(options.profile, 3 if options.small else 12)
        return
    topics = [options.only] if options.only else list(UNITS)
    count, rounds = (4, 1) if options.small else (30, 2)
    each = {topic: measure(topic, count, rounds) for topic in topics}
    if not options.small:
        for topic in topics:
            _print_large(each[topic], measure(topic, 300, 1, MANY))
    for topic, seconds in each.items():
        print(f"ratio plain/ours unit {UNITS[topic]}: {seconds[PLAIN] / seconds[ALL]:.2f}")
    print(f"ratio ours/floor: {max(one[ALL] / one[FLOOR] for one in each.values()):.2f}")


def _print_large(each, large):
    print("300 against 30, seconds per submission")
    for way, seconds in large.items():
        print(f"{way:<18}{seconds / each[way]:>12.2f}")


if __name__ == "__main__":
    main()
