"""The container: its files agree with each other and with what the walls need."""

import json
import re

from support.course import ROOT

from autograder.engine.walls.hosts import CONTAINER_OPTIONS

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
GUIDE = (ROOT / "docs/containers.md").read_text(encoding="utf-8")


def test_container_of_an_editor_is_run_with_what_the_walls_need():
    assert " ".join(DEVCONTAINER["runArgs"]) == CONTAINER_OPTIONS["docker"]
    assert (ROOT / ".devcontainer" / DEVCONTAINER["build"]["dockerfile"]).samefile(
        ROOT / "Dockerfile"
    )


def test_guide_and_remedy_name_the_same_options():
    for engine, options in CONTAINER_OPTIONS.items():
        command = re.search(rf"{engine} run(.*?)convnet-workbook\n", GUIDE, re.DOTALL)[1]
        assert options in " ".join(command.replace("\\", "").split())


def test_container_ends_with_the_demo_as_an_ordinary_user():
    lines = [line for line in DOCKERFILE.splitlines() if re.match("[A-Z]+ ", line)]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    uid = re.search(r"useradd .*--uid (\d+).* (\w+)$", DOCKERFILE, re.MULTILINE)
    assert users == [uid[1]]
    assert DEVCONTAINER["remoteUser"] == uid[2]
    assert lines[-1] == 'CMD ["make", "demo"]'
    assert lines.index(f"USER {uid[1]}") < lines.index("COPY --chown=teacher:teacher . .")


def test_image_takes_in_nobody_s_work():
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n"))
    assert {".venv", "work", "build"} <= left_out


def test_base_image_is_named_by_version_and_without_a_registry():
    image, tag = re.search(r"^FROM (\S+):(\S+)$", DOCKERFILE, re.MULTILINE).groups()
    assert "/" not in image
    assert tag != "latest"
