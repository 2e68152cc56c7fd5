"""The class runner: dead workers, killed runs, changes, other executors, what is shown."""

import errno
import io
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime, timedelta
from pathlib import Path

import dask
import nbformat
import pytest
from distributed import LocalCluster
from rich.console import Console
from support import class_runs
from support.class_runs import CHOICE, name_of, results, task
from support.course import ROOT, copy_course
from support.gradebooks import ASSIGNMENT, hand_in, keys, tables
from support.patience import wait_until

from autograder.classroom.done import Done
from autograder.classroom.grading import Choice, Outcome, grade_students
from autograder.classroom.keys import sources_digest
from autograder.classroom.lock import only_run
from autograder.classroom.pools import ClusterPool, HerePool, LocalPool
from autograder.classroom.progress import Tally
from autograder.classroom.record import Unhurried, Writer
from autograder.classroom.runner import TOGETHER, Runner
from autograder.cli import main
from autograder.course import Course, CourseError
from autograder.engine.grade import failure, ungraded
from autograder.engine.walls.processes import descendants
from autograder.engine.walls.sandbox import SandboxError
from autograder.release.recorded import ensure_released, released_unit
from autograder.report.rows import questions
from autograder.sample_class import make_sample_class

STUDENTS = [f"student_{number:02}" for number in range(10)]
ROUNDS = 4  # of killing


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A course in which all `STUDENTS` handed in unit 01; nothing graded."""
    course = copy_course(tmp_path_factory.mktemp("class"))
    ensure_released(course, course.unit(ASSIGNMENT))
    for student in STUDENTS:
        hand_in(course, course.unit(ASSIGNMENT), student)
    return course


@pytest.fixture
def course(template, tmp_path):
    """A copy of the template."""
    shutil.copytree(template.root, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="module")
def unit_released(template):
    return released_unit(template, template.unit(ASSIGNMENT))


@pytest.fixture(scope="module")
def servers():
    """Starts processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["support.class_runs"])
    with pytest.MonkeyPatch.context() as patch:
        paths = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        context.Process(target=int).start()
    return context


@pytest.fixture
def graded(course, unit_released):
    """Grade the class without kernels and return the names of those that were graded."""
    unit = course.unit(ASSIGNMENT)

    def run(choice=CHOICE, grade=None, students=STUDENTS):
        grade = grade or (lambda task, _: ungraded(unit_released, "a note", task.seed))
        outcomes = list(grade_students(course, unit, students, choice, grade=grade))
        assert sorted(one.student for one in outcomes) == sorted(students)
        return [one.student for one in outcomes if not one.unchanged]

    return run


# --- workers that die ------------------------------------------------------------------------


def test_submission_that_kills_workers_twice_gets_zero_and_no_other_is_lost(
    unit_released, tmp_path
):
    tasks = [task(str(number)) for number in range(6)]
    tasks[1] = task("killer", b"die")
    tasks[4] = task("unlucky", f"die once {tmp_path}/died".encode())
    with LocalPool(2) as pool:
        found = results(pool, tasks, units={"unit": unit_released})
    assert len(found) == len(tasks)
    killer = found.pop("killer")
    assert "its worker died 2 times" in killer.notes[0]
    assert killer.scores == dict.fromkeys(unit_released.points, 0)
    assert not killer.failed  # it is recorded for good
    assert all(found[name] == name for name in found)


class BrokenPool(HerePool):
    """Its workers end as soon as they start."""

    broken = (BrokenProcessPool,)

    def submit(self, *_):
        raise BrokenProcessPool


def test_workers_that_cannot_start_are_nobodys_zero(unit_released):
    class DiesLater(BrokenPool):
        def submit(self, function, *arguments):
            return HerePool.submit(self, raise_broken)

    def raise_broken():
        raise BrokenProcessPool

    with pytest.raises(CourseError, match="end as soon as they start"):
        results(DiesLater(), [task("ada")], units={"unit": unit_released})


def test_suspect_never_runs_beside_others(unit_released):
    seen = []

    class Watching(HerePool):
        in_flight, broken = 3, (BrokenProcessPool,)

        def submit(self, function, *arguments):
            assert not any(attempt.alone for attempt in runner.flying.values())
            return super().submit(function, *arguments)

    def grade(one, unit=None):
        seen.append(one.student)
        if one.student == "x" and seen.count("x") != 2:
            raise BrokenProcessPool
        return None if one.student == "x" else one.student  # a new worker needs the unit

    runner = Runner(Watching(), {"unit": unit_released}, grade)
    found = [one.student for one, _ in runner.results(map(task, ["x", "1", "2", "3", "4"]))]
    assert sorted(found) == ["1", "2", "3", "4", "x"]
    assert seen.count("x") == 4


def test_who_was_beside_a_killer_may_die_once_without_it(unit_released):
    seen = []

    def grade(one, unit=None):
        seen.append(one.student)
        if one.student == "killer" or seen.count("unlucky") in (1, 2):
            raise BrokenProcessPool
        return one.student

    pool = HerePool()
    pool.in_flight, pool.broken = 2, (BrokenProcessPool,)
    found = results(pool, [task("killer"), task("unlucky")], grade, {"unit": unit_released})
    assert found["unlucky"] == "unlucky"
    assert "its worker died 2 times" in found["killer"].notes[0]


def test_pool_found_broken_while_sending_keeps_every_task():
    class BreaksLate(HerePool):
        in_flight, broken, calls = 4, (BrokenProcessPool,), 0

        def submit(self, function, *arguments):
            self.calls += 1
            if self.calls == 2:
                raise BrokenProcessPool
            return super().submit(function, *arguments)

    assert sorted(results(BreaksLate(), map(task, STUDENTS))) == STUDENTS


def test_host_that_cannot_run_kernels_is_tried_again_and_then_told():
    seen = []

    def refuses(one, _):
        seen.append(one.student)
        raise SandboxError("no walls here")

    with pytest.raises(CourseError, match="no walls here"):
        results(HerePool(), [task("ada")], refuses)
    assert seen == ["ada"] * 3


def test_error_of_ours_costs_that_one_and_is_no_final_result(unit_released):
    tasks = [task("ada"), task("bob", b"raise"), task("cleo")]
    found = results(HerePool(), tasks, units={"unit": unit_released})
    assert (found["ada"], found["cleo"]) == ("ada", "cleo")
    assert found["bob"].failed
    assert "ZeroDivisionError: of ours" in found["bob"].notes[0]


def test_only_as_many_tasks_are_read_as_there_is_room_for():
    class Roomy(HerePool):
        in_flight = 3

    read, most = [], 0
    tasks = (read.append(n) or task(str(n)) for n in range(40))
    for done, _ in enumerate(Runner(Roomy(), {}, name_of).results(tasks)):
        most = max(most, len(read) - done)
    assert most == Roomy.in_flight
    assert len(read) == 40


def test_results_that_are_there_together_come_in_the_order_of_the_class():
    class Roomy(HerePool):
        in_flight = len(STUDENTS)

    assert list(results(Roomy(), map(task, STUDENTS))) == STUDENTS


def test_results_that_came_while_others_were_recorded_come_together_and_none_waits():
    sent = {}

    def finish(*names):
        for name in names:
            sent[name].set_result(name)

    class Slow(HerePool):
        in_flight = 4

        def submit(self, _, one, unit):
            sent[one.student] = Future()
            if one.student == "d":
                finish("b")
            return sent[one.student]

    found, meanwhile = [], iter([("d", "c"), ("a",), ("e", "f"), ()])
    for group in Runner(Slow(), {}).groups(map(task, "abcdef")):
        found.append("".join(result for _, result in group))
        finish(*next(meanwhile))
    assert found == ["b", "cd", "a", "ef"]


def test_no_more_than_a_few_results_come_together():
    class Roomy(HerePool):
        in_flight = 3 * TOGETHER

    groups = Runner(Roomy(), {}, name_of).groups(task(str(n)) for n in range(4 * TOGETHER))
    assert [len(group) for group in groups] == [TOGETHER] * 4


def test_what_came_before_the_workers_were_lost_is_passed_on():
    class Lost(HerePool):
        in_flight = 3

        def submit(self, function, *arguments):
            if arguments[0].student != "b":
                return super().submit(function, *arguments)
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    groups = Runner(Lost(), {}, name_of).groups(map(task, "abc"))
    assert [result for _, result in next(groups)] == ["a"]
    with pytest.raises(CourseError, match="the workers were lost"):
        next(groups)


def test_released_unit_goes_to_a_worker_once():
    class Counting(HerePool):
        in_flight, units = 3, 0

        def submit(self, function, one, unit):
            self.units += unit is not None
            return super().submit(function, one, unit)

    known = set()

    def grade(one, unit):
        known.update([one.unit] if unit else [])
        return one.student if one.unit in known else None

    pool = Counting()
    assert len(results(pool, map(task, STUDENTS), grade, {"unit": "a unit"})) == len(STUDENTS)
    assert 1 <= pool.units <= pool.in_flight


# --- killed runs -------------------------------------------------------------------------------


def test_runner_killed_at_any_moment_goes_on_where_it_was(
    course, template, unit_released, tmp_path, servers
):
    shutil.copytree(template.root, tmp_path / "undisturbed")
    undisturbed = Course(tmp_path / "undisturbed")
    class_runs.grade_class(undisturbed.root, unit_released)

    delays = random.Random(7)
    recorded, graded = (course.work / name for name in ("recorded.log", "graded.log"))
    kept = set()
    for number in range(ROUNDS + 1):
        before = len(lines(graded))
        run = servers.Process(target=class_runs.grade_class, args=(course.root, unit_released))
        run.start()
        if number < ROUNDS:
            wait_until(lambda: len(lines(graded)) > before or not run.is_alive())  # noqa: B023
            time.sleep(delays.uniform(0, 0.15))
            run.kill()
        run.join()
        again = kept & set(lines(graded)[before:])
        assert not again, "a recorded result was made again"
        kept = set(lines(recorded))
    assert run.exitcode == 0
    assert len(lines(graded)) > len(STUDENTS), "no kill came between grading and recording"
    assert tables(course) == tables(undisturbed)
    assert files(course) == files(undisturbed)
    assert keys(course) == keys(undisturbed)


MOMENTS = {  # of a group: (the method that follows, how many groups the gradebook holds then)
    "between the files and the rows": (Writer, "_write_rows", 1),
    "in the transaction": (Unhurried, "conclude", 1),
    "before the keys": (Done, "add", 2),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_in_a_group_loses_nothing_that_was_reported(
    course, template, unit_released, tmp_path, servers, moment
):
    together = 4
    shutil.copytree(template.root, tmp_path / "undisturbed")
    undisturbed = Course(tmp_path / "undisturbed")
    class_runs.grade_class(undisturbed.root, unit_released)

    owner, name, groups = MOMENTS[moment]
    arguments = (course.root, unit_released, together, owner, name)
    run = servers.Process(target=class_runs.grade_class_until, args=arguments)
    run.start()
    run.join()
    assert run.exitcode == -signal.SIGKILL
    assert lines(course.work / "recorded.log") == STUDENTS[:together]
    assert list(keys(course)) == STUDENTS[:together]
    assert len(tables(course)["submitted_notebook"]) == groups * together
    texts = {path: text for path, text in files(course).items() if path.endswith(".ipynb")}
    assert texts.items() <= files(undisturbed).items(), "a file is half written"
    assert len(texts) == 2 * together

    class_runs.grade_class(course.root, unit_released, together)
    graded = lines(course.work / "graded.log")
    assert graded == [*STUDENTS[: 2 * together], *STUDENTS[together:]]
    assert tables(course) == tables(undisturbed)
    assert files(course) == files(undisturbed)
    assert keys(course) == keys(undisturbed)


def test_workers_end_with_a_runner_that_is_killed(servers):
    run = servers.Process(target=class_runs.wait_in_workers)
    run.start()
    wait_until(lambda: len(descendants(run.pid)) >= 2)
    # As soon as both sleep they have imported everything.
    workers = descendants(run.pid)
    run.kill()
    run.join()
    wait_until(lambda: not any(alive(worker) for worker in workers), 30)


def test_ctrl_c_keeps_what_is_done_and_ends_what_runs(course):
    unit = course.unit(ASSIGNMENT)
    for student in STUDENTS[2:]:
        shutil.rmtree(course.folder("submitted") / student)
    path = course.folder("submitted") / STUDENTS[1] / ASSIGNMENT / unit.file
    nb = nbformat.read(path, as_version=4)
    nb.cells.insert(0, nbformat.v4.new_code_cell("import time\ntime.sleep(600)"))
    nbformat.write(nb, path)
    command = [sys.executable, "-m", "autograder.cli", "grade", "--workers", "1"]
    pipe = subprocess.PIPE
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.Popen(
        command, cwd=course.root, stderr=pipe, stdout=pipe, text=True, env=environment
    )
    wait_until(lambda: STUDENTS[0] in keys(course))
    started = descendants(run.pid)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "stopped; what was graded before is recorded" in told
    assert "Traceback" not in told
    assert list(keys(course)) == [STUDENTS[0]]
    wait_until(lambda: not any(map(alive, started)), 30)


def test_second_runner_refuses_and_says_who_is_grading(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    with only_run(course):
        assert main(["grade"]) == 2
        assert f"process {os.getpid()} on" in capsys.readouterr().err
    assert keys(course) == {}


def test_lock_ends_with_its_process_and_its_file_stays(course, servers):
    run = servers.Process(target=class_runs.hold, args=(course.root,))
    run.start()
    wait_until((course.work / "held").exists)
    inode = (course.work / "grading.lock").stat().st_ino
    with pytest.raises(CourseError, match=f"process {run.pid} on"), only_run(course):
        pass
    run.kill()
    run.join()
    with only_run(course):
        assert f"{os.getpid()} on" in (course.work / "grading.holder").read_text()
    assert (course.work / "grading.lock").stat().st_ino == inode


def test_where_files_cannot_be_locked_there_is_no_run(course, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("fcntl.flock", flock)
    for _ in range(2):  # nothing is left that would look like a lock
        with pytest.raises(CourseError, match="can't be locked: .*not impl"), only_run(course):
            pass
    monkeypatch.undo()
    with only_run(course):
        pass


# --- what is graded again ----------------------------------------------------------------------


def test_only_what_changed_is_graded_again_and_force_grades_all(course, graded):
    unit = course.unit(ASSIGNMENT)
    assert graded() == STUDENTS
    assert graded() == []
    folders = {name: course.folder("submitted") / name / ASSIGNMENT for name in STUDENTS}
    with open(folders[STUDENTS[3]] / unit.file, "a") as file:
        file.write(" ")
    (folders[STUDENTS[5]] / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    (folders[STUDENTS[7]] / unit.file).unlink()
    shutil.rmtree(course.folder("autograded") / STUDENTS[9])
    with course.gradebook() as gradebook:
        gradebook.remove_submission(ASSIGNMENT, STUDENTS[1])
    assert graded() == [STUDENTS[number] for number in (1, 3, 5, 7, 9)]
    assert graded() == []
    assert graded(Choice(seed=5, force=True)) == STUDENTS


def test_seeds_limits_and_due_dates_are_part_of_the_key(course, graded):
    few = STUDENTS[:2]
    assert graded(students=few) == few
    assert graded(Choice(), students=few) == []  # any fresh seed is as good
    fixed = Choice(seed=5, fresh=False)
    assert graded(fixed, students=few) == few
    assert graded(fixed, students=few) == []
    course.config.Grading.cell_seconds = 7
    assert graded(fixed, students=few) == few
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2026, 1, 1))
    assert graded(fixed, students=few) == few
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, few[0])
        submission.extension = timedelta(days=1)
        gradebook.db.commit()
    assert graded(fixed, students=few) == few[:1]


def test_failure_of_the_autograder_is_not_done(graded, unit_released):
    few = STUDENTS[:2]
    fails = lambda task, _: failure(unit_released, OSError("no disk"), 1)  # noqa: E731
    assert graded(grade=fails, students=few) == few
    assert graded(students=few) == few
    assert graded(students=few) == []


CONCERNS = {
    "autograder/hidden/convolution.py": {"convolution"},
    "autograder/mistakes/filter_design.py": {"filter_design"},
    "coursekit/scenes.py": {"filter_design"},
    "coursekit/checks/core.py": "all",
    "autograder/hidden/__init__.py": "all",
    "autograder/engine/inside/server.py": "all",
    "autograder/report/table.py": set(),
    "autograder/classroom/runner.py": set(),
    "coursekit/widgets/convolution.py": set(),
}


def test_changed_source_changes_the_keys_of_the_units_it_judges(released_course, tmp_path):
    for name in ("autograder", "coursekit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    units = [released_unit(released_course, unit) for unit in released_course.units]
    digests = {unit.topic: sources_digest(unit) for unit in units}
    for file, concerned in CONCERNS.items():
        before = digests
        with open(tmp_path / file, "a") as changed:
            changed.write("# another version\n")
        digests = {unit.topic: sources_digest(unit, tmp_path) for unit in units}
        concerned = set(digests) if concerned == "all" else concerned
        assert {topic for topic in digests if digests[topic] != before[topic]} == concerned, file


# --- the same scores everywhere --------------------------------------------------------------


def test_scores_do_not_depend_on_workers_or_machines(tmp_path):
    course = copy_course(tmp_path)
    unit = course.unit(ASSIGNMENT)
    make_sample_class(course, unit)
    names = ("full_solution", "derivative_sign_flipped", "unreadable_file")
    students = [f"sample_{name}" for name in names]

    def scores(pool):
        outcomes = grade_students(course, unit, students, Choice(seed=3, force=True), pool)
        found = {one.student: (one.result.scores, one.result.messages) for one in outcomes}
        return {student: found[student] for student in students}

    expected = scores(HerePool())
    assert expected["sample_full_solution"][0]["conv1d"] == 2
    for workers in (1, 2):
        with LocalPool(workers) as pool:
            assert scores(pool) == expected
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),  # deaths of workers
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        ClusterPool(cluster.scheduler_address) as pool,
    ):
        assert scores(pool) == expected
        tasks = [task("ada"), task("killer", b"die"), task("bob")]
        released = {"unit": released_unit(course, unit)}
        found = results(pool, tasks, units=released)
        assert (found["ada"], found["bob"]) == ("ada", "bob")
        assert "its worker died" in found["killer"].notes[0]


def test_scheduler_that_does_not_answer_is_told(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("autograder.classroom.pools.JOIN_SECONDS", 1)
    assert main(["grade", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    told = capsys.readouterr().err
    assert "no scheduler answers at tcp://127.0.0.1:9" in told
    assert "dask scheduler" in told


# --- what is shown -----------------------------------------------------------------------------


def test_large_class_is_summed_up_and_its_table_comes_on_demand(
    course, graded, monkeypatch, capsys
):
    graded(Choice(seed=5))
    of_all = f"of {sum(questions(course, course.unit(ASSIGNMENT)).values()):g}"
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("autograder.verbs.LARGE", 5)
    assert main(["grade", "--assignment", "1"]) == 3
    out = capsys.readouterr().out
    assert f"{len(STUDENTS)}/{len(STUDENTS)}, {len(STUDENTS)} unchanged, 0 to look at" in out
    assert "slowest questions:" in out
    assert "derivative_mask" in out
    assert f"{STUDENTS[0]}: a note" in out
    assert "autograder grade --table" in out
    assert of_all not in out
    assert main(["grade", "--assignment", "1", "--table", "--quiet"]) == 3
    out = capsys.readouterr().out
    assert of_all in out
    assert "unchanged" not in out


def test_plain_lines_tell_rate_time_left_and_failures_now_and_then(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("autograder.classroom.progress.time.monotonic", lambda: clock[0])
    file = io.StringIO()
    with Tally(Console(file=file, width=200), "unit", 100) as tally:
        for _ in range(60):
            clock[0] += 0.5
            tally.add(Outcome("ada", problem="disk"))
        clock[0] += 1
    told = file.getvalue().splitlines()
    assert len(told) == 3
    assert told[0] == "unit so far: 21/100, 2/s, 0:40 left, 21 to look at"
    assert told[-1].startswith("unit stopped: 60/100")
    assert tally.problems[0] == "ada: disk"


@pytest.mark.parametrize("quiet", [True, False])
def test_terminal_has_one_live_bar_unless_quiet(quiet):
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True, color_system=None)
    with Tally(console, "unit", 2, quiet) as tally:
        tally.add(Outcome("ada"))
        tally.bar.refresh()
    assert ("━" in file.getvalue()) != quiet
    assert ("1/2, 1 unchanged" in file.getvalue()) != quiet


# --- helpers -----------------------------------------------------------------------------------


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def files(course):
    """{path: bytes} of all graded notebooks and times."""
    folder = course.folder("autograded")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
