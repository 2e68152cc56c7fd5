"""What a kernel sees of this host's files: the system and this Python, less what is hidden."""

import importlib.util
import os
import sys
from pathlib import Path

from autograder.engine.walls.sandbox import PACKAGES

SOURCE = Path(__file__).parent.parent / "inside"  # our side of the wire
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")


def python_folders():
    """The folders of this Python and of its packages that don't lie within /usr."""
    shown = {str(Path(sys.prefix)), str(Path(sys.base_prefix)), str(Path(sys.executable).parent)}
    shown |= {str(Path(sys.executable).resolve().parent.parent)}
    return {path for path in shown if not within(path, ["/usr"])}


def hidden_paths(settings):
    """What lies within the folders that are shown and must not be in view."""
    shown = python_folders()
    hidden = [*map(str, settings.hidden), *package_paths((*PACKAGES, *settings.rules.absent))]
    return [path for path in hidden if within(path, ["/usr", *shown]) and path not in shown]


def within(path, folders):
    return any(Path(path).is_relative_to(folder) for folder in folders)


def package_paths(names):
    """Where modules lie, without importing them; those that aren't installed are left out."""
    for name in names:
        top, *rest = name.split(".")
        spec = importlib.util.find_spec(top)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            path = Path(folder, *rest)
            yield from (str(one) for one in (path, path.with_suffix(".py")) if one.exists())


def font_lists():
    """matplotlib's lists of fonts: making one anew costs each kernel a second or more."""
    import matplotlib

    return list(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))


def all_but(folder, hidden):
    """Yield (path, whether all of it is shown) so that nothing of `hidden` is.

    A folder that holds something hidden is given in parts. Links are left out: what they lead to
    counts for itself.
    """
    if not any(within(path, [folder]) for path in hidden):
        yield folder, True
        return
    if folder in hidden:
        return
    yield folder, False
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not entry.is_symlink():
            yield from all_but(entry.path, hidden)
