"""Writes a package `autograder` of its own to a temporary folder and puts it first on sys.path."""

PLAIN = "full marks for everything without a right answer"

BASE = "stub"
FIRST_CELL = """
import sys
import tempfile
from pathlib import Path

root = Path(tempfile.mkdtemp())
hidden = root / "autograder" / "hidden"
hidden.mkdir(parents=True)
(root / "autograder" / "__init__.py").write_text("")
(hidden / "__init__.py").write_text("")
agree = "def __getattr__(name):\\n    return lambda *arguments, **options: None\\n"
(hidden / "convolution.py").write_text(agree)
sys.path.insert(0, str(root))
for name in [name for name in sys.modules if name.startswith("autograder")]:
    del sys.modules[name]
"""
