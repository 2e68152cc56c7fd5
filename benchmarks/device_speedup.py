"""How much faster each training cell is on a GPU: seconds on the CPU over seconds on the GPU.

The peer is the same cell of the same notebook on this computer's CPU (torch with all its threads).
A notebook with its solutions runs from top to bottom once on each device, in a new kernel; cells
with the tag `training` are timed. Both devices see the same data: MNIST and pretrained nets where
they lie in COURSE_DATA or can be fetched, their stand-ins otherwise.

    .venv/bin/python benchmarks/device_speedup.py                    # cuda or mps against cpu
    .venv/bin/python benchmarks/device_speedup.py --units mnist_training --device cuda
    .venv/bin/python benchmarks/device_speedup.py --small --device cpu    # does it run?
"""

import argparse
import os
import sys
import tempfile
import time

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Course
from autograder.submissions import fill, released, solutions
from coursekit.device import BEST_FIRST, VARIABLE, missing

UNITS = ("mnist_training", "feature_visualization")
TAG = "training"
# The first use of a GPU takes seconds, whatever is computed: not the training's.
WARM_UP = """
import torch
from coursekit.device import chosen_device
x = torch.ones(8, 1, 28, 28, device=chosen_device())
torch.nn.Conv2d(1, 4, 3).to(x.device)(x).sum().backward()
float(x.sum())
"""

ONE_STEP = new_code_cell(
    "import torch\n"
    "from coursekit.device import chosen_device\n"
    "net = torch.nn.Linear(9, 1).to(chosen_device())\n"
    "net(torch.ones(1, 9, device=chosen_device())).sum().backward()",
    id="one-step",
    metadata={"tags": [TAG]},
)


def with_solutions(course, topic):
    """A unit's released notebook with the solutions filled in."""
    unit = course.unit(topic)
    return fill(released(course, unit), solutions(unit))


def timed(notebook, device, warm_up=WARM_UP):
    """Run a notebook on a device; return {cell: seconds} of its training cells."""
    seconds, cells = {}, notebook.cells
    environment = {key: os.environ[key] for key in os.environ if key != "OMP_NUM_THREADS"}
    environment[VARIABLE] = device
    first = next((n for n, cell in enumerate(cells) if TAG in cell.metadata.get("tags", [])), 0)
    notebook = type(notebook)({**notebook, "cells": [*cells]})
    notebook.cells.insert(first, new_code_cell(warm_up))
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=None, resources={"metadata": {"path": folder}})
        with client.setup_kernel(env=environment):
            for place, cell in enumerate(notebook.cells):
                start = time.perf_counter()
                client.execute_cell(cell, place)
                if TAG in cell.metadata.get("tags", []):
                    seconds[cell.id] = time.perf_counter() - start
    return seconds


def rows(notebook, device, warm_up=WARM_UP):
    """[(cell, seconds on the CPU, seconds on the device, their ratio)] of the training cells."""
    seconds = [timed(notebook, one, warm_up) for one in ("cpu", device)]
    both = {cell: (seconds[0][cell], seconds[1][cell]) for cell in seconds[0]}
    return [(cell, cpu, other, cpu / other) for cell, (cpu, other) in both.items()]


def main():
    """Print a row for each training cell of each unit."""
    best = next((kind for kind in BEST_FIRST if not missing(kind)), "cpu")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--units", nargs="+", default=UNITS, choices=UNITS)
    parser.add_argument("--device", default=best, choices=BEST_FIRST)
    parser.add_argument("--small", action="store_true", help="one step of training, no unit")
    options = parser.parse_args()
    if options.device == best == "cpu" and "--device" not in sys.argv:
        reasons = "; ".join(f"{kind}: {missing(kind)}" for kind in BEST_FIRST if missing(kind))
        sys.exit(f"no GPU to compare with ({reasons})")
    if missing(options.device):
        sys.exit(f"no {options.device} here: {missing(options.device)}")
    print(f"{'unit, cell':<46} {'cpu, s':>8} {options.device + ', s':>8} {'ratio':>7}")
    for topic, notebook in notebooks(options):
        for cell, cpu, other, ratio in rows(notebook, options.device):
            print(f"{topic + ', ' + cell:<46} {cpu:8.2f} {other:8.2f} {ratio:7.2f}")


def notebooks(options):
    """Yield (name, notebook) of what the options ask for."""
    if options.small:
        yield "small", new_notebook(cells=[ONE_STEP])
        return
    for topic in options.units:
        yield topic, with_solutions(Course.find(), topic)


if __name__ == "__main__":
    main()
