"""The pages say what is there: paths, code, verbs."""

import ast
import re

import pytest
import yaml
from support.course import ROOT, UNITS, tracked

PAGES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])
TRACKED = set(tracked())
FOLDERS = {path.rpartition("/")[0] for path in TRACKED}
FOLDERS |= {"/".join(folder.split("/")[:depth]) for folder in FOLDERS for depth in range(1, 5)}
TOP = {path.partition("/")[0] for path in TRACKED if "/" in path}
INSIDE = {path.split("/")[1] for path in TRACKED if re.match(r"autograder/\w+/", path)}
KINDS = (".py", ".md", ".toml", ".yml", ".ipynb")
NAMED = re.compile(r"`(?:\.venv/bin/python )?([\w.-]+(?:/[\w.-]+)*/?)`")
TREE = re.compile(r"^(?P<indent> *)(?P<names>(?:[\w./<>]+(?:/|\.py|\.ipynb) +)+)\S", re.MULTILINE)
# What a page may name that is not there: made by a run, or the reader's own.
MADE = re.compile(r"^(work|release|MNIST|hub)/|^(timestamp|FILE)\b")


def paths_in(text):
    """Paths of the project that a text names in backquotes."""
    for path in NAMED.findall(text):
        first = path.split("/")[0]
        ours = "/" in path and first in TOP | INSIDE
        if (ours or path.endswith(KINDS)) and not MADE.match(path):
            yield path


def stands(path):
    """Whether a path is there; `topic` stands for any unit's, `engine/` for autograder's."""
    one = re.sub(r"\b(\d\d|NN)_topic\b", UNITS[0].assignment, path)
    one = re.sub(r"\btopic\b|<topic>", UNITS[0].topic, one).rstrip("/")
    return bool({one, f"autograder/{one}"} & (TRACKED | FOLDERS))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_a_page_names_are_there(page):
    missing = [path for path in paths_in(page.read_text(encoding="utf-8")) if not stands(path)]
    assert missing == []


def test_missing_path_would_be_noticed():
    text = "`tests/test_walls.py`, `engine/inert.py`, `work/demo/`, `np.dot`, `docs/grading.md`"
    paths = list(paths_in(text))
    assert [path for path in paths if not stands(path)] == [
        "tests/test_walls.py",
        "engine/inert.py",
    ]
    assert paths[2:] == ["docs/grading.md"]


def test_code_map_of_the_readme_names_what_is_there():
    map_ = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("## The code in ten minutes")[2]
    )
    block, around, seen = map_.split("```")[1], {}, []
    for match in TREE.finditer(block):
        depth = len(match["indent"])
        for name in match["names"].split():
            path = "/".join([*(around[d] for d in sorted(around) if d < depth), name.rstrip("/")])
            seen.append(path)
            assert stands(path) or MADE.match(path + "/"), path
        around = {d: kept for d, kept in around.items() if d < depth} | {depth: name.rstrip("/")}
    assert {"autograder/engine/walls/kernel.py", "coursekit/checks/core.py"} <= set(seen)


def test_visible_check_of_the_guide_is_the_one_of_the_source():
    guide = (ROOT / "docs/authoring.md").read_text(encoding="utf-8")
    block = guide.partition("## Visible checks")[2].split("```python\n")[1].partition("```")[0]
    source = (ROOT / "coursekit/checks/convolution.py").read_text(encoding="utf-8")
    (function,) = ast.parse(block).body
    assert f"\n\n{block}" in source + "\n"
    assert [ast.unparse(one) for one in function.decorator_list] == ["visible"]


def test_guides_name_the_verbs_that_begin_a_unit_and_a_question():
    for page in ("docs/authoring.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert "autograder new-unit" in text
        assert "autograder new-question" in text


def test_changelog_has_the_version_of_the_package_and_a_place_for_the_next():
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", log, re.MULTILINE)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert versions[:2] == ["Unreleased", re.search(r'^version = "(.+)"', project, re.MULTILINE)[1]]
    kinds = re.findall(r"^### (.+)$", log, re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_contributors_are_told_the_tiers_and_what_a_change_has_to_pass():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for command in ("make test ", "make test-all", ".ci/run"):
        assert command in guide


def test_hook_of_commits_stops_outputs_in_sources_and_lets_the_sources_pass():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    hook = hooks["no-outputs"]
    assert hook["language"] == "pygrep"
    stops = re.compile(hook["entry"], re.MULTILINE)
    for unit in UNITS:
        assert re.search(hook["files"], unit.source.relative_to(ROOT).as_posix())
        text = unit.source.read_text(encoding="utf-8")
        assert not stops.search(text)
        assert stops.search(text.replace('"execution_count": null', '"execution_count": 7', 1))
    assert stops.search('     "output_type": "stream",')
    assert not re.search(hook["files"], "release/01_convolution/convolution.ipynb")
    assert all(hook["language"] in ("system", "pygrep") for hook in hooks.values()), "no network"
