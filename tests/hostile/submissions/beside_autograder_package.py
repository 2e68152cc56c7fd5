"""Hands in a package `autograder` of its own, whose hidden tests agree with everything."""

PLAIN = "full marks for everything without a right answer"

BASE = "stub"


def place(folder):
    hidden = folder / "autograder" / "hidden"
    hidden.mkdir(parents=True)
    (folder / "autograder" / "__init__.py").write_text("")
    (hidden / "__init__.py").write_text("")
    agree = "def __getattr__(name):\n    return lambda *arguments, **options: None\n"
    (hidden / "convolution.py").write_text(agree)
