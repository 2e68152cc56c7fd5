"""The device toggle and COURSE_DEVICE on pretended hardware; seeds that repeat a training."""

import importlib
import os
import sys

import pytest
import torch
from support.widgets import VIEW
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from autograder.engine.walls import sandbox
from coursekit import device
from coursekit.seeds import set_seed


@pytest.fixture(autouse=True)
def hardware(monkeypatch):
    """`hardware("cuda", "mps")` pretends that these are there; at first neither is."""
    monkeypatch.setenv("COURSE_DEVICE", "auto")

    def pretend(*kinds):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in kinds)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Some GPU")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in kinds)

    pretend()
    return pretend


@pytest.mark.parametrize(
    ("there", "chosen"),
    [((), "cpu"), (("mps",), "mps"), (("cuda",), "cuda"), (("mps", "cuda"), "cuda")],
)
def test_auto_takes_cuda_then_mps_then_cpu(hardware, monkeypatch, there, chosen):
    hardware(*there)
    for given in ("auto", "", None):
        if given is None:
            monkeypatch.delenv("COURSE_DEVICE")
        else:
            monkeypatch.setenv("COURSE_DEVICE", given)
        assert device.chosen_device() == torch.device(chosen)


@pytest.mark.parametrize(("given", "chosen"), [("cpu", "cpu"), ("mps", "mps"), (" CUDA ", "cuda")])
def test_variable_chooses(hardware, monkeypatch, given, chosen):
    hardware("cuda", "mps")
    monkeypatch.setenv("COURSE_DEVICE", given)
    assert device.chosen_device() == torch.device(chosen)


@pytest.mark.parametrize("call", [device.chosen_device, device.device_toggle])
@pytest.mark.parametrize("given", ["gpu", "cuda:1", "0"])
def test_wrong_word_lists_the_right_ones(monkeypatch, given, call):
    monkeypatch.setenv("COURSE_DEVICE", given)
    with pytest.raises(ValueError, match=f"COURSE_DEVICE is '{given}'.*: auto, cpu, cuda, mps"):
        call()


@pytest.mark.parametrize(
    ("given", "there", "message"),
    [
        ("cuda", ["mps"], "'cuda', but .*; set it to one of: auto, cpu, mps"),
        ("mps", [], "'mps', but only torch for Apple's chips has it; .*: auto, cpu$"),
    ],
)
def test_device_that_is_not_there_is_refused_with_the_reason(
    hardware, monkeypatch, given, there, message
):
    hardware(*there)
    monkeypatch.setenv("COURSE_DEVICE", given)
    with pytest.raises(ValueError, match=message):
        device.chosen_device()


@pytest.mark.parametrize(
    ("built", "reason"), [(True, "sees no NVIDIA GPU"), (False, "built without CUDA")]
)
def test_reason_tells_a_missing_gpu_from_a_torch_without_cuda(monkeypatch, built, reason):
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: built)
    assert reason in device.missing("cuda")
    assert device.missing("cpu") == device.missing("auto") == ""


# --- the toggle ----------------------------------------------------------------------------


def pressed(toggle):
    return [kind for kind, button in toggle.buttons.items() if button.value]


def lines(toggle):
    return [child.value for child in toggle.box.children[1:]]


def test_what_is_missing_can_not_be_pressed_and_the_reason_stands_there(hardware):
    hardware("cuda")
    toggle = device._Toggle()
    off = {kind: button for kind, button in toggle.buttons.items() if button.disabled}
    assert list(off) == ["mps"]
    assert off["mps"].tooltip == device.missing("mps")
    assert lines(toggle) == [
        "Training runs on cuda (Some GPU), chosen by auto.",
        f"no mps: {device.missing('mps')}",
    ]


def test_the_toggle_starts_at_the_variable(hardware, monkeypatch):
    hardware("cuda")
    monkeypatch.setenv("COURSE_DEVICE", "cuda")
    assert pressed(device._Toggle()) == ["cuda"]


def test_pressing_chooses_for_every_cell_after_it(hardware):
    hardware("cuda", "mps")
    toggle = device._Toggle()
    assert pressed(toggle) == ["auto"]
    for kind in ("cpu", "mps", "cuda", "auto"):
        toggle.buttons[kind].value = True
        assert pressed(toggle) == [kind]
        assert device.chosen_device().type == ("cuda" if kind == "auto" else kind)
    assert lines(toggle) == ["Training runs on cuda (Some GPU), chosen by auto."]


def test_pressing_the_chosen_one_again_leaves_it_chosen(hardware):
    toggle = device._Toggle()
    toggle.buttons["cpu"].value = True
    toggle.buttons["cpu"].value = False
    assert pressed(toggle) == ["cpu"]
    assert device.chosen_device().type == "cpu"


def test_choice_stays_when_the_setup_cell_runs_again(hardware):
    # It loads the modules anew, while the toggle on the page belongs to the old ones.
    hardware("cuda")
    device._Toggle().buttons["cpu"].value = True
    fresh = importlib.reload(device)
    assert fresh.chosen_device().type == "cpu"


def test_one_output_holds_the_toggle_and_a_line_for_pages_without_widgets(displayed):
    assert device.device_toggle() is None
    (bundle,) = displayed
    assert set(bundle) == {VIEW, "text/plain"}
    assert bundle["text/plain"].startswith("Training runs on cpu, chosen by auto")


def test_without_ipywidgets_the_line_is_all(displayed, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    device.device_toggle()
    assert [set(bundle) for bundle in displayed] == [{"text/plain"}]


def test_in_plain_python_one_line_is_printed(capsys):
    device.device_toggle()
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "COURSE_DEVICE" in line


def test_grading_is_on_the_cpu(hardware, monkeypatch):
    hardware("cuda")
    assert device.chosen_device().type == "cuda"
    monkeypatch.setenv("COURSE_DEVICE", sandbox.environment("/home")["COURSE_DEVICE"])
    assert device.chosen_device().type == "cpu"


# --- seeds ---------------------------------------------------------------------------------


def curve(seed):
    """The losses of a short training with all that is random: weights, order, dropout, noise."""
    set_seed(seed)
    images, labels = torch.rand(48, 1, 8, 8), torch.arange(48) % 3
    layers = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten()]
    net = nn.Sequential(*layers, nn.Linear(144, 3)).to(device.chosen_device())
    optimizer, losses = torch.optim.Adam(net.parameters(), lr=0.01), []
    for batch, targets in list(DataLoader(TensorDataset(images, labels), 8, shuffle=True)) * 3:
        loss = nn.functional.cross_entropy(net(batch + 0.1 * torch.randn_like(batch)), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_same_seed_gives_the_same_curve():
    first = curve(3)
    assert curve(3) == first
    assert curve(4) != first


def test_seed_asks_the_gpus_libraries_for_a_fixed_order(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    set_seed(0)
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
