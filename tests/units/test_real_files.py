"""Units 04 and 05 with the real MNIST and a pretrained net, where these files are at hand.

They lie in the folder that SHARED_DATA names; everywhere else the notebooks run on what comes in
their place (`test_release.py`).
"""

import re
import shutil

import pytest
from support.alone import errors, printed, run_alone
from support.course import COURSE, SHARED_DATA

from autograder.submissions import fill, released, solutions

pytestmark = pytest.mark.thorough  # they train for a minute

# Trainings that are left out: 10,000 images and more, and variants that nothing is built on.
LONG = ("more", "all", "filters", "pool", "stride", "dropout", "norm", "softmax-train")


@pytest.fixture
def real_files(tmp_path, monkeypatch):
    """A copy of the files, in the folder that the notebooks look into."""
    if not (SHARED_DATA / "MNIST").is_dir():
        pytest.skip(f"no real files: {SHARED_DATA} (SHARED_DATA names the folder)")
    folder = tmp_path / "data"
    for path in SHARED_DATA.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(SHARED_DATA)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder


def run_filled(topic, folder, without=()):
    """Run a released notebook with its solutions; {cell: what it prints}."""
    unit = COURSE.unit(topic)
    nb = fill(released(COURSE, unit), solutions(unit))
    nb.cells = [cell for cell in nb.cells if cell.id not in without]
    folder.mkdir()
    nb = run_alone(nb, folder)
    assert errors(nb) == []
    return {cell.id: printed(cell) for cell in nb.cells if cell.cell_type == "code"}, nb


def test_mnist_unit_runs_on_mnist_and_augmentation_reaches_97_percent(real_files, tmp_path):
    told, nb = run_filled("mnist_training", tmp_path / "empty", LONG)
    assert told["data"].startswith("MNIST, 60,000 images to train on and 10,000 held out")
    (table,) = (cell.outputs[-1].data["text/plain"] for cell in nb.cells if cell.id == "table-all")
    accuracy = {
        name.strip(): float(share)
        for name, share in re.findall(r"^(\S.*?)  .*?(\d\.\d{4})$", table, re.MULTILINE)
    }
    assert accuracy["SmallCNN, augmented"] >= 0.97
    assert accuracy["SmallCNN"] > accuracy["one convolution"] > accuracy["feed-forward"] > 0.85


def test_visualization_unit_runs_on_a_pretrained_net(real_files, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_NET", "squeezenet1_1")
    told, _ = run_filled("feature_visualization", tmp_path / "empty")
    assert told["net-load"].startswith("squeezenet1_1, trained on ImageNet")
    assert "espresso" in told["fgsm-tops"].splitlines()[0]
    assert "espresso" not in told["fgsm-tops"].splitlines()[1]
    assert "no pretrained net" not in told["probe"]
