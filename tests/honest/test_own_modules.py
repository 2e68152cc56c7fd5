"""Modules that a notebook writes into its working folder are imported as in Jupyter."""

import sys

import pytest
from support.course import ROOT
from support.honest import KINDS, begin, graded, lost, put_before, right
from support.patience import PATIENCE, PATIENT

from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.sandbox import BUBBLEWRAP, FENCE, NONE, Settings

TOPIC = "convolution"
FIRST = "solution_conv1d"
WRITE = "%%writefile {}.py\ndef size(array):\n    return len(array)"
RELOAD = "import importlib\nimport helpers\nsize = importlib.reload(helpers).size"
PACKAGE = """
import os
os.makedirs("pkg")
for path, text in {"__init__": "from .inner import size", "inner": "size = len"}.items():
    with open(f"pkg/{path}.py", "w") as file:
        file.write(text)
"""
MOVE = "import os\nos.makedirs('src')\nos.chdir('src')"

WAYS = {  # cells before the answers, the first line of each answer
    "import": ([WRITE.format("helpers")], "from helpers import size"),
    "utils": ([WRITE.format("utils")], "import utils\nsize = utils.size"),
    "models": ([WRITE.format("models")], "from models import *"),
    "tests": ([WRITE.format("tests")], "from tests import size"),
    "reload": ([WRITE.format("helpers"), "import helpers"], RELOAD),
    "run": ([WRITE.format("helpers")], "%run helpers.py"),
    "package": ([PACKAGE], "from pkg import size"),
    "moved": ([MOVE, WRITE.format("helpers")], "from helpers import size"),
    "added": ([MOVE, WRITE.format("helpers"), "os.chdir('..')\nimport sys\nsys.path.append('src')"],
              "from helpers import size"),
    "autoreload": (["%load_ext autoreload\n%autoreload 2", WRITE.format("helpers")],
                   "from helpers import size"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_answers_may_use_modules_of_their_own(way, kind):
    cells, line = WAYS[way]
    nb = right(TOPIC)
    for source in cells:
        put_before(nb, FIRST, source)
    for name in (FIRST, "solution_conv2d"):
        begin(nb, name, f"{line}\nassert size([1, 2]) == 2")
    result = graded(nb, TOPIC, kind)
    assert (lost(result, TOPIC), result.notes) == ({}, [])


@pytest.mark.parametrize("kind", KINDS)
def test_modules_are_written_again_for_a_kernel_that_starts_again(kind):
    nb = right(TOPIC)
    put_before(nb, FIRST, WRITE.format("helpers"))
    put_before(nb, FIRST, "import os\nos._exit(1)")
    begin(nb, FIRST, "from helpers import size\nassert size([1, 2]) == 2")
    result = graded(nb, TOPIC, kind)
    assert lost(result, TOPIC) == {}
    assert [note.partition(":")[0] for note in result.notes] == ["own-2"]


# Files that are called as modules of Python, of the course, of its libraries and of the kernel.
TAKEN = """
names = {names!r}
for name in names:
    with open(f"{{name}}.py", "w") as file:
        file.write("raise ImportError('a file of the working folder')")
for name in ("coursekit", "autograder", "numpy", "IPython", "matplotlib"):
    os.makedirs(name, exist_ok=True)
    with open(f"{{name}}/__init__.py", "w") as file:
        file.write("raise ImportError('a package of the working folder')")
"""
OF_THE_KERNEL = ("wire", "server", "shell", "habits", "commands", "definitions", "partly")
OF_LIBRARIES = ("cv2", "torch", "torchvision", "matplotlib_inline", "PIL", "scipy", "tqdm")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("topic", [TOPIC, "filter_design"])
def test_files_with_taken_names_stand_in_nobodys_way(topic, kind):
    nb = right(topic)
    names = [*sorted(sys.stdlib_module_names), *OF_THE_KERNEL, *OF_LIBRARIES]
    put_before(nb, "setup", "import os" + TAKEN.format(names=names))
    result = graded(nb, topic, kind)
    assert (lost(result, topic), result.notes) == ({}, [])


@pytest.fixture(params=[BUBBLEWRAP, FENCE, NONE])
def kernel(request):
    """A kernel behind each kind of walls."""
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),), walls=request.param)) as one:
        yield one


def test_a_module_that_is_written_again_at_once_is_read_again(kernel):
    for number in (1, 2):
        kernel.run(f"%%writefile again.py\nnumber = {number}", PATIENCE)
        source = "import again, importlib\nprint(importlib.reload(again).number)"
        (output,) = kernel.run(source, PATIENCE)
        assert output.text == f"{number}\n"


def test_a_folder_that_is_gone_is_no_place_of_modules(kernel):
    gone = "import os\nos.makedirs('gone')\nos.chdir('gone')\nos.rmdir('../gone')"
    (output,) = kernel.run(f"{gone}\nimport colorsys\nprint(colorsys.__name__)", PATIENCE)
    assert output.text == "colorsys\n"
