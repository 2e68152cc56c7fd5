"""Which room imports which: the page says it, the code does it, and some arrows may never be."""

import re
import shutil
from graphlib import CycleError, TopologicalSorter
from importlib.util import module_from_spec, spec_from_file_location
from xml.etree import ElementTree

import pytest
from support.course import ROOT


def load(name):
    spec = spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWN = load("draw_architecture")
FOUND = DRAWN.arrows(ROOT)
ENGINE = {room for room in DRAWN.ROOMS if "engine" in room}
STUDENTS = {DRAWN.room_of(name) for name in DRAWN.modules(ROOT) if name.startswith("coursekit")}


def test_page_and_picture_show_the_imports_of_the_code():
    text = DRAWN.PAGE.read_text(encoding="utf-8")
    assert DRAWN.page(text, FOUND) == text, "run docs/draw_architecture.py"
    assert DRAWN.picture(FOUND) == DRAWN.PICTURE.read_text(encoding="utf-8")
    assert f"]({DRAWN.PICTURE.name})" in text


def test_rooms_form_no_circle_and_every_arrow_points_down():
    list(TopologicalSorter(FOUND).static_order())
    rows = {room: row for room, (_, _, row, _) in DRAWN.ROOMS.items()}
    for room, targets in FOUND.items():
        for to in targets:
            assert rows[room] < rows[to], (room, to)


def test_every_module_that_a_room_names_exists():
    named = {name for names, *_ in DRAWN.ROOMS.values() for name in names}
    assert named <= DRAWN.modules(ROOT).keys()


def test_students_side_knows_nothing_of_the_instructors():
    for room in STUDENTS:
        assert FOUND[room] <= STUDENTS, room


def test_engine_knows_no_course_no_test_and_no_mistake():
    for room in ENGINE:
        assert FOUND[room] <= ENGINE | {"checks/core.py"}, room
    assert FOUND["engine/inside/"] == set()


def copied_packages(folder):
    for name in ("autograder", "coursekit"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    return folder


NEW = {  # where, what is written there: the arrow that it makes
    ("engine/run", "from autograder.hidden import rules"): ("engine/", "hidden/"),
    ("engine/walls/views", "import autograder.course"): ("engine/walls/", "the course"),
    ("report/rows", "def f():\n    import autograder.cli"): ("report/", "the command"),
    ("../coursekit/plots", "from coursekit.widgets import convolution"): ("coursekit", "widgets/"),
}


@pytest.mark.parametrize(("path", "line"), NEW, ids=lambda text: text.split()[0])
def test_new_import_between_rooms_is_a_new_arrow(tmp_path, path, line):
    project = copied_packages(tmp_path)
    assert DRAWN.arrows(project) == FOUND
    with open(project / f"autograder/{path}.py", "a", encoding="utf-8") as file:
        file.write(f"\n\n{line}\n")
    found = DRAWN.arrows(project)
    room, to = NEW[path, line]
    assert found[room] - FOUND[room] == {to}
    text = DRAWN.PAGE.read_text(encoding="utf-8")
    assert DRAWN.page(text, found) != text


def test_circle_cannot_be_drawn():
    with pytest.raises(CycleError):
        DRAWN.without_detours({"a": {"b"}, "b": {"a"}})


def test_detours_are_left_out_of_the_picture_only():
    found = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert DRAWN.without_detours(found) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_picture_is_valid_and_its_boxes_hold_apart():
    tree = ElementTree.parse(DRAWN.PICTURE).getroot()
    texts = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert set(DRAWN.ROOMS) <= set(texts)
    boxes = [(column, row) for _, column, row, _ in DRAWN.ROOMS.values()]
    for number, (column, row) in enumerate(boxes):
        for other_column, other_row in boxes[:number]:
            apart = abs(column - other_column) * DRAWN.PITCH_X >= DRAWN.WIDTH
            assert row != other_row or apart
    assert not re.search(r"\d\.\d{3}", DRAWN.PICTURE.read_text(encoding="utf-8")), "no noise"
