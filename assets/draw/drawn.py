"""What the pictures were drawn from, recorded when they are drawn: `drawn.json`.

Whoever changes a script and doesn't draw its pictures again is found by this, without drawing.
"""

import hashlib
import json
from importlib import metadata
from pathlib import Path

from autograder.imports import closure, imported

HERE = Path(__file__).resolve().parent
RECORD = HERE / "drawn.json"


def recorded() -> dict:
    """Return {topic: entry} as `entry` makes them; empty where nothing was drawn yet."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def record(topic: str, names: list[str]) -> None:
    """Note that pictures of a topic have just been drawn; others keep what is noted of them."""
    known, new = recorded(), entry(topic, names)
    before = known.get(topic, {})
    # One picture drawn with other libraries says nothing about the rest.
    kept = before["pictures"] if before.get("libraries") == new["libraries"] else {}
    new["pictures"] = dict(sorted((kept | new["pictures"]).items()))
    text = json.dumps(known | {topic: new}, indent=2, sort_keys=True) + "\n"
    RECORD.write_text(text, encoding="utf-8", newline="\n")


def entry(topic: str, names: list[str]) -> dict:
    """Return the versions of the libraries, and for each picture one digest of it and its code."""
    sources = _sources(topic)
    code = "\0".join(sources).encode()
    pictures = {name: _digest(code, (HERE.parent / topic / name).read_bytes()) for name in names}
    return {"libraries": _libraries(sources), "pictures": pictures}


def _digest(*parts: bytes) -> str:
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).hexdigest()


def _sources(topic: str) -> list[str]:
    """Return the text of the script, of the canvas and of all that they import of coursekit."""
    own = [path.read_text(encoding="utf-8") for path in (HERE / f"{topic}.py", HERE / "canvas.py")]
    helpers = closure(set().union(*map(imported, own)), ["coursekit"])
    return own + [path.read_text(encoding="utf-8") for path in helpers.values()]


def _libraries(sources: list[str]) -> dict[str, str]:
    """Return {package: version} of what the sources import; builds of one version are one."""
    packages = metadata.packages_distributions()
    modules = {name.partition(".")[0] for source in sources for name in imported(source)}
    names = {name for module in modules for name in packages.get(module, ())}
    names -= {"convnet-workbook"}
    return {name: metadata.version(name).partition("+")[0] for name in sorted(names)}
