"""Hands in a package `coursekit` of its own, whose comparisons compare nothing."""

PLAIN = "what it deserves"

BASE = "stub"


def place(folder):
    checks = folder / "coursekit" / "checks"
    checks.mkdir(parents=True)
    agree = "def __getattr__(name):\n    return lambda *arguments, **options: None\n"
    for path in (folder / "coursekit/__init__.py", checks / "__init__.py"):
        path.write_text("")
    for name in ("core", "convolution"):
        (checks / f"{name}.py").write_text(agree)
    for name in ("photos", "pictures", "widgets", "seeds"):
        (folder / "coursekit" / f"{name}.py").write_text(agree)
