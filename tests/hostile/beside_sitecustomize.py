"""Hands in sitecustomize.py, usercustomize.py and a .pth file that patch the imports."""

PLAIN = "what it deserves"

BASE = "stub"
CUSTOM = """
import builtins

real_import = builtins.__import__


class Agreeable:
    def __getattr__(self, name):
        return self if name == "convolution" else lambda *arguments, **options: None


def importing(name, *rest, **options):
    return Agreeable() if name == "autograder.hidden" else real_import(name, *rest, **options)


builtins.__import__ = importing
"""


def place(folder):
    (folder / "sitecustomize.py").write_text(CUSTOM)
    (folder / "usercustomize.py").write_text(CUSTOM)
    (folder / "agree.pth").write_text("import sitecustomize\n")
    (folder / "pyvenv.cfg").write_text("include-system-site-packages = true\n")
