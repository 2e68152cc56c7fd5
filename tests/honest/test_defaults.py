"""What a notebook sets globally doesn't change how its answers are called."""

import numpy as np
import pytest
import torch
from support.honest import KINDS, begin, graded, lost, put_before, right, unit_of
from support.patience import PATIENCE

from autograder.engine.judging.standins import judged
from autograder.engine.walls.kernel import Kernel
from coursekit.checks import mnist_training as checks
from coursekit.checks.defaults import fresh_defaults

OF_TORCH = {
    "float64": "torch.set_default_dtype(torch.float64)",
    "double tensors": "torch.set_default_tensor_type(torch.DoubleTensor)",
    "bfloat16": "torch.set_default_dtype(torch.bfloat16)",
    "no gradients": "torch.set_grad_enabled(False)",
    "no_grad left on": "no = torch.no_grad()\nno.__enter__()",
    "inference left on": "inference = torch.inference_mode()\ninference.__enter__()",
    "autocast left on": "cast = torch.autocast('cpu', dtype=torch.bfloat16)\ncast.__enter__()",
    "another device": "torch.set_default_device('meta')",
    "a device that isn't there": "torch.set_default_device('cuda')",
    "deterministic": "torch.use_deterministic_algorithms(True)\ntorch.manual_seed(0)",
    "anomalies": "torch.autograd.set_detect_anomaly(True)\ntorch.set_num_threads(1)",
    "precision": "torch.set_float32_matmul_precision('medium')",
    "printing": "torch.set_printoptions(precision=1, sci_mode=False)\n%precision 2",
}
OF_NUMPY = {
    "numpy's errors": "np.seterr(all='raise')",
    "warnings are errors": "import warnings\nwarnings.simplefilter('error')",
    "no warnings": "import warnings\nwarnings.filterwarnings('ignore')",
    "printing": "np.set_printoptions(precision=1, suppress=True)\n%precision 3",
    "seeds": "import random\nrandom.seed(0)\nnp.random.seed(0)",
    "pictures": "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (12, 9)",
    "style": "import matplotlib.pyplot as plt\nplt.style.use('ggplot')\nplt.ioff()",
    "backend": "import matplotlib\nmatplotlib.use('Agg')",
    "few calls": "import sys\nsys.setrecursionlimit(70)",
    "many calls": "import sys\nsys.setrecursionlimit(100_000)",
    "decimals": "import decimal\ndecimal.getcontext().prec = 3",
    "language": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
    "another folder": "import os\nos.makedirs('work')\nos.chdir('work')",
    "forgotten modules": "import sys\nimport json\ndel sys.modules['json']",
}
TRIED_ALWAYS = ("float64", "no gradients", "another device")  # each takes seconds
TORCH_KINDS = [
    pytest.param(case, kind, marks=() if case in TRIED_ALWAYS else pytest.mark.thorough)
    for case in OF_TORCH
    for kind in KINDS
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", OF_NUMPY)
def test_settings_of_a_notebook_without_torch_cost_nothing(case, kind):
    nb = right("convolution")
    put_before(nb, "solution_conv1d", OF_NUMPY[case])
    result = graded(nb, "convolution", kind)
    assert (lost(result, "convolution"), result.notes) == ({}, [])


@pytest.mark.parametrize(("case", "kind"), TORCH_KINDS)
def test_settings_of_torch_cost_nothing(case, kind):
    nb = right("mnist_training")
    put_before(nb, "solution_accuracy", OF_TORCH[case])
    assert lost(graded(nb, "mnist_training", kind), "mnist_training") == {}


def test_settings_within_an_answers_cell_cost_nothing():
    nb = right("mnist_training")
    for name, case in {"SmallCNN": "float64", "evaluate": "no gradients"}.items():
        begin(nb, f"solution_{name}", OF_TORCH[case])
    assert lost(graded(nb, "mnist_training"), "mnist_training") == {}


SET = """
import sys, warnings
import numpy as np
import torch
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.set_default_device("meta")
np.seterr(divide="raise")
warnings.simplefilter("error")

def state():
    kind = str(torch.zeros(1).dtype), torch.zeros(1).device.type, torch.is_grad_enabled()
    return [*kind, np.geterr()["divide"], warnings.filters[0][0] == "error"]
def leave_off():
    torch.set_grad_enabled(False)
    return state()
"""
FRESH = ["torch.float32", "cpu", True, "warn", False]
OWN = ["torch.float64", "meta", False, "raise", True]


def test_students_own_cells_keep_what_they_have_set():
    with Kernel(unit_of("mnist_training").settings()) as kernel:
        kernel.run(SET, PATIENCE)
        with judged(kernel, PATIENCE) as channel:
            assert channel.ask("name", "leave_off")()[:3] == ["torch.float32", "cpu", False]
            assert channel.ask("name", "state")() == FRESH
        (output,) = kernel.run("print(state())", PATIENCE)
        assert output.text == f"{OWN}\n"


@pytest.fixture
def settings_of_a_student():
    with fresh_defaults():
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        np.seterr(all="raise")
        yield


@pytest.mark.usefixtures("settings_of_a_student")
def test_visible_checks_run_under_the_same_defaults(capsys):
    seen = []

    def accuracy(logits, labels):
        seen.append((logits.dtype, torch.is_grad_enabled(), np.geterr()["over"]))
        return (logits.argmax(1) == labels).float().mean()

    checks.accuracy(accuracy)
    assert "passed" in capsys.readouterr().out
    assert set(seen) == {(torch.float32, True, "warn")}
    assert (torch.get_default_dtype(), torch.is_grad_enabled()) == (torch.float64, False)
