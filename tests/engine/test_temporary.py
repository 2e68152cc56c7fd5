"""Temporary folders go with their process, also with one that is killed."""

import os
import signal
import subprocess
import sys

import pytest
from support.course import ROOT
from support.patience import SMALL

from autograder.engine.walls import temporary
from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.sandbox import FENCE, NONE, SandboxError, Settings
from autograder.engine.walls.tiers import backend_of
from autograder.engine.walls.warm import SharedTemplates

STARTS = {
    "a folder": "from autograder.engine.walls.temporary import new_folder; new_folder('x')",
    "a kernel": "from autograder.engine.walls.kernel import Kernel\n"
    "from autograder.engine.walls.sandbox import Settings\n"
    "kernel = Kernel(Settings(walls='none')).start()",
    "templates": "from autograder.engine.walls.warm import SharedTemplates; SharedTemplates()",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The system's temporary folder."""
    monkeypatch.setattr(temporary.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(temporary, "_own", {})
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def run_until_it_waits(source):
    """A process that has run `source` and lives."""
    program = [sys.executable, "-c", f"{source}\nprint(1, flush=True)\nimport time; time.sleep(60)"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout.readline()
    return process


@pytest.mark.parametrize("what", STARTS)
def test_what_a_killed_process_leaves_goes_at_the_next_start(folder, what):
    with run_until_it_waits(STARTS[what]) as process:
        (left,) = folder.iterdir()
        temporary.remove_folder(temporary.new_folder("y"))  # while it lives
        assert list(folder.iterdir()) == [left]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert list(folder.iterdir()) == [left]
        temporary.remove_folder(temporary.new_folder("y"))
        assert list(folder.iterdir()) == []


def test_nothing_is_left_by_those_that_end_as_they_should(folder):
    SharedTemplates().close()
    for walls in (NONE, FENCE):
        try:
            backend_of(walls)
        except SandboxError:
            continue
        with Kernel(Settings(SMALL, walls=walls)):
            assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []


def test_what_is_not_ours_stays(folder):
    outside = folder / "outside"
    outside.mkdir()
    (outside / temporary.LOCK).touch()
    (folder / f"{temporary.PREFIX}link").symlink_to(outside)
    (folder / f"{temporary.PREFIX}file").touch()
    (folder / f"{temporary.PREFIX}without-a-lock").mkdir()
    linked = folder / f"{temporary.PREFIX}lock-is-a-link"
    linked.mkdir()
    (linked / temporary.LOCK).symlink_to(outside / temporary.LOCK)
    (folder / "kernel-of-another-program").mkdir()
    before = sorted(folder.rglob("*"))
    temporary.sweep()
    assert sorted(folder.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_what_another_user_has_made_stays(folder):
    planted = folder / f"{temporary.PREFIX}planted"
    planted.mkdir()
    (planted / temporary.LOCK).touch()
    os.chown(planted, 12345, 12345)
    temporary.sweep()
    assert planted.exists()
