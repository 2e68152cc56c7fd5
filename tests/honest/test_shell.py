"""Commands and magics of notebooks from elsewhere: the rest of the cell runs as ever."""

import pytest
from support.course import ROOT
from support.honest import KINDS, begin, graded, lost, place, put_before, right
from support.patience import PATIENCE, PATIENT

from autograder.engine.walls.kernel import CELL_TIMEOUT, LEFT_OUT, Kernel
from autograder.engine.walls.sandbox import BUBBLEWRAP, FENCE, NONE, Settings

TOPIC = "convolution"
ANSWERS = ("solution_conv1d", "solution_conv2d", "solution_sobel_magnitude")
PIP_IN_PYTHON = """
import os, subprocess, sys
os.system("pip install einops")
subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "einops"])
subprocess.run(["pip", "install", "einops"], check=True)
get_ipython().system("apt-get install -y graphviz")
"""

FIRST_LINES = {  # in front of an answer: what is left out of the cell, by the grader's word
    "pip": ("!pip install -q einops", "packages"),
    "pip magic": ("%pip install -q einops", "packages"),
    "conda and uv": ("%conda install -y einops\n%uv pip install einops", "packages"),
    "pip in Python": (PIP_IN_PYTHON, "packages"),
    "a program that isn't there": ("!nvidia-smi", None),
    "a failing command": ("!exit 3", None),
    "outputs of commands": ("files = !ls\n!!ls\n!echo {len(files)} $HOME", None),
    "something left running": ("!sleep 600 &", None),
    "folders and variables": ("%cd /tmp\n%env COLOUR=red\n!mkdir -p made", None),
    "captured": ("%%capture", None),
    "captured pip": ("%%capture\n!pip install einops", "packages"),
    "timed": ("%%time", None),
    "timings": ("%timeit -n 1 -r 1 sum(range(9))\n%time 1 + 1", None),
    "autoreload": ("%load_ext autoreload\n%autoreload 2", None),
    "pictures": ("%matplotlib inline\n%config InlineBackend.figure_format = 'retina'", None),
    "widget": ("%matplotlib widget", "magics"),
    "ipympl": ("%matplotlib ipympl", "magics"),
    "windows": ("%matplotlib qt", "magics"),
    "debuggers": ("%debug\n%pdb on", None),
    "Colab's magic": ("%tensorflow_version 2.x", "magics"),
    "Colab's extension": ("%load_ext google.colab.data_table\n%unload_ext nothing", "magics"),
    "tensorboard": ("%load_ext tensorboard\n%tensorboard --logdir runs", "magics"),
}
CELLS = {  # of their own, before the answers: the same
    "bash": ("%%bash\npip install einops\necho done", "packages"),
    "script": ("%%script bash\necho done", None),
    "sh": ("%%sh\necho done", None),
    "pages": ("%%html\n<b>bold</b>", None),
    "scripts": ("%%javascript\nalert(1)", None),
    "files": ("%%writefile notes.txt\nnothing", None),
    "Colab's cell magic": ("%%shell\npip install einops", "magics"),
    "a magic of nobody": ("%%nobody knows\nit", "magics"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", FIRST_LINES)
def test_first_lines_of_answers_cost_nothing(case, kind):
    lines, word = FIRST_LINES[case]
    nb = right(TOPIC)
    for name in ANSWERS:
        begin(nb, name, lines)
    result = graded(nb, TOPIC, kind)
    assert lost(result, TOPIC) == {}
    noted = [f"{', '.join(ANSWERS)}: {LEFT_OUT[word]}"] if word else []
    assert result.notes == noted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CELLS)
def test_own_cells_cost_nothing(case, kind):
    source, word = CELLS[case]
    nb = right(TOPIC)
    put_before(nb, "solution_conv1d", source)
    result = graded(nb, TOPIC, kind)
    assert lost(result, TOPIC) == {}
    assert result.notes == ([f"own-1: {LEFT_OUT[word]}"] if word else [])


@pytest.mark.parametrize("kind", KINDS)
def test_stub_behind_a_command_stays_a_stub(kind):
    nb = right(TOPIC)
    cell = nb.cells[place(nb, "solution_conv1d")]
    cell.source = "!pip install einops\n%nothing\ndef conv1d(signal, mask):\n    return None"
    assert lost(graded(nb, TOPIC, kind), TOPIC) == {"conv1d": (0, 2)}


@pytest.fixture(params=[BUBBLEWRAP, FENCE, NONE])
def kernel(request):
    """A kernel behind each kind of walls."""
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),), walls=request.param)) as one:
        yield one


def text_of(outputs):
    return "".join(one.get("text", "") for one in outputs)


def test_commands_print_what_they_print_and_leave_their_exit_code(kernel):
    outputs = kernel.run("!echo one; echo two >&2; exit 3\nprint(_exit_code)", PATIENCE)
    assert text_of(outputs) == "one\ntwo\n3\n"


def test_commands_find_this_python_and_its_packages(kernel):
    outputs = kernel.run("!python -c 'import numpy; print(numpy.__name__)'", PATIENCE)
    assert text_of(outputs) == "numpy\n"


def test_installers_say_one_sentence_and_succeed(kernel):
    outputs = kernel.run("!pip install einops && python -m pip install einops", PATIENCE)
    assert text_of(outputs) == f"pip: {LEFT_OUT['packages']}\n" * 2
    assert kernel.left_out == [LEFT_OUT["packages"]]
    kernel.run("1", PATIENCE)
    assert kernel.left_out == []


def test_command_that_never_ends_is_stopped_and_the_kernel_goes_on(kernel):
    outputs = kernel.run("!sleep 600\ndef later():\n    return 7", 1)
    assert outputs[-1].ename == CELL_TIMEOUT
    assert text_of(kernel.run("print(later())", PATIENCE)) == "7\n"


def test_words_that_the_grader_does_not_know_are_no_notes(kernel):
    source = "get_ipython().left_out.update({'full marks', 'magics'})"
    kernel.run(source, PATIENCE)
    assert kernel.left_out == [LEFT_OUT["magics"]]
