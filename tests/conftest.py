"""Fixtures: the course, copies of it to grade in, and a graded sample class."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from support.course import UNITS, copy_course, page_of
from support.patience import PATIENCE
from support.tiers import LeftOut, mark_unit, parameters, register_units, topic_of

from autograder.classroom.grading import grade_students
from autograder.engine.walls import tiers
from autograder.engine.walls.sandbox import SandboxError
from autograder.release.recorded import ensure_released
from autograder.report.pages import write_feedback
from autograder.report.rows import rows
from autograder.sample_class import make_sample_class
from autograder.submissions import bank_of

LONGEST = (  # groups of tests
    "test_hostile",
    "test_release-mnist_training",
    "test_real_files",
    "test_mistakes-mnist_training",
    "test_project-feature_visualization",
    "test_platforms",
    "test_kernel",
)


def pytest_configure(config):
    register_units(config)
    config.pluginmanager.register(LeftOut(config))


@pytest.hookimpl(tryfirst=True)  # before pytest and xdist read the marks
def pytest_collection_modifyitems(items):
    """In parallel, the tests of a file that are about one unit share a process and its fixtures.

    The longest groups start first, or a process would wait for another at the end.
    """
    for item in items:
        mark_unit(item)
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: not _group(item).startswith(LONGEST))


def _group(item):
    topic = topic_of(item)
    return item.path.stem + (f"-{topic}" if topic else "")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or fills the cache folders of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("COURSE_DATA", "TORCH_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", params=UNITS, ids=lambda unit: unit.topic)
def unit(request):
    """Each unit in turn."""
    return request.param


@pytest.fixture
def empty_course(tmp_path):
    """A copy of the course without any work."""
    return copy_course(tmp_path)


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    """A copy of the course with every unit released, nothing graded."""
    copied = copy_course(tmp_path_factory.mktemp("released"))
    for one in copied.units:
        ensure_released(copied, one)
    return copied


@pytest.fixture(scope="session")
def graded_class(request, tmp_path_factory, unit):
    """The sample class, graded by us, with feedback pages; `row` finds a student's row.

    The whole class where a test of this run uses `whole_class`; elsewhere nobody waits for what
    never ends, and there are few typical mistakes: `test_mistakes.py` tries them all.
    """
    asking = [item for item in request.session.items if "whole_class" in item.fixturenames]
    whole = any(parameters(item)["unit"] == unit for item in asking)
    copied = copy_course(tmp_path_factory.mktemp("graded"))
    one = copied.unit(unit.assignment)
    copied.config.Grading.cell_seconds = PATIENCE
    copied.config.Grading.notebook_seconds = 10 * PATIENCE
    copied.config.Grading.own_seconds = 10 * PATIENCE
    left_out = () if whole else ("never_ends", *bank_of(one).typical[2:])
    left_out = {f"sample_{name}" for name in left_out}
    students = [name for name in make_sample_class(copied, one) if name not in left_out]
    for outcome in grade_students(copied, one, students):
        write_feedback(copied, one, outcome.student)
    table = {row.student: row for row in rows(copied, one, students)}
    return SimpleNamespace(
        course=copied,
        unit=one,
        whole=whole,
        table=table,
        row=lambda name: table[f"sample_{name}"],
        page=lambda name: page_of(copied, one, f"sample_{name}"),
    )


@pytest.fixture
def whole_class(graded_class):
    """The graded class with all its members."""
    return graded_class


@pytest.fixture
def shown(monkeypatch):
    """Figures as they were at the moment of plt.show()."""
    figures = []

    def show():
        figure = plt.gcf()
        figure.canvas.draw()
        figures.append(figure)

    monkeypatch.setattr(plt, "show", show)
    yield figures
    assert plt.get_fignums() == [], "a figure was left open"


@pytest.fixture
def no_walls(monkeypatch):
    """A host where no sandbox can be made."""

    def no(self):
        raise SandboxError("bubblewrap is not installed")

    for backend in tiers.STRONGEST_FIRST:
        monkeypatch.setattr(type(backend), "ensure", no)
    tiers.forget()
    yield
    tiers.forget()
