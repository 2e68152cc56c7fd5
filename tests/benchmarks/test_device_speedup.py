"""The benchmark of training cells on two devices times what it says."""

import importlib.util
import re
import sys

import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from support.course import COURSE, ROOT

PATH = ROOT / "benchmarks" / "device_speedup.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("device_speedup", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_tagged_cells_are_timed_on_both_devices_and_divided(benchmark):
    slow_on_cpu = (
        "import os, time\nassert warm == 1\n"
        "time.sleep(0.3 if os.environ['COURSE_DEVICE'] == 'cpu' else 0.1)"
    )
    cells = [
        new_code_cell("import time\ntime.sleep(0.2)", id="lesson"),
        new_code_cell(slow_on_cpu, id="fit", metadata={"tags": ["exploration", "training"]}),
    ]
    ((cell, on_cpu, on_device, ratio),) = benchmark.rows(
        new_notebook(cells=cells), "another", warm_up="warm = 1"
    )
    assert cell == "fit"
    assert on_cpu >= 0.3
    assert 0.1 <= on_device < on_cpu
    assert ratio == on_cpu / on_device


def test_error_in_a_cell_ends_the_benchmark_with_it(benchmark):
    cells = [new_code_cell("1 / 0", metadata={"tags": ["training"]})]
    with pytest.raises(Exception, match="ZeroDivisionError"):
        benchmark.rows(new_notebook(cells=cells), "cpu", warm_up="")


def test_without_a_gpu_the_reason_is_told(benchmark, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", [str(PATH)])
    with pytest.raises(SystemExit, match=r"no GPU to compare with \(cuda: "):
        benchmark.main()


def test_every_cell_that_trains_carries_the_tag(benchmark):
    for topic in benchmark.UNITS:
        cells = benchmark.with_solutions(COURSE, topic).cells
        trains = re.compile(r"^(?!def ).*\b(?:fit|nets\.small_net)\(", re.MULTILINE)
        found = {cell.id for cell in cells if "exploration" in cell.metadata.get("tags", [])
                 and cell.cell_type == "code" and trains.search(cell.source)}  # fmt: skip
        found -= {"probe"}  # scikit-learn, on the CPU whatever is chosen
        assert found == {cell.id for cell in cells if "training" in cell.metadata.get("tags", [])}
        assert found
