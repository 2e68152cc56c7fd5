"""The hostile collection against the real engine, graded as one class.

What stock nbgrader made of each submission stands in its module as PLAIN.
"""

import base64
import contextlib
import hashlib
import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import NamedTuple

import nbformat
import pytest
from hostile.submissions import NOTEBOOK, collection
from nbconvert import HTMLExporter
from support.course import automatic, copy_course, page_of
from support.samples import chosen

from autograder.classroom.collection import Collection
from autograder.classroom.record import record
from autograder.course import Course
from autograder.engine.grade import grade
from autograder.engine.limits import MIB, Limits
from autograder.engine.reading.inert import JOINER, plain
from autograder.engine.reading.pictures import showable
from autograder.engine.walls.processes import descendants
from autograder.engine.walls.warm import preloaded
from autograder.release.recorded import released_unit
from autograder.report.pages import write_feedback
from autograder.report.rows import rows
from autograder.submissions import fill, released, solutions

HOSTILE = collection()
# In warm kernels everything is tried. In cold ones what brings code of its own: what becomes of
# damaged files and notebooks is decided before there is a kernel. The first tier tries there what
# a cold start may change.
WITH_CODE = [one for one in HOSTILE if one.answers or one.first_cell or one.last_cell]
ROUNDS = {"warm": HOSTILE, "cold": WITH_CODE}
PAIRS = [
    pytest.param(
        kind,
        one,
        marks=() if kind == "warm" or one.cold else pytest.mark.thorough,
        id=f"{kind}-{one.name}",
    )
    for kind, several in ROUNDS.items()
    for one in several
]
NEIGHBOUR = "zz_neighbour"
OF_A_TEMPLATE = 6  # files and processes: it is started with the first kernel, and now and then anew
# Shorter than an instructor's, so that what never ends doesn't keep the tests.
LIMITS = Limits(call_seconds=1.5, cell_seconds=6, notebook_seconds=60, memory=2048 * MIB)
MOST_SECONDS = 2 * LIMITS.notebook_seconds
MARKS = (b"hostile_survivor", b"/opt/kernel/")  # in the command lines of what is left


def graded_in_worker(root, student, unit, settings):
    """A `Result`, and what is known of this grader process behind it."""
    course = Course(root)
    handed, _ = Collection(course).find(student, course.unit(unit.assignment))
    result = grade(handed, unit, 1, settings)
    status = Path("/proc/self/status").read_text()  # getrusage's begins with the parent's
    memory = int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024
    return result, Grader(memory, len(os.listdir("/proc/self/fd")), len(descendants(os.getpid())))


class Grader(NamedTuple):
    """The most memory that it ever used, in MiB; how many files and processes it has now."""

    memory: float
    files: int
    processes: int


def files_of(folder):
    """{path: what is there} of all files below a folder, links and pipes unopened."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        regular = path.is_file() and not path.is_symlink()
        found[str(path)] = hashlib.md5(path.read_bytes()).hexdigest() if regular else "special"
    return found


def left_running():
    """Command lines of what was started in a sandbox and is still below us or has no parent."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile
                line = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                ours = parent <= 1 or int(entry.name) in descendants(os.getpid())
                found += [line] if ours and any(mark in line for mark in MARKS) else []
    return found


@pytest.fixture(scope="module")
def module_environment():
    """A monkeypatch for as long as the tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def batches(request, tmp_path_factory, module_environment):
    """A function from "warm" or "cold" to that round of what this run has chosen, graded once."""

    def of(kind):
        members = chosen(request.session, "hostile", batch=kind)
        return grade_round(tmp_path_factory, module_environment, kind, members)

    return cache(of)


@pytest.fixture(params=ROUNDS)
def batch(request, batches):
    """Each round in turn."""
    return batches(request.param)


def grade_round(tmp_path_factory, module_environment, kind, members):
    """These members and an innocent neighbour, graded in two processes, then recorded."""
    course = copy_course(tmp_path_factory.mktemp("hostile"))
    unit = course.unit("convolution")
    unit_released = released_unit(course, unit)
    stub, answers = released(course, unit), solutions(unit)
    for one in members:
        one.write(course.notebook("submitted", unit, one.name).parent, stub, answers)
    neighbour = course.notebook("submitted", unit, NEIGHBOUR)
    neighbour.parent.mkdir(parents=True)
    nbformat.write(fill(stub, answers), neighbour)
    names = [one.name for one in members] + [NEIGHBOUR]

    scratch = tmp_path_factory.mktemp("scratch")
    module_environment.setenv("TMPDIR", str(scratch))
    before = files_of(course.root)
    preload = preloaded(unit_released.imports, unit_released.rules) if kind == "warm" else ()
    settings = unit_released.settings(LIMITS, preload)
    spawned = multiprocessing.get_context("spawn")  # as small as an instructor's
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawned) as pool:
        waiting = {
            name: pool.submit(graded_in_worker, course.root, name, unit_released, settings)
            for name in names
        }
        done = {name: future.result() for name, future in waiting.items()}
    after = files_of(course.root)
    for name, (result, _) in done.items():
        record(course, unit, name, result)
    return SimpleNamespace(
        course=course,
        unit=unit,
        results={name: result for name, (result, _) in done.items()},
        graders=[grader for _, grader in done.values()],
        changed=[path for path in {**before, **after} if before.get(path) != after.get(path)],
        left_in_tmp=os.listdir(scratch),
        running=left_running(),
    )


def test_collection_is_large_and_says_what_plain_nbgrader_made_of_it():
    assert len(HOSTILE) >= 60
    assert [one.name for one in HOSTILE if len(one.plain) < 4] == []
    assert len({one.tries for one in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize(("batch", "hostile"), PAIRS, indirect=["batch"])
def test_submission_gets_what_its_answers_deserve(batch, hostile):
    points = automatic(batch.course, batch.unit)
    result = batch.results[hostile.name]
    scores = {question: result.scores[question] for question in points}
    assert scores == hostile.expected(points), (hostile.tries, result.notes, result.messages)
    assert all("\n" not in note and len(note) < 500 for note in result.notes)


def test_gradebook_holds_what_the_results_say(batch):
    for row in rows(batch.course, batch.unit, list(batch.results)):
        assert row.scores == batch.results[row.student].scores, row.student


def test_neighbour_keeps_full_marks(batch):
    points = automatic(batch.course, batch.unit)
    (row,) = rows(batch.course, batch.unit, [NEIGHBOUR])
    assert {question: row.scores[question] for question in points} == points
    assert row.notes == row.repairs == []


def test_no_file_of_the_course_was_touched(batch):
    assert batch.changed == []
    assert batch.left_in_tmp == []


def test_no_process_outlived_the_batch(batch):
    assert batch.running == []


def test_grader_stayed_small(batch):
    assert max(one.memory for one in batch.graders) < 500


def test_grader_keeps_nothing_of_one_submission_for_the_next(batch):
    """It has the files and processes after a hundred that it had after the first few.

    In between a fork bomb's may still be ending.
    """
    for kind in ("files", "processes"):
        counts = [getattr(one, kind) for one in batch.graders]
        assert abs(median(counts[:10]) - counts[-1]) <= OF_A_TEMPLATE, kind


def test_no_submission_takes_twice_the_limit_of_a_notebook(batch):
    taken = {name: result.seconds["total"] for name, result in batch.results.items()}
    assert {name: seconds for name, seconds in taken.items() if seconds > MOST_SECONDS} == {}


def test_graded_notebooks_hold_no_outputs_but_text_and_pictures(batch):
    for name in batch.results:
        for cell in graded_notebook(batch, name).cells:
            kinds = {kind for one in cell.get("outputs", []) for kind in one.get("data", {})}
            assert kinds <= {"text/plain", "image/png", "image/jpeg"}, (name, cell.id)


@pytest.mark.parametrize("batch", ["warm"], indirect=True)
@pytest.mark.parametrize(
    "hostile", [one for one in HOSTILE if one.name.startswith("scripts_")], ids=lambda one: one.name
)
def test_no_page_holds_an_element_of_a_student(batch, hostile):
    write_feedback(batch.course, batch.unit, hostile.name)
    pages = [page_of(batch.course, batch.unit, hostile.name)]
    pages += [HTMLExporter().from_notebook_node(graded_notebook(batch, hostile.name))[0]]
    for page in pages:
        elements = Elements()
        elements.feed(page)
        assert len(elements.seen) > 500
        assert [one for one in elements.seen if "hostile" in one or "example.org" in one] == []


@pytest.mark.parametrize("batch", ["warm"], indirect=True)
@pytest.mark.parametrize(
    "hostile",
    [one for one in HOSTILE if one.name.startswith(("says_", "pictures_", "formulas_"))],
    ids=lambda one: one.name,
)
def test_page_holds_what_a_student_says_in_frames_that_say_so(batch, hostile):
    write_feedback(batch.course, batch.unit, hostile.name)
    page = page_of(batch.course, batch.unit, hostile.name)
    assert plain(page) == page.replace(JOINER, "")
    frames = re.compile(r'(?s)<section [^>]*class="student-says".*?</section>')
    outside, number = frames.subn("", page)
    assert number > 20
    assert "hostile" not in outside
    inside = "".join(frames.findall(page))
    assert not re.search(r"<(svg|img src=.data:image/svg)", inside)
    said = re.sub(r'(?s)<div class="highlight.*?</div>|<pre>.*?</pre>', "", inside)
    assert not re.search(r"\\(def|let|newcommand|label|href|class)(?![A-Za-z])", said)
    assert not re.search(r"(\\(frac|sqrt|left|begin)[^\\]*){60}", said)
    pictures = re.findall(r"data:(image/\w+);base64,([^\"]*)", inside)
    sizes = [showable(form, base64.b64decode(data)) for form, data in pictures]
    assert all(len(data) < 400_000 for data, _ in sizes)
    assert sum(pixels for _, pixels in sizes) < 60_000_000


def graded_notebook(batch, name):
    folder = batch.course.folder("autograded") / name / batch.unit.assignment
    return nbformat.read(folder / NOTEBOOK, as_version=4)


class Elements(HTMLParser):
    """All that acts on a page, as text: tags with their attributes, scripts, styles."""

    def __init__(self):
        super().__init__()
        self.seen, self.inside = [], None

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        names = {name for name, _ in attrs}
        harmless_link = tag == "a" and names <= {"href", "class", "id"} and not self.acts(attrs)
        self.seen.append(tag if harmless_link else f"{tag} {attrs}")

    def acts(self, attrs):
        """Whether a link's address has a scheme other than the web's."""
        scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", dict(attrs).get("href") or "", re.IGNORECASE)
        return bool(scheme) and scheme[1].lower() not in ("http", "https", "mailto")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside in ("script", "style"):
            self.seen.append(data)
