"""Every benchmark runs to its end on small sizes and prints its table; nobody reads the times."""

import os
import re
import subprocess
import sys

import pytest
from support.course import ROOT

FLOOR = "floor, 1 process"
SMALL = {  # a benchmark with its options: how rows of its table begin
    "calls.py --small": ["3 x 4", "100 x 100", "1000 x 1000"],
    "device_speedup.py --small --device cpu": ["small, one-step"],
    "recording.py --results 5": ["0 to 5", "gradebook.db: ", "done.sqlite: ", "autograded: "],
    "scale.py --small": ["1 ", "16 "],
    "grading.py --small --only convolution": ["plain nbgrader", "ours, 1 worker", FLOOR]
    + ["ratio plain/ours unit 01: ", "ratio ours/floor: "],
    "grading.py --small --profile convolution": ["start and end of the kernel", "hidden tests"],
}
HEAVY = [call for call in SMALL if call.startswith(("recording", "scale", "grading"))]
CALLS = [
    pytest.param(call, marks=pytest.mark.thorough if call in HEAVY else (), id=call)
    for call in SMALL
]


@pytest.mark.parametrize("call", CALLS)
def test_benchmark_ends_and_prints_its_table(call):
    script, *options = call.split()
    command = [sys.executable, str(ROOT / "benchmarks" / script), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for row in SMALL[call]:
        assert re.search(rf"^ *{re.escape(row)} *\d", done.stdout, re.MULTILINE), row


def test_every_benchmark_is_tried():
    tried = {call.split()[0] for call in SMALL}
    assert tried == {path.name for path in (ROOT / "benchmarks").glob("*.py")}
