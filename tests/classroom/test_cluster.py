"""A class on a Dask cluster of two hosts: the same scores, hosts that die, Ctrl-C.

The cluster is a real one: its processes are started by the documented commands, each host with an
address and a working folder of its own.
"""

import shutil
import signal
import subprocess
import sys
from contextlib import nullcontext

import nbformat
import pytest
from support import class_runs
from support.class_runs import CHOICE, results, task
from support.cluster import LOOPBACK, Cluster, Host, may_make_namespaces, namespaces
from support.course import copy_course, students_of
from support.gradebooks import ASSIGNMENT, hand_in, keys, tables
from support.patience import wait_until

from autograder.classroom.grading import grade_students
from autograder.classroom.pools import ClusterPool, LocalPool
from autograder.course import Course, CourseError
from autograder.release.recorded import ensure_released
from autograder.sample_class import make_sample_class

pytestmark = pytest.mark.thorough  # processes that import dask, and then what grading needs

STUDENTS = [f"student_{number:02}" for number in range(12)]
STOPPED = 2  # exit codes
INTERRUPTED = 130


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A course with unit 01 released, nothing handed in."""
    course = copy_course(tmp_path_factory.mktemp("template"))
    ensure_released(course, course.unit(ASSIGNMENT))
    return course


@pytest.fixture
def copies(template, tmp_path):
    """Makes courses like the template: the same ids in the gradebook."""

    def copy(name):
        shutil.copytree(template.root, tmp_path / name)
        return Course(tmp_path / name)

    return copy


def start(course, address, host=Host("127.0.0.1"), options=()):  # noqa: B008
    """Start `autograder grade` on a host."""
    command = [sys.executable, "-m", "autograder.cli", "grade", "--scheduler", address, *options]
    pipe = subprocess.PIPE
    return host.popen(command, cwd=course.root, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("kind", ["addresses", "namespaces"])
def test_two_hosts_give_the_scores_of_one(copies, tmp_path, kind):
    if kind == "namespaces" and not may_make_namespaces():
        pytest.skip("needs root and iproute2")
    here, there = copies("here"), copies("there")
    for course in (here, there):
        make_sample_class(course, course.unit(ASSIGNMENT))
        shutil.rmtree(course.folder("submitted") / "sample_never_ends")
    students = students_of(here, here.unit(ASSIGNMENT))
    with LocalPool(2) as pool:
        list(grade_students(here, here.unit(ASSIGNMENT), students, CHOICE, pool))
    lan = namespaces(3) if kind == "namespaces" else nullcontext(LOOPBACK)
    with lan as hosts, Cluster(tmp_path, hosts) as cluster:
        idle = [cluster.processes_of(host) for host in hosts[1:]]
        options = ["--quiet", "--seed", str(CHOICE.seed)]
        run = start(there, cluster.address, hosts[0], options)
        _, told = run.communicate(timeout=120)
        busy = [cluster.processes_of(host) for host in hosts[1:]]
    assert run.returncode == 3, told  # there are notes
    assert told == ""
    assert tables(there) == tables(here)
    assert any("'auto_score': 3.0" in row for row in tables(here)["grade"])
    assert all(more > few for few, more in zip(idle, busy, strict=True)), "one had nothing to do"


def test_host_that_dies_costs_no_submission(copies, tmp_path):
    undisturbed, course = copies("undisturbed"), copies("course")
    for one in (undisturbed, course):
        for student in STUDENTS:
            hand_in(one, one.unit(ASSIGNMENT), student)
    unit = course.unit(ASSIGNMENT)
    with LocalPool(1) as pool:
        list(grade_students(undisturbed, unit, STUDENTS, CHOICE, pool, class_runs.note))
    with Cluster(tmp_path) as cluster, ClusterPool(cluster.address) as pool:
        found = []
        for outcome in grade_students(course, unit, STUDENTS, CHOICE, pool, class_runs.note):
            found.append(outcome)
            if len(found) == 3:
                cluster.kill(LOOPBACK[2])
    assert sorted(one.student for one in found) == STUDENTS
    assert all(one.result.notes == [f"of {one.student}"] for one in found)
    assert tables(course) == tables(undisturbed)
    assert keys(course) == keys(undisturbed)


def half_done(course, cluster):
    """A run that has recorded the first of two submissions and is busy with the other one."""
    unit = course.unit(ASSIGNMENT)
    for student in STUDENTS[:2]:
        hand_in(course, unit, student)
    path = course.notebook("submitted", unit, STUDENTS[1])
    nb = nbformat.read(path, as_version=4)
    nb.cells.insert(0, nbformat.v4.new_code_cell("import time\ntime.sleep(600)"))
    nbformat.write(nb, path)
    run = start(course, cluster.address)
    wait_until(lambda: STUDENTS[0] in keys(course))
    return run


def test_scheduler_that_dies_ends_the_run_and_the_next_one_goes_on(copies, tmp_path):
    course = copies("course")
    with Cluster(tmp_path) as cluster:
        run = half_done(course, cluster)
        cluster.kill(LOOPBACK[0])
        _, told = run.communicate(timeout=60)
        assert run.returncode == STOPPED, told
        assert told.splitlines() == [
            f"autograder: the scheduler at {cluster.address} was lost; what was done is recorded",
            "  start it and its workers, and run the same command again",
        ]
        assert list(keys(course)) == STUDENTS[:1]
        graded = course.notebook("autograded", course.unit(ASSIGNMENT), STUDENTS[0])
        before = graded.stat().st_mtime_ns
        for host in LOOPBACK[1:]:
            cluster.kill(host)
        cluster.start_scheduler()
        cluster.start_workers()
        hand_in_again(course, STUDENTS[1])
        again = start(course, cluster.address)
        _, told = again.communicate(timeout=60)
        assert again.returncode == 0, told
        assert list(keys(course)) == STUDENTS[:2]
        assert graded.stat().st_mtime_ns == before, "it was graded again"


def test_scheduler_that_dies_while_nothing_is_under_way_is_told_at_the_next_task(tmp_path):
    with Cluster(tmp_path) as cluster, ClusterPool(cluster.address) as pool:
        assert pool.submit(int, "3").result() == 3
        cluster.kill(LOOPBACK[0])
        wait_until(lambda: pool.client.status != "running")
        with pytest.raises(CourseError, match=f"the scheduler at {cluster.address} was lost"):
            results(pool, [task("ada")])
        pool.counted = 0
        with pytest.raises(CourseError, match="was lost"):
            pool.in_flight  # noqa: B018


def hand_in_again(course, student):
    shutil.rmtree(course.folder("submitted") / student)
    hand_in(course, course.unit(ASSIGNMENT), student)


def test_ctrl_c_ends_a_run_on_a_cluster_and_keeps_what_is_done(copies, tmp_path):
    course = copies("course")
    with Cluster(tmp_path) as cluster:
        run = half_done(course, cluster)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
        assert run.returncode == INTERRUPTED, told
        assert told == "autograder: stopped; what was graded before is recorded\n"
        assert list(keys(course)) == STUDENTS[:1]
