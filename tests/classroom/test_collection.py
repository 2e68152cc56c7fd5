"""Which file of a student counts, wherever it lies, and what is never taken for one."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import datetime
from types import SimpleNamespace

import nbformat
import pytest
from support.course import COURSE, automatic, copy_course, graded_again, page_of, students_of
from support.gradebooks import keys
from support.layouts import LAYOUTS, NAME, NEW, OLD, TAKEN, UNIT, put, zipped

from autograder.classroom import collection
from autograder.classroom.collection import MAX_FILES, Collection
from autograder.classroom.grading import grade_students
from autograder.classroom.survey import surveyed
from autograder.cli import main
from autograder.course import CourseError
from autograder.engine.grade import ungraded
from autograder.engine.reading.files import MAX_ENTRIES, look
from autograder.engine.reading.intake import MAX_BYTES, MAX_NOTE, read_timestamp
from autograder.release.recorded import released_unit
from autograder.report.rows import rows
from autograder.submissions import fill, released, solutions

SOURCE = COURSE.unit("convolution")
STUB = nbformat.writes(released(COURSE, SOURCE))
FULL = nbformat.writes(fill(released(COURSE, SOURCE), solutions(SOURCE)))
OTHER = nbformat.writes(released(COURSE, COURSE.unit("filter_design")))
LATER = NEW + 100


@pytest.fixture
def home(empty_course):
    """The folder of a student, jane; empty."""
    folder = empty_course.folder("submitted") / "jane"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def find(empty_course):
    """What counts of jane, as it lies there now."""
    return lambda: Collection(empty_course).find("jane", empty_course.unit(UNIT)).handed


@pytest.fixture
def survey(empty_course):
    """Who handed in unit 01, as text what lies beside."""

    def look_through():
        found = surveyed(empty_course, [empty_course.unit(UNIT)])
        left = [f"{place}: {why}" for place, why in found.left]
        return next(iter(found.students.values())), left

    return look_through


def state(folder):
    """All below a folder, with times and contents."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = os.lstat(path)
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = status.st_mtime_ns, status.st_mode, hashlib.md5(data).hexdigest()
    return found


# --- honest layouts --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def layouts(tmp_path_factory):
    """A class with a student for each layout, graded."""
    course = copy_course(tmp_path_factory.mktemp("layouts"))
    unit, submitted = course.unit(UNIT), course.folder("submitted")
    for name, lay in LAYOUTS.items():
        lay(submitted / name, FULL, STUB)
    before, students = state(submitted), students_of(course, unit)
    list(grade_students(course, unit, students))
    table = {row.student: row for row in rows(course, unit, students)}
    return SimpleNamespace(course=course, unit=unit, table=table, before=before)


@pytest.mark.parametrize("name", LAYOUTS)
def test_right_answers_get_full_points_wherever_they_lie(layouts, name):
    row, points = layouts.table[name], automatic(layouts.course, layouts.unit)
    assert {question: row.scores[question] for question in points} == points
    assert sum(points.values()) == 22
    if name == "ordinary":
        assert row.notes == []
    else:
        assert row.notes[0].startswith(f'graded "{TAKEN[name]}"')


def test_students_are_those_of_the_folders_and_nobody_else(layouts):
    assert sorted(layouts.table) == sorted(LAYOUTS)


def test_what_lies_there_is_never_changed(layouts):
    assert state(layouts.course.folder("submitted")) == layouts.before


def test_files_left_out_are_named(layouts):
    (note,) = layouts.table["named_after_the_student_beside_the_untouched"].notes
    assert f'left out "{UNIT}/{NAME}" (without answers)' in note
    (note,) = layouts.table["newer_beside_an_older_one"].notes
    assert f'left out "{UNIT}/{NAME}" (an older one)' in note
    (note,) = layouts.table["folder_in_other_case"].notes
    assert f"for there is no {UNIT}/{NAME}" in note


def test_table_page_and_csv_of_a_student_with_a_folder_of_another_name(
    empty_course, home, monkeypatch, capsys
):
    put(home / "01_Convolution" / NAME, FULL)
    put(home / "report.pdf", "%PDF")
    monkeypatch.chdir(empty_course.root)
    code = main(["grade", "--assignment", "convolution", "--quiet"])
    told = capsys.readouterr().out
    assert code == 3  # there is a note
    assert 'jane: graded "01_Convolution/convolution.ipynb"' in told
    assert "not graded, in work/submitted:" in told
    assert '"jane/report.pdf": isn\'t a notebook' in told
    assert main(["feedback", "--assignment", "convolution"]) == 0
    assert "01_Convolution/convolution.ipynb" in page_of(empty_course, SOURCE, "jane")
    assert main(["export"]) == 0
    (record,) = csv.DictReader(io.StringIO((empty_course.root / "grades.csv").read_text()))
    assert (record["student_id"], record["raw_score"]) == ("jane", "22.0")
    assert main(["grade", "--assignment", "1", "--student", "jane", "--quiet"]) == 3
    assert "1 unchanged" not in capsys.readouterr().err


# --- which of several ------------------------------------------------------------------------


def test_newest_with_answers_counts_and_a_newer_one_without_does_not(home, find):
    put(home / UNIT / NAME, FULL, OLD)
    put(home / UNIT / "convolution (1).ipynb", FULL + " ", NEW)
    put(home / UNIT / "convolution (2).ipynb", STUB, LATER)
    assert find().data == (FULL + " ").encode()
    os.utime(home / UNIT / NAME, (LATER, LATER))
    assert find().data == FULL.encode()
    assert find().notes[0].startswith(f'graded "{UNIT}/{NAME}"; left out ')


def test_most_answers_count_whatever_the_times_of_the_copies_are(home, find):
    fewer = nbformat.writes(fill(released(COURSE, SOURCE), {"conv1d": solutions(SOURCE)["conv1d"]}))
    put(home / UNIT / NAME, FULL, OLD)
    put(home / UNIT / "convolution (1).ipynb", fewer, NEW)
    assert find().data == FULL.encode()
    left_out = f'left out "{UNIT}/convolution (1).ipynb" (with fewer answers)'
    assert find().notes == (f'graded "{UNIT}/{NAME}"; {left_out}',)


def test_ordinary_place_counts_among_equal_ones_of_one_time(home, find):
    put(home / UNIT / NAME, FULL)
    put(home / "copy" / NAME, FULL)
    assert find().notes == (f'graded "{UNIT}/{NAME}"; left out "copy/{NAME}" (as new)',)


def test_file_at_the_ordinary_place_needs_no_resemblance_to_be_graded(home, find):
    """One answer without the lesson is recognised as no unit's, but lies where it should."""
    one = nbformat.v4.new_code_cell(solutions(SOURCE)["conv1d"])
    short = nbformat.writes(nbformat.v4.new_notebook(cells=[one]))
    put(home / UNIT / NAME, short, OLD)
    alone = find()
    put(home / UNIT / "convolution (1).ipynb", STUB, NEW)
    assert find().data == alone.data == short.encode()
    assert "(without answers)" in find().notes[0]


def test_other_files_beside_change_nothing_and_cost_nothing(home, find, survey, monkeypatch):
    put(home / UNIT / NAME, FULL)
    alone = find()
    for beside in ("data/points.csv", "figure.png", "helpers.py", "timestamp.txt", "a.txt"):
        put(home / UNIT / beside, "1,2")
    put(home / "timestamp.txt", "2026-01-02 03:04:05 UTC")
    monkeypatch.setattr(Collection, "_recognised", lambda *_: pytest.fail("it was read"))
    assert find() == alone
    assert survey() == (["jane"], [])


def test_notebook_of_another_unit_beside_leaves_the_ordinary_one_as_it_is(home, find, survey):
    put(home / UNIT / NAME, FULL)
    alone = find()
    put(home / UNIT / "filter_design.ipynb", OTHER, NEW)
    put(home / UNIT / "shopping.ipynb", '{"cells": [{"source": "milk"}]}', NEW)
    assert find() == alone
    students, left = survey()
    assert students == ["jane"]
    assert left == [
        f"jane/{UNIT}/filter_design.ipynb: is of 02_filter_design",
        f"jane/{UNIT}/shopping.ipynb: isn't recognised as a unit's notebook",
    ]


def test_notebook_of_another_unit_in_a_units_folder_is_of_no_unit_there(home, find, survey):
    put(home / "02_filter_design" / NAME, FULL)
    assert survey() == ([], [])  # the run is about unit 01
    put(home / UNIT / "hw.ipynb", OTHER)
    assert (
        find().unreadable
        == f'no file {NAME} was handed in; "{UNIT}/hw.ipynb" is of 02_filter_design'
    )


def test_loose_notebooks_of_several_units_are_each_of_their_own(empty_course, home):
    put(home / NAME, FULL)
    put(home / "hw2.ipynb", OTHER)
    found = surveyed(empty_course, empty_course.units)
    handed = {unit.topic for unit, students in found.students.items() if students == ["jane"]}
    assert handed == {"convolution", "filter_design"}
    assert found.left == []


def test_without_any_notebook_the_note_says_what_lies_there(home, find):
    (home / UNIT).mkdir()
    assert find().unreadable == f"no file {NAME} was handed in"
    put(home / UNIT / "convolution.pdf", "%PDF")
    assert find().unreadable.endswith("; the folder holds 1 other files, none a notebook")
    put(home / UNIT / "convolution (1).ipynb", '{"cells": [')
    assert '"01_convolution/convolution (1).ipynb" isn\'t a notebook: broken' in find().unreadable


# --- what is graded again --------------------------------------------------------------------


def test_key_depends_on_the_file_that_is_taken(empty_course, home):
    unit = empty_course.unit(UNIT)
    released_to_them = released_unit(empty_course, unit)
    note = lambda task, _: ungraded(released_to_them, "a note", task.seed)  # noqa: E731

    def graded():
        return [one.unchanged for one in grade_students(empty_course, unit, ["jane"], grade=note)]

    put(home / "01_Convolution" / NAME, FULL)
    assert (graded(), graded()) == ([False], [True])
    first = keys(empty_course)
    put(home / "01_Convolution" / "newer.ipynb", FULL, NEW)  # the same bytes, another file
    assert (graded(), graded()) == ([False], [True])
    assert keys(empty_course) != first
    put(home / UNIT / NAME, FULL, LATER)
    assert (graded(), graded()) == ([False], [True])


def test_time_of_the_hand_in_is_the_outermost_folders(empty_course, home):
    unit = empty_course.unit(UNIT)

    def when():
        return read_timestamp(Collection(empty_course).find("jane", unit).folder)[0]

    put(home / "hw" / "hw" / NAME, FULL)
    put(home / "hw" / "hw" / "timestamp.txt", "2001-01-01 00:00:00 UTC")
    assert when() is None
    put(home / "hw" / "timestamp.txt", "2026-01-02 03:04:05 UTC")
    assert when() == datetime(2026, 1, 2, 3, 4, 5)
    put(home / UNIT / "timestamp.txt", "2026-02-02 00:00:00 UTC")
    assert when() == datetime(2026, 2, 2)
    (home / "timestamp.txt").write_text("2026-03-03 00:00:00 UTC")
    put(home / NAME, FULL, NEW)
    (home / UNIT / "timestamp.txt").unlink()
    assert when() == datetime(2026, 3, 3)


# --- who handed in ---------------------------------------------------------------------------


def test_no_student_is_invented_and_what_is_nobodys_is_told(empty_course, survey):
    submitted = empty_course.folder("submitted")
    put(submitted / "jane" / UNIT / NAME, FULL)
    for name in ("__MACOSX", ".hidden", "downloaded", UNIT, "Unit 1 - Convolution", "convolution"):
        put(submitted / name / UNIT / NAME, FULL)
    for name in (".DS_Store", NAME, "jane_convolution.ipynb", "class.zip"):
        put(submitted / name, FULL)
    put(submitted / "bob" / "photos" / "cat.jpg", "")
    put(submitted / "bob" / "notes.ipynb", "milk")
    students, left = survey()
    assert students == ["jane"]
    assert left == [
        ".hidden: isn't a student's folder",
        f"{UNIT}: isn't a student's folder",
        "Unit 1 - Convolution: isn't a student's folder",
        "__MACOSX: isn't a student's folder",
        "bob/photos: holds no notebook",
        "bob/notes.ipynb: isn't a notebook: broken JSON at line 1; ask for the file again",
        "class.zip: lies in no student's folder",
        "convolution: isn't a student's folder",
        f"{NAME}: lies in no student's folder",
        "downloaded: isn't a student's folder",
        "jane_convolution.ipynb: lies in no student's folder",
    ]


def test_many_things_left_make_a_few_lines(empty_course, monkeypatch, capsys):
    submitted = empty_course.folder("submitted")
    for number in range(30):
        put(submitted / f"loose {number:02}\x1b[31m\n.ipynb", "")
    monkeypatch.chdir(empty_course.root)
    assert main(["grade", "--assignment", "1"]) == 0
    told = capsys.readouterr().out
    assert '"loose 09 .ipynb": lies in no' in told.replace("[31m", "")
    assert "loose 10" not in told
    assert "and 20 more" in told
    assert "\x1b" not in told


@pytest.mark.parametrize("name", ["*", "a\nb", ".draft"])
def test_folder_of_an_unusable_name_is_refused_whatever_it_holds(empty_course, home, name):
    put(home / "hw" / NAME, FULL)
    put(home.parent / name / "hw" / NAME, FULL)
    found = surveyed(empty_course, [empty_course.unit(UNIT)])
    assert (list(found.students.values()), list(found.refused)) == ([["jane"]], [name])
    with pytest.raises(CourseError, match="give the folder another name"):
        surveyed(empty_course, [empty_course.unit(UNIT)], name)


@pytest.mark.thorough
def test_plain_nbgrader_takes_the_same_file_where_the_ordinary_one_is_there(
    empty_course, home, capfd
):
    """It doesn't come to see what lies in folders of other names; the page on files says so."""
    unit = empty_course.unit(UNIT)
    put(home / UNIT / NAME, STUB)
    put(home / UNIT / "convolution (1).ipynb", FULL)
    put(home.parent / "bob" / "hw" / NAME, FULL)
    for name in ("generate_assignment", "autograde"):
        command = [sys.executable, "-m", "nbgrader", name, UNIT]
        subprocess.run(command, cwd=empty_course.root, check=True, timeout=120)
    (plain,) = rows(empty_course, unit, ["jane"])
    ours = graded_again(empty_course, unit, "jane")
    assert (plain.scores, plain.notes) == (ours.scores, ours.notes)
    assert ours.total == 22
    assert not empty_course.notebook("autograded", unit, "bob").exists()


# --- hostile ---------------------------------------------------------------------------------


def assert_is_nobodys(find, survey):
    """Nothing but one line comes of what lies in jane's folder."""
    handed = find()
    assert handed.data == b""
    assert 0 < len(handed.unreadable) <= MAX_NOTE
    assert "\n" not in handed.unreadable
    students, left = survey()
    assert students == ["neighbour"]
    assert left
    return handed.unreadable


@pytest.fixture
def neighbour(home):
    """The notebook of another student."""
    path = home.parent / "neighbour" / UNIT / NAME
    put(path, FULL)
    return path


@pytest.mark.parametrize("name", ["convolution (1).ipynb", "hw/convolution.ipynb", "hw.zip"])
def test_link_to_a_neighbours_notebook_is_not_followed(home, find, survey, neighbour, name):
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).symlink_to(neighbour)
    assert "a link" in assert_is_nobodys(find, survey)


@pytest.mark.parametrize("name", ["hw", "deep/hw"])
def test_folder_that_is_a_link_is_not_entered(home, find, survey, neighbour, name):
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).symlink_to(neighbour.parent)
    assert find().unreadable.startswith(f"no file {NAME} was handed in")
    assert survey()[0] == ["neighbour"]


def test_students_folder_that_is_a_link_is_not_looked_through(home, find, survey, neighbour):
    home.rmdir()
    home.symlink_to(neighbour.parent.parent)
    assert "its folder jane is a link" in find().unreadable
    assert survey()[0] == ["jane", "neighbour"]  # who is told why there are no points


def test_pipe_and_socket_are_not_opened(home, find, survey, neighbour):
    os.mkfifo(home / "convolution (1).ipynb")
    os.mkfifo(home / "hw.zip")
    assert "a pipe" in assert_is_nobodys(find, survey)


def bomb():
    """A notebook that unpacks to more than may be read."""
    return zipped({NAME: FULL + " " * (3 * MAX_BYTES)})


def encrypted():
    data = bytearray(zipped({NAME: FULL}))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def packed_otherwise():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(NAME, FULL)
    return made.getvalue()


def damaged():
    data = bytearray(zipped({NAME: FULL}))
    data[1000:1100] = bytes(100)
    return bytes(data)


ZIPS = {
    "larger than 20 MiB": bomb,
    "it is encrypted": encrypted,
    "it isn't packed as zip files usually are": packed_otherwise,
    "it is damaged": damaged,
    "it isn't a whole zip file": lambda: zipped({NAME: FULL})[:-30],
    "it holds more than 1,000 files": lambda: zipped({f"{n}.txt": "" for n in range(1100)}),
    "holds no notebook": lambda: zipped({"hw.zip": zipped({NAME: FULL}), f"../{NAME}": FULL}),
}


@pytest.mark.parametrize("why", ZIPS)
def test_zip_that_asks_too_much_is_refused_with_a_reason(home, find, survey, neighbour, why):
    put(home / "hw.zip", ZIPS[why]())
    assert why in assert_is_nobodys(find, survey)


def test_zip_of_hundreds_of_bombs_costs_as_much_as_few(home, find, survey, neighbour):
    put(
        home / "hw.zip",
        zipped(
            {f"{n}.ipynb": " " * (MAX_BYTES + 1) for n in range(3)}
            | {f"more {n}.ipynb": "" for n in range(500)}
        ),
    )
    assert "larger than 20 MiB" in assert_is_nobodys(find, survey)
    assert any("was looked at" in line for line in survey()[1])


def test_thousands_of_files_are_looked_at_up_to_a_limit(home, find, survey):
    (home / "many").mkdir()
    for number in range(10 * MAX_ENTRIES):
        (home / "many" / f"{number}.ipynb").touch()
    assert len(look(home).candidates) < MAX_ENTRIES
    assert "was looked at" in find().notes[0]
    assert survey()[0] == []
    put(home / UNIT / NAME, STUB)
    assert "was looked at" in find().notes[0]
    put(home / UNIT / "convolution (1).ipynb", FULL)
    handed = find()
    assert handed.data == FULL.encode()
    assert "was looked at" in handed.notes[1]


LARGE = {
    "many bytes": lambda number: json.dumps({"cells": [], "pad": "x" * MAX_BYTES})[:MAX_BYTES],
    "many cells": lambda number: json.dumps(
        {"cells": [{"source": f"conv2d = {number + cell}"} for cell in range(1_900)]}
    ),
    "long cells": lambda number: json.dumps(
        {"cells": [{"source": f"conv2d = {number + cell}\n" * 2_000} for cell in range(30)]}
    ),
}


@pytest.mark.parametrize("what", LARGE)
def test_what_is_compared_of_a_student_has_a_limit(home, find, survey, monkeypatch, what):
    compared, real = [], collection.likeness

    def likeness(cells, reference):
        compared.append(sum(len(cell.source) + 1 for cell in cells))
        return real(cells, reference)

    monkeypatch.setattr(collection, "likeness", likeness)
    put(home / UNIT / NAME, FULL)
    for number in range(8):
        put(home / UNIT / f"convolution ({number}).ipynb", LARGE[what](10_000 * number))
    assert find().data == FULL.encode()
    assert sum(compared) < len(COURSE.units) * (collection.MAX_COMPARED + len(FULL))
    students, left = survey()
    assert students == ["jane"]
    assert len(left) > 2
    if what != "many bytes":
        assert any("more text of its own than is compared" in line for line in left)


def test_few_of_many_notebooks_are_opened(home, find, monkeypatch):
    opened, real = [], Collection._recognised
    monkeypatch.setattr(
        Collection, "_recognised", lambda *some: opened.append(some[1]) or real(*some)
    )
    for number in range(100):
        put(home / f"{number}.ipynb", "{}", NEW)
    put(home / "my convolution.ipynb", FULL)
    assert find().data == FULL.encode()
    assert len(opened) == MAX_FILES


def test_deep_folders_are_not_entered(home, find):
    put(home.joinpath(*"abcdefghijkl", NAME), FULL)
    assert "was looked at" in find().notes[0]
    put(home / UNIT / NAME, FULL)
    assert find().notes == ()


def test_names_that_act_make_one_line(home, find, survey):
    folder = os.fsdecode(b"\xff\x1b[2J\n") + "\u202e" * 20
    put(home / folder / f"{'long' * 50}.ipynb", FULL)
    (note,) = find().notes
    assert len(note) <= MAX_NOTE
    assert note.isprintable()
    assert survey()[0] == ["jane"]
    put(home / folder / "broken\n.ipynb", "{")
    (_, left) = survey()
    assert len(left) == 1


def test_file_that_is_exchanged_after_it_was_chosen_is_refused(home, find, neighbour, monkeypatch):
    path, choice = home / "hw.ipynb", collection._choice
    put(path, FULL)

    def exchange(*arguments):
        path.unlink()
        path.symlink_to(neighbour)
        return choice(*arguments)

    monkeypatch.setattr(collection, "_choice", exchange)
    assert "it is a link" in find().unreadable


def test_folder_that_may_not_be_read_is_told(home, find, monkeypatch):
    put(home / "hw" / NAME, FULL)
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("hw"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert find().unreadable.startswith(f"no file {NAME} was handed in")


def test_half_made_unit_keeps_nobody_from_being_graded(empty_course, home, find):
    unit = empty_course.notebooks / "06_draft"
    unit.mkdir()
    (unit / "draft.ipynb").write_text("{")
    put(home / NAME, FULL)
    assert find().data == FULL.encode()


def test_row_of_an_unreadable_hand_in_has_the_reason(empty_course, home):
    put(home / UNIT / "hw.zip", b"PK")
    row = graded_again(empty_course, empty_course.unit(UNIT), "jane")
    assert row.total == 0
    assert "it isn't a whole zip file" in row.notes[0]
