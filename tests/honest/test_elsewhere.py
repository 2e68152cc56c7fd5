"""A line that works only elsewhere: the imports and definitions below it are there nevertheless."""

import pytest
from support.course import ROOT
from support.honest import KINDS, begin, graded, lost, place, put_before, right
from support.patience import PATIENCE, PATIENT

from autograder.engine.walls.kernel import CELL_TIMEOUT, LEFT_OUT, Kernel
from autograder.engine.walls.sandbox import Settings

TOPIC = "convolution"
ANSWERS = ("solution_conv1d", "solution_conv2d", "solution_sobel_magnitude")
MOUNT = "from google.colab import drive\ndrive.mount('/content/drive')"
SHOW = "from google.colab.patches import cv2_imshow\ncv2_imshow(np.zeros((4, 4, 3)))"
UPLOAD = "from google.colab import files\nuploaded = files.upload()\nlen(uploaded)"
SECRETS = "from kaggle_secrets import UserSecretsClient\nUserSecretsClient().get_secret('key')"

STAND_INS = {
    "mounted drive": MOUNT,
    "shown image": SHOW,
    "uploaded files": UPLOAD,
    "secrets of Kaggle": SECRETS,
    "secrets of Colab": "import google.colab.userdata\ngoogle.colab.userdata.get('key')",
    "tables": "from google.colab import data_table\ndata_table.enable_dataframe_formatter()",
}
FAILS = {  # the error that is noted
    "input": ("name = input('Your name? ')", "StdinNotImplementedError"),
    "table": ("import pandas as pd\nframe = pd.read_csv('data.csv')", "FileNotFoundError"),
    "file on a drive": ("values = np.load('/content/drive/MyDrive/a.npy')", "FileNotFoundError"),
    "folder on a drive": ("import os\nos.chdir('/content/drive/MyDrive')", "FileNotFoundError"),
    "package": ("import einops_of_mine\neinops_of_mine.rearrange", "ModuleNotFoundError"),
    "debugger": ("breakpoint()", "StdinNotImplementedError"),
    "own test": ("assert 1 + 1 == 3", "AssertionError"),
    "end": ("raise SystemExit", "SystemExit"),
    "captured": ("%%capture\nopen('data.csv')", "FileNotFoundError"),
    "timed": ("%%time\nopen('data.csv')", "FileNotFoundError"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", STAND_INS)
def test_what_there_is_in_colab_only_costs_nothing(case, kind):
    nb = right(TOPIC)
    for name in ANSWERS:
        begin(nb, name, STAND_INS[case])
    result = graded(nb, TOPIC, kind)
    assert lost(result, TOPIC) == {}
    assert result.notes == [f"{', '.join(ANSWERS)}: {LEFT_OUT['elsewhere']}"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", FAILS)
def test_definitions_below_a_failing_line_count_and_the_cell_is_noted_once(case, kind):
    line, error = FAILS[case]
    nb = right(TOPIC)
    for name in ANSWERS:
        begin(nb, name, line)
    put_before(nb, ANSWERS[0], f"{line}\nimport math as mathematics\n\ndef helper():\n    return 1")
    put_before(nb, ANSWERS[0], "assert helper() == mathematics.gcd(1, 1)")
    result = graded(nb, TOPIC, kind)
    assert lost(result, TOPIC) == {}
    (note,) = result.notes
    assert note.startswith(f"own-1, {', '.join(ANSWERS)}: ended with an error")
    assert note.endswith(f"({error})")


@pytest.mark.parametrize("kind", KINDS)
def test_stub_below_a_failing_line_stays_a_stub(kind):
    nb = right(TOPIC)
    cell = nb.cells[place(nb, "solution_conv1d")]
    cell.source = "input()\ndef conv1d(signal, mask):\n    raise NotImplementedError"
    put_before(nb, "solution_conv1d", "raise ValueError('22 of 22 points')")
    assert lost(graded(nb, TOPIC, kind), TOPIC) == {"conv1d": (0, 2)}


def test_answers_that_use_what_failed_lose_theirs_alone():
    nb = right(TOPIC)
    source = nb.cells[place(nb, "solution_conv1d")].source
    source = source.replace("):\n", ", factor=scale):\n", 1)  # evaluated where it is defined
    nb.cells[place(nb, "solution_conv1d")].source = f"scale = float(input())\n{source}"
    result = graded(nb, TOPIC)
    assert lost(result, TOPIC) == {"conv1d": (0, 2)}
    assert [note.partition(":")[0] for note in result.notes] == ["solution_conv1d"]


@pytest.fixture(scope="module")
def kernel():
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),))) as one:
        yield one


def printed(kernel, source):
    return "".join(one.get("text", "") for one in kernel.run(source, PATIENCE))


def test_definitions_do_not_replace_what_the_cell_has_defined(kernel):
    kernel.run("def f():\n    return 1\n1 / 0\ndef f():\n    return 2\ndef g():\n    return 3", 9)
    assert printed(kernel, "print(f(), g())") == "1 3\n"


def test_nothing_but_definitions_runs_below_a_failing_line(kernel):
    kernel.run("1 / 0\nprint('seen')\nmade = list('ab')\nsigma = 2", PATIENCE)
    assert printed(kernel, "print('made' in globals(), sigma)") == "False 2\n"


def test_a_cell_that_asks_where_it_is_hears_the_truth():
    ask = "try:\n    import google.colab\nexcept ImportError:\n    print('not in Colab')"
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),))) as kernel:
        assert printed(kernel, ask) == "not in Colab\n"
        assert printed(kernel, "if False:\n    from google.colab import drive\n" + ask)


def test_what_a_stopped_cell_bound_and_defines_is_there(kernel):
    source = "before = 1\nwhile True:\n    pass\nimport math as later\ndef after():\n    return 2"
    assert kernel.run(source, 1)[-1].ename == CELL_TIMEOUT
    assert printed(kernel, "print(before, later.gcd(1, 1), after())") == "1 1 2\n"


def test_definitions_that_never_end_do_not_hold_a_stopped_cell():
    endless = "class Endless:\n    while True:\n        pass"
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),))) as kernel:
        outputs = kernel.run(f"before = 1\n{endless}\n{endless}", 1)
        assert outputs[-1].ename == CELL_TIMEOUT
        assert printed(kernel, "print(before)") == "1\n"


def test_a_cells_definitions_alone(kernel):
    source = (
        "%%time\nprint('seen')\nimport math as alone\nlone = print()\ndef only():\n    return 5"
    )
    outputs = kernel.run(source, PATIENCE, only_definitions=True)
    assert outputs == []
    assert printed(kernel, "print(only(), alone.gcd(1, 1), 'lone' in globals())") == "5 1 False\n"
    assert kernel.run("def broken(:", PATIENCE, only_definitions=True) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "line", ["import os; os.abort()", "import cv2; cv2.imshow('a', photos.color('coffee'))"]
)
def test_answer_whose_cell_ends_the_kernel_keeps_what_it_defines(line, kind):
    """As OpenCV does where there is no screen: the cell starts with the line, or ends with it."""
    nb = right(TOPIC)
    begin(nb, "solution_conv1d", line)
    end = nb.cells[place(nb, "solution_output_size")]
    end.source += f"\n{line}"
    result = graded(nb, TOPIC, kind)
    assert lost(result, TOPIC) == {}
    assert any("ended the kernel" in note or "ended with an error" in note for note in result.notes)
