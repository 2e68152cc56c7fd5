"""A kernel that something outside of its walls ends is no student's doing, and costs nobody."""

from dataclasses import replace

import nbformat
import pytest
from support.course import COURSE, automatic
from support.patience import PATIENT

from autograder.engine.grade import grade
from autograder.engine.reading.intake import HandedIn
from autograder.engine.walls import warm
from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.processes import descendants, kill
from autograder.engine.walls.sandbox import BUBBLEWRAP, FENCE
from autograder.engine.walls.started import Started
from autograder.engine.walls.warm import preloaded
from autograder.release.in_memory import unit_from_source
from autograder.submissions import fill, released, solutions

UNIT = COURSE.unit("convolution")
MESSAGES = {"first cell": 2, "later cell": 9, "an answer is judged": 60}


@pytest.fixture(scope="module")
def unit():
    return unit_from_source(COURSE, UNIT)


@pytest.fixture(scope="module")
def full():
    """A file with all the right answers."""
    text = nbformat.writes(fill(released(COURSE, UNIT), solutions(UNIT)))
    return HandedIn(UNIT.file, text.encode())


@pytest.fixture(autouse=True)
def no_template_stays():
    yield
    warm.close_templates()


def with_the_template(kernel):
    """End the process that it was forked from; where it is a cold one, its sandbox."""
    if type(kernel.started) is not Started and warm._templates:
        for template in warm._templates.values():
            template.process.kill()
            template.process.wait()
    else:
        kill(kernel.pid)


def with_its_first_process(kernel):
    kill(kernel.pid)


@pytest.fixture
def ends(monkeypatch):
    """Let something end kernels: (how, before which message to a kernel, how many of them)."""
    send = Kernel.send

    def set_up(how, message, kernels=1):
        seen = []

        def counted(kernel, *arguments):
            kernel.messages = getattr(kernel, "messages", 0) + 1
            if kernel.messages == message and len(seen) < kernels:
                seen.append(kernel)
                below = descendants(kernel.pid)
                how(kernel)
                for one in below:
                    kill(one)
            send(kernel, *arguments)

        monkeypatch.setattr(Kernel, "send", counted)
        return seen

    return set_up


WAYS = [
    ("template", with_the_template, BUBBLEWRAP, preloaded(())),
    ("warm", with_its_first_process, BUBBLEWRAP, preloaded(())),
    ("cold", with_its_first_process, BUBBLEWRAP, ()),
    ("fenced", with_its_first_process, FENCE, ()),
]


def graded(full, unit, walls, preload):
    """The `Result` of the right answers."""
    return grade(full, unit, 1, replace(unit.settings(PATIENT, preload), walls=walls))


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize(
    ("how", "walls", "preload"), [one[1:] for one in WAYS], ids=[w[0] for w in WAYS]
)
def test_submission_is_graded_again_and_gets_its_points(
    unit, full, ends, how, walls, preload, message
):
    seen = ends(how, message)
    result = graded(full, unit, walls, preload)
    points = automatic(COURSE, UNIT)
    assert len(seen) == 1
    assert {question: result.scores[question] for question in points} == points
    assert result.notes == []
    assert not result.failed


@pytest.mark.parametrize("kernels", [2, 99])
def test_what_is_lost_again_is_no_result(unit, full, ends, kernels):
    seen = ends(with_the_template, MESSAGES["later cell"], kernels)
    result = graded(full, unit, BUBBLEWRAP, preloaded(()))
    assert len(seen) == 2
    assert result.failed
    assert "something outside of the walls ended" in result.notes[0]
