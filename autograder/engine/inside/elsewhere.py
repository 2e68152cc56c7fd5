"""Stand-ins for what there is in Colab or on Kaggle alone; each says that it does nothing here.

They are there only once a cell imports one as a statement of its own. A cell that asks whether it
is in Colab (`try: import google.colab`) is told the truth.
"""

import ast
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

ROOTS = ("google.colab", "kaggle_secrets", "kaggle_datasets", "kaggle_web_client")
PARENTS = ("google",)


class Nothing:
    """A function, a class or an object that does nothing and says so when it is called."""

    def __init__(self, name, returns=None):
        self._name, self._returns = name, returns

    def __call__(self, *arguments, **options):
        print(f"{self._name}: does nothing while this is graded")
        is_class = self._name.rpartition(".")[2][:1].isupper()
        return self if is_class else self._returns

    def __getattr__(self, name):
        if name.startswith("_"):  # what a display asks for
            raise AttributeError(name)
        return Nothing(f"{self._name}.{name}", RETURNS.get(name))


RETURNS = {"upload": {}, "get": "", "get_secret": "", "get_gcs_path": ""}  # by name


class Elsewhere(MetaPathFinder, Loader):
    """Finds what no other finder does."""

    def find_spec(self, name, path=None, target=None):
        known = name in PARENTS or any(f"{name}.".startswith(f"{root}.") for root in ROOTS)
        return ModuleSpec(name, self, is_package=True) if known else None

    def exec_module(self, module):
        name = module.__name__

        def attribute(asked):
            if asked.startswith("_"):
                raise AttributeError(asked)
            return Nothing(f"{name}.{asked}", RETURNS.get(asked))

        module.__getattr__ = attribute
        if name == "google.colab.patches":
            module.cv2_imshow = show


def show(picture):
    """As Colab's `cv2_imshow`: shows an image with its channels in OpenCV's order."""
    import cv2
    from IPython.display import Image, display

    display(Image(data=cv2.imencode(".png", picture.clip(0, 255).astype("uint8"))[1].tobytes()))


def needed(nodes):
    """Whether one of a cell's own statements imports what there is elsewhere only."""
    return any(_is_ours(name) for node in nodes for name in _imported(node))


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _is_ours(name):
    return any(f"{name}.".startswith(f"{root}.") for root in ROOTS)


def offer():
    """Make the stand-ins importable, behind all that is really there."""
    if not any(isinstance(one, Elsewhere) for one in sys.meta_path):
        sys.meta_path.append(Elsewhere())
