"""The repository itself: one list of dependencies, a README that is true, figures that redraw."""

import ast
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml
from PIL import Image, ImageSequence
from support.course import COURSE, ROOT, UNITS, tracked

from assets.draw import drawn
from autograder import verbs
from autograder.cli import VERBS
from autograder.imports import imported
from autograder.report.rows import questions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TRACKED = tracked()
DRAWN = [unit.topic for unit in UNITS if (ROOT / "assets/draw" / f"{unit.topic}.py").exists()]


def test_help_of_a_verb_says_what_its_function_does():
    does = {name.removeprefix("run_"): one.__doc__ for name, one in vars(verbs).items()}
    assert {name: does[name.replace("-", "_")] for name in VERBS} == VERBS


def test_conda_list_is_the_project_list():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert [item for item in pip if not item.startswith("--")] == PROJECT["dependencies"]
    assert {"--constraint constraints.txt", "--editable .[dev]"} <= set(pip)


def test_every_dependency_is_pinned():
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert {re.match(r"[\w.-]+", item)[0] for item in wanted} <= pinned


def test_make_alone_lists_the_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[0] for line in done.stdout.splitlines()]
    wanted = "setup lab release grade feedback formgrader demo test test-all lint clean"
    assert set(wanted.split()) <= set(listed)


@pytest.mark.parametrize(("setting", "passed"), [("", ""), ("cpu", "--torch-backend cpu")])
def test_torch_backend_is_passed_on_and_off_by_default(setting, passed):
    command = ["make", "--dry-run", "--always-make", "setup", f"TORCH_BACKEND={setting}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert passed in done.stdout
    assert ("--torch-backend" in done.stdout) == bool(setting)


def test_readme_table_says_what_the_units_are():
    rows = re.findall(r"^\| \[\d+\]\((.+?)\) \| (.+?) \| (\d+) \| (\d+) \|", readme(), re.MULTILINE)
    assert len(rows) == len(UNITS)
    for unit, (path, topic, minutes, points) in zip(UNITS, rows, strict=True):
        assert ROOT / path == unit.source
        assert topic.lower() == unit.topic.replace("_", " ")
        assert int(points) == sum(questions(COURSE, unit).values())
        assert f"About {minutes} minutes" in unit.source.read_text()


def test_readme_begins_with_two_commands_and_ci_proves_them():
    start = readme().partition("## Two commands")[2].partition("## Units")[0]
    (block,) = re.findall(r"```bash\n(.*?)```", start, re.DOTALL)
    commands = [line.partition("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make demo", "make test"]
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    lines = [line for line in ci.splitlines() if line and not line.startswith(("#", "set", "cd"))]
    assert lines[:2] == ["make demo", "make test-all"]
    assert "apt" not in ci


def test_second_tier_is_all_that_the_first_leaves_out():
    first, both = (made(target) for target in ("test", "test-all"))
    assert first == f'{both} -m "not thorough"'


def made(target):
    """The last command of a target."""
    command = ["make", "--no-print-directory", "--dry-run", target]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_setup_ends_with_what_the_host_needs():
    command = ["make", "--dry-run", "--always-make", "setup"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    installs, setup = done.stdout.index("uv pip install"), done.stdout.index("autograder setup")
    assert installs < setup < done.stdout.index("touch")


def test_readme_names_targets_and_files_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z-]+)", readme())) <= targets
    for path in re.findall(r"`((?:docs|notebooks|coursekit|autograder)/[^` <]+)`", readme()):
        assert (ROOT / path).exists(), path


def test_every_folder_of_figures_is_drawn_by_the_script_of_a_unit():
    folders = {path.name for path in (ROOT / "assets").iterdir() if path.is_dir()}
    assert folders == {"draw", *DRAWN}


@pytest.mark.parametrize("topic", DRAWN)
def test_figures_say_in_the_notebook_what_their_script_says(topic):
    unit = COURSE.unit(topic)
    folder, script = ROOT / "assets" / unit.topic, ROOT / f"assets/draw/{unit.topic}.py"
    lines = ast.parse(script.read_text()).body
    named = {ast.unparse(n.targets[0]): n.value for n in lines if isinstance(n, ast.Assign)}
    alt_texts = ast.literal_eval(named["ALT_TEXT"])
    assert set(alt_texts) == {path.name for path in folder.iterdir()}
    for name, alt in alt_texts.items():
        assert f"![{alt}](../../assets/{unit.topic}/{name})" in unit.source.read_text()
        assert (folder / name).stat().st_size < 300_000


@pytest.mark.parametrize("topic", DRAWN)
def test_figures_were_drawn_by_the_code_that_is_here(topic, tmp_path):
    """By the record of what drew them; drawing itself is the second tier's."""
    names = sorted(path.name for path in (ROOT / "assets" / topic).iterdir())
    recorded, now = drawn.recorded()[topic], drawn.entry(topic, names)
    assert recorded["pictures"] == now["pictures"], f"run assets/draw/{topic}.py"
    if recorded["libraries"] != now["libraries"]:  # what these change, only drawing can tell
        draw_and_compare(topic, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("topic", DRAWN)
def test_figures_are_what_their_script_draws(topic, tmp_path):
    draw_and_compare(topic, tmp_path)


def draw_and_compare(topic, tmp_path):
    shutil.copytree(ROOT / "assets/draw", tmp_path / "assets/draw")
    script = tmp_path / "assets/draw" / f"{topic}.py"
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True)
    drawn, committed = tmp_path / "assets" / topic, ROOT / "assets" / topic
    names = sorted(path.name for path in committed.iterdir())
    assert sorted(path.name for path in drawn.iterdir()) == names
    for name in names:
        # Another version of matplotlib moves letters by a pixel; a changed picture is more.
        for one, other in zip(frames(drawn / name), frames(committed / name), strict=True):
            assert one.shape == other.shape
            assert np.abs(one - other).mean() < 1, name
            assert np.abs(one - other).max() < 60, name


def test_no_test_imports_another():
    tests = ROOT / "tests"
    modules = {path.stem for path in tests.rglob("test_*.py")} | {"conftest"}
    for path in tests.rglob("*.py"):
        parts = {part for name in imported(path.read_text()) for part in name.split(".")}
        assert not parts & modules, path


def test_nothing_tracked_names_a_machine():
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in (".png", ".gif") or not path.is_file():
            continue
        assert str(ROOT) + "/" not in path.read_text(), name


def test_no_large_file_is_tracked():
    assert all((ROOT / name).stat().st_size < 2_000_000 for name in TRACKED)


def readme():
    return (ROOT / "README.md").read_text()


def frames(path):
    """The frames of a picture, each pixel the mean of a block of 10 x 10."""
    with Image.open(path) as picture:
        small = [frame.convert("RGB").reduce(10) for frame in ImageSequence.Iterator(picture)]
    return [np.asarray(frame, dtype=int) for frame in small]
