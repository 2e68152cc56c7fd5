"""The student version: one file that runs anywhere, gives nothing away, and never varies."""

import ast
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from support.alone import errors, printed, run_alone
from support.course import COURSE, ROOT, UNITS, copy_course
from support.tiers import thorough_for
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from autograder.course import Course, CourseError
from autograder.release import RELEASE_STEPS
from autograder.release.badges import AddBadges
from autograder.release.build import release, stale
from autograder.release.coursekit_cell import coursekit_cell, needed_modules
from autograder.release.figures import InlineFigures, MissingFigure
from autograder.release.leaks import CollectSecrets, LeakError, ScanForLeaks
from autograder.release.tidy import RunnableStubs
from autograder.submissions import released, solutions
from coursekit.checks.core import FORM_IS_RIGHT, PASSED

# --- self-contained ------------------------------------------------------------------------


@thorough_for("cnn_layers", "feature_visualization")  # which train nets
def test_released_notebook_alone_runs_top_to_bottom(unit, tmp_path):
    nb = run_alone(released(COURSE, unit), tmp_path)
    assert errors(nb) == []
    checks = [c for c in nb.cells if c.cell_type == "code" and c.source.startswith("checks.")]
    assert checks
    for cell in checks:
        name = re.match(r"checks\.(\w+)\(", cell.source)[1]
        assert printed(cell).strip() == f"{name}: not attempted yet", cell.id
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


@thorough_for("cnn_layers", "mnist_training", "feature_visualization")  # which train nets
def test_released_notebook_with_the_solutions_passes_every_visible_check(unit, tmp_path):
    nb = released(COURSE, unit)
    answers = solutions(unit)
    for cell in nb.cells:
        details = cell.metadata.get("nbgrader", {})
        if details.get("solution"):
            cell.source = answers[details["grade_id"].removeprefix("solution_")]
    nb = run_alone(nb, tmp_path)
    assert errors(nb) == []
    for cell in nb.cells:
        if cell.cell_type == "code" and cell.source.startswith("checks."):
            assert printed(cell).strip().endswith((PASSED, FORM_IS_RIGHT)), cell.id


def test_isolation_of_these_tests_is_real(tmp_path):
    tries = [
        "import coursekit",
        f"open({str(ROOT / 'README.md')!r})",
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
    ]
    nb = run_alone(new_notebook(cells=[new_code_cell(text) for text in tries]), tmp_path)
    assert [name for _, name, _ in errors(nb)] == [
        "ModuleNotFoundError",
        "PermissionError",
        "PermissionError",
    ]


def test_embedded_helpers_show_their_source_in_tracebacks(tmp_path):
    cells = [
        coursekit_cell(needed_modules(["from coursekit import pictures"])),
        new_code_cell("from coursekit import pictures\npictures.show_image('no image')"),
    ]
    nb = run_alone(new_notebook(cells=cells), tmp_path)
    (output,) = (o for o in nb.cells[1].outputs if o.output_type == "error")
    assert "coursekit/pictures.py" in "".join(output.traceback)


LEARNING = """
from coursekit import data, device, nets
nets.PICTURES = 64
device.device_toggle()
images, labels = data.mnist()
trained = nets.pretrained()
print(tuple(images.shape), trained.name, device.chosen_device())
"""


def test_device_data_and_nets_work_from_the_notebook_alone_without_network(tmp_path):
    cells = [coursekit_cell(needed_modules([LEARNING])), new_code_cell(LEARNING)]
    nb = run_alone(new_notebook(cells=cells), tmp_path)
    assert errors(nb) == []
    no_mnist, no_weights, last = printed(nb.cells[1]).splitlines()
    assert no_mnist.startswith("No MNIST here: ")
    assert no_weights.startswith("No weights of alexnet here: ")
    assert last.startswith("(1297, 1, 28, 28) small_net ")
    toggle = next(o.data for o in nb.cells[1].outputs if o.output_type == "display_data")
    assert "application/vnd.jupyter.widget-view+json" in toggle
    assert toggle["text/plain"].startswith("Training runs on ")
    assert list(tmp_path.iterdir()) == []


def test_modules_that_travel_are_the_needed_ones_only():
    names = list(needed_modules(["from coursekit.seeds import set_seed"]))
    assert names == ["coursekit", "coursekit.seeds"]
    names = needed_modules(["import coursekit.pictures as p"])
    assert {"coursekit.pictures", "coursekit.drawing", "coursekit.style"} <= set(names)
    assert "coursekit.widgets" not in names


@pytest.mark.parametrize("path", sorted((ROOT / "coursekit").rglob("*.py")), ids=str)
def test_coursekit_can_travel_and_knows_nothing_of_the_instructor(path):
    text = path.read_text()
    assert "'''" not in text
    assert "autograder" not in text
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports have no meaning in a notebook"


# --- nothing given away --------------------------------------------------------------------


def test_release_holds_no_solution_no_hidden_test_and_no_mark_scheme(unit):
    text = (ROOT / "release" / unit.assignment / unit.file).read_text()
    for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "MARK SCHEME", "autograder", str(ROOT)):
        assert word not in text


def build_with(course, change):
    """Release the first unit of a course after `change(notebook)`."""
    unit = course.units[0]
    nb = nbformat.read(unit.source, as_version=4)
    change(nb)
    nbformat.write(nb, unit.source)
    return release(course, unit)


LEAKS = {
    "a solution line in the lesson": new_code_cell(
        "if False:\n        full[n + k] += value * tap", id="planted"
    ),
    "an import of the hidden tests": new_code_cell("import autograder.hidden", id="planted"),
    "a path of this machine": new_markdown_cell(f"see {ROOT}/notebooks", id="planted"),
    "the instructor's name in metadata": new_code_cell(
        "1", id="planted", metadata={"tags": ["autograder"]}
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_planted_leak_stops_the_release_loudly(empty_course, leak):
    with pytest.raises(CourseError, match="would give away(.|\n)*'planted'"):
        build_with(empty_course, lambda nb: nb.cells.append(LEAKS[leak]))
    unit = empty_course.units[0]
    assert not (empty_course.root / "release" / unit.assignment / unit.file).exists()


def test_leaks_are_found_in_moved_and_reindented_lines():
    nb = new_notebook(
        cells=[
            new_code_cell(
                "### BEGIN SOLUTION\n    total = sum(window * kernel)\n### END SOLUTION",
                id="answer",
                metadata={"nbgrader": {"solution": True}},
            ),
            new_markdown_cell("Try:\n\n  total  =  sum(window * kernel)", id="hint"),
        ]
    )
    _, resources = CollectSecrets().preprocess(nb, {})
    nb.cells.pop(0)
    with pytest.raises(LeakError, match="'hint' holds a secret line of cell 'answer'"):
        ScanForLeaks().preprocess(nb, resources)


# --- the same bytes ------------------------------------------------------------------------


def test_committed_release_is_what_the_source_produces(unit):
    assert stale(COURSE, [unit]) == []


def test_rebuild_gives_the_same_bytes_elsewhere_and_from_a_saved_source(unit, empty_course):
    """JupyterLab writes other metadata and indents into the source; the release is the same."""
    one = empty_course.unit(unit.assignment)
    nb = nbformat.read(one.source, as_version=4)
    nb.metadata["language_info"] = {"name": "python", "version": "3.99", "mimetype": "x"}
    cell = next(cell for cell in nb.cells if cell.cell_type == "code")
    cell.metadata["collapsed"] = True
    cell.outputs = [nbformat.v4.new_output("stream", text="left over")]
    cell.execution_count = 7
    one.source.write_text(json.dumps(nb, indent=4))
    committed = ROOT / "release" / unit.assignment / unit.file
    assert release(empty_course, one).read_bytes() == committed.read_bytes()


@thorough_for(*(unit.topic for unit in UNITS[1:]))
def test_plain_nbgrader_makes_the_same_release(unit, empty_course):
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", unit.assignment],
        cwd=empty_course.root,
        check=True,
        capture_output=True,
    )
    assert stale(Course(empty_course.root), [empty_course.unit(unit.assignment)]) == []
    built = empty_course.root / "release" / unit.assignment / unit.file
    committed = ROOT / "release" / unit.assignment / unit.file
    assert built.read_bytes() == committed.read_bytes()


def test_stale_release_is_noticed(empty_course):
    unit = empty_course.units[0]
    shutil.copytree(ROOT / "release", empty_course.root / "release")
    assert stale(empty_course, [unit]) == []
    path = empty_course.root / "release" / unit.assignment / unit.file
    path.write_text(path.read_text().replace("Convolution", "Convulsion", 1))
    assert stale(empty_course, [unit]) == [unit]


def test_removed_question_with_grades_is_explained(released_course, tmp_path):
    copied = copy_course(tmp_path)
    shutil.copytree(released_course.root / "work", tmp_path / "work", dirs_exist_ok=True)
    unit = copied.units[0]
    with copied.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(unit.assignment, "ada")

    def remove_a_question(nb):
        nb.cells = [cell for cell in nb.cells if not cell.metadata.get("nbgrader", {}).get("grade")]

    with pytest.raises(CourseError, match="move work/gradebook.db"):
        build_with(copied, remove_a_question)


# --- the steps one by one ------------------------------------------------------------------


def test_steps_end_with_the_scan_and_save_hidden_tests_before_removing_them():
    names = [step.__name__ for step in RELEASE_STEPS]
    assert names[-1] == "ScanForLeaks"
    assert names.index("CollectSecrets") < names.index("ClearSolutions")
    assert names.index("SaveCells") < names.index("ClearHiddenTests")


def test_pictures_become_data_uris_and_missing_ones_are_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"png")
    resources = {"metadata": {"path": str(tmp_path)}}
    cell = new_markdown_cell("![a dot](a.png), ![a [1, 2]](a.png), ![b](https://example.org/b.png)")
    cell, _ = InlineFigures().preprocess_cell(cell, resources, 0)
    assert "![a dot](data:image/png;base64,cG5n)" in cell.source
    assert "![a [1, 2]](data:image/png;base64,cG5n)" in cell.source
    assert "https://example.org/b.png" in cell.source
    with pytest.raises(MissingFigure, match="no-such.png"):
        InlineFigures().preprocess_cell(new_markdown_cell("![x](no-such.png)"), resources, 0)
    with pytest.raises(MissingFigure, match="no alt text"):
        InlineFigures().preprocess_cell(new_markdown_cell("![](a.png)"), resources, 0)


def test_released_pictures_need_no_other_file(unit):
    for cell in released(COURSE, unit).cells:
        if cell.cell_type == "markdown":
            assert "/assets/" not in cell.source, cell.id
            for path in re.findall(r"!\[.*?\]\(([^)]*)\)", cell.source):
                assert path.startswith("data:image/")


@pytest.mark.parametrize(("repository", "cells"), [("", 0), ("ada/course", 1)])
def test_badges_appear_only_with_a_repository(repository, cells):
    step = AddBadges(config=Config({"AddBadges": {"repository": repository}}))
    resources = {"nbgrader": {"assignment": "01_convolution", "notebook": "convolution"}}
    nb, _ = step.preprocess(new_notebook(), resources)
    assert len(nb.cells) == cells
    if cells:
        place = "github/ada/course/blob/main/release/01_convolution/convolution.ipynb"
        assert place in nb.cells[0].source


def test_stub_of_a_value_runs_and_stub_of_a_function_raises():
    source = "a = None\n# YOUR CODE HERE\nraise NotImplementedError()"
    metadata = {"nbgrader": {"solution": True}}
    cell, _ = RunnableStubs().preprocess_cell(new_code_cell(source, metadata=metadata), {}, 0)
    assert cell.source == "a = None\n# YOUR CODE HERE"
    source = "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    cell, _ = RunnableStubs().preprocess_cell(new_code_cell(source, metadata=metadata), {}, 0)
    assert cell.source == source


def test_unit_names_may_be_short():
    for unit in UNITS:
        number = unit.assignment.partition("_")[0]
        for name in (unit.assignment, unit.topic, number, number.lstrip("0")):
            assert COURSE.unit(name) == unit


def test_nothing_of_the_grader_is_named_in_the_release(unit):
    assert "AUTOGRADER" not in json.dumps(released(COURSE, unit)).upper()
