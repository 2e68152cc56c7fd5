"""Platforms where nothing can be graded: all other verbs work there, and grading says where."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from support.course import ROOT, copy_course, page_of

from autograder.classroom.grading import Choice, grade_students
from autograder.engine.grade import ungraded
from autograder.release.recorded import released_unit

VERBS = ["release", "grade", "try", "feedback", "export", "setup", "demo", "doctor"]


@pytest.fixture
def course(tmp_path):
    """A course whose only unit somebody handed in; it is graded, without a kernel."""
    course = copy_course(tmp_path)
    unit, *others = course.units
    for other in others:
        shutil.rmtree(other.source.parent)
    released = ROOT / "release" / unit.assignment / unit.file
    path = course.notebook("submitted", unit, "ada")
    path.parent.mkdir(parents=True)
    shutil.copy(released, path)
    one = released_unit(course, unit)
    grade = lambda task, _: ungraded(one, "ein Gruß: ∂²", task.seed)  # noqa: E731
    list(grade_students(course, unit, ["ada"], Choice(seed=1), grade=grade))
    return course


def run_elsewhere(platform, folder, *verbs):
    """[exit code, stdout, stderr] of each verb, as on `platform`."""
    command = [
        sys.executable,
        "-X",
        "warn_default_encoding",
        str(ROOT / "tests" / "support" / "elsewhere.py"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, platform, json.dumps(verbs)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("platform", ["win32", pytest.param("darwin", marks=pytest.mark.thorough)])
def test_verbs_without_kernels_work_and_grading_says_where_it_can_be_done(course, platform):
    unit = course.unit("1")
    verbs = [["--help"], *([verb, "--help"] for verb in VERBS)]
    verbs += [["release"], ["release"], ["release", "--check"]]
    verbs += [["feedback"], ["feedback"], ["export", "--to", "out.csv"]]
    found = run_elsewhere(platform, course.root, *verbs)
    assert [(code, err) for code, _, err in found] == [(0, "")] * len(verbs)
    name = f"{unit.assignment}/{unit.topic}.ipynb"
    built = course.folder("release") / name
    assert built.read_bytes() == (ROOT / "release" / name).read_bytes()
    assert "ein Gruß: ∂²" in page_of(course, unit, "ada")
    assert "ada" in (course.root / "out.csv").read_text(encoding="utf-8")

    handed_in = str(course.notebook("submitted", unit, "ada"))
    refused = [["grade"], ["grade", "--force"], ["grade", "--json", handed_in], ["try", handed_in]]
    for code, out, err in run_elsewhere(platform, course.root, *refused):
        assert code == 2
        assert out == "" or out.endswith("recognised\n")  # which needs no kernel
        assert err.startswith("autograder: grading needs Linux")
        assert "container" in err
        assert ("WSL" in err) or platform != "win32"
        assert "Traceback" not in err


@pytest.mark.thorough
def test_macos_grades_one_s_own_code_without_walls(course):
    """Windows can't be played here: its kernels are started through calls of Windows."""
    unit = course.unit("1")
    path = course.notebook("submitted", unit, "ada")
    page = course.root / "page.html"
    commands = [
        ["grade", "--sandbox", "none", "--json", str(path)],
        ["try", "--sandbox", "none", str(path), "--to", str(page)],
        ["demo", "--assignment", "1"],
    ]
    as_json, alone, demo = run_elsewhere("darwin", course.root, *commands)
    for code, _, err in (as_json, alone):
        assert code in (0, 3), err
        assert "WARNING: grading without a sandbox" in err
    assert json.loads(as_json[1])["failed"] is False
    assert "score: " in alone[1]
    assert page.is_file()
    assert demo[0] == 0, demo[2]
    assert "the demo grades without any" in demo[2]
    assert "grading needs Linux" in demo[2]
    assert "sample_full_solution" in demo[1]


@pytest.mark.thorough
def test_platform_that_the_tests_play_has_what_breaks_there(tmp_path):
    """Without these the test above would pass for nothing."""
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder/verbs.py").touch()
    lines = {
        "import fcntl": "ModuleNotFoundError",
        "import resource": "ModuleNotFoundError",
        "import os; os.geteuid()": "AttributeError",
        "import signal; signal.SIGKILL": "AttributeError",
        "open('/proc/self/stat', encoding='ascii')": "FileNotFoundError",
        "open('x')": "EncodingWarning",
        "import pathlib; pathlib.Path('x').write_text('é')": "EncodingWarning",
        "import os; open('x', 'wb'); os.chmod('x', 0o444); os.unlink('x')": "PermissionError",
    }
    for line, error in lines.items():
        (tmp_path / "autograder/cli.py").write_text(
            f"import sys\ndef main(_):\n    if sys.platform == 'win32':\n        exec({line!r})\n"
        )
        script = (ROOT / "tests" / "support" / "elsewhere.py").read_text(encoding="utf-8")
        (tmp_path / "elsewhere.py").write_text(script, encoding="utf-8")
        command = [sys.executable, "-X", "warn_default_encoding", "elsewhere.py", "win32", "[[]]"]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
        )
        assert re.search(error, done.stderr), (line, done.stderr)
