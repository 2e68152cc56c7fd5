"""Where a net is trained: a toggle, and the one device that every training cell asks for.

The choice lives in the environment variable COURSE_DEVICE. So it can be made without a page
(`COURSE_DEVICE=cpu jupyter ...`), and it stays when the setup cell runs again.
"""

import os

from coursekit.widgets import live

KINDS = ("auto", "cpu", "cuda", "mps")
VARIABLE = "COURSE_DEVICE"
BEST_FIRST = ("cuda", "mps", "cpu")  # what auto tries, in this order


def device_toggle():
    """Show the choice between auto, cpu, cuda and mps; what this computer lacks can't be chosen.

    Without ipywidgets one line says which device it is, and that COURSE_DEVICE changes it.

    Raises:
        ValueError: COURSE_DEVICE names no device, or one that isn't there.
    """
    words = f"Training runs on {_in_words()}; the environment variable {VARIABLE} changes it."
    live.show(lambda: _Toggle().box, None, words)


def chosen_device():
    """Return the torch.device that nets and batches go to: what the toggle or COURSE_DEVICE says.

    auto, which is where it starts, is cuda where there is one, else mps, else cpu.

    Raises:
        ValueError: COURSE_DEVICE names no device, or one that isn't there.
    """
    import torch

    kind = _choice()
    if kind == "auto":
        kind = next(kind for kind in BEST_FIRST if not missing(kind))
    return torch.device(kind)


def missing(kind):
    """Return why a device can't be chosen here, in words; "" where it can.

    Args:
        kind: one of `KINDS`.
    """
    import torch

    if kind == "cuda" and not torch.cuda.is_available():
        built = torch.backends.cuda.is_built()
        return "torch sees no NVIDIA GPU" if built else "this torch is built without CUDA"
    if kind == "mps" and not torch.backends.mps.is_available():
        built = torch.backends.mps.is_built()
        return "it needs macOS 12.3 or newer" if built else "only torch for Apple's chips has it"
    return ""


def _choice():
    """The word in COURSE_DEVICE, checked."""
    given = os.environ.get(VARIABLE, "")
    kind = given.strip().lower() or "auto"
    if kind not in KINDS:
        raise ValueError(f"{VARIABLE} is {given!r}; set it to one of: {', '.join(KINDS)}")
    reason = missing(kind)
    if reason:
        there = [kind for kind in KINDS if not missing(kind)]
        raise ValueError(
            f"{VARIABLE} is {given!r}, but {reason}; set it to one of: {', '.join(there)}"
        )
    return kind


def _in_words():
    import torch

    device, chosen = chosen_device(), _choice()
    name = f" ({torch.cuda.get_device_name()})" if device.type == "cuda" else ""
    return f"{device.type}{name}" + (", chosen by auto" if chosen == "auto" else "")


class _Toggle:
    """A button for each device, one of them pressed, and a line that says what it means.

    Single buttons, because `ToggleButtons` of ipywidgets can't switch off one option.
    """

    def __init__(self):
        import ipywidgets

        lacks = {kind: missing(kind) for kind in KINDS}
        self.buttons = {
            kind: ipywidgets.ToggleButton(
                description=kind,
                disabled=bool(reason),
                tooltip=reason or f"train on {kind}",
                layout={"width": "80px"},
            )
            for kind, reason in lacks.items()
        }
        self.text = ipywidgets.Label()
        row = ipywidgets.HBox([ipywidgets.Label("train on"), *self.buttons.values()])
        reasons = [f"no {kind}: {reason}" for kind, reason in lacks.items() if reason]
        lines = [ipywidgets.Label(reason) for reason in reasons]
        self.box = ipywidgets.VBox([row, self.text, *lines])
        self._press(_choice())
        for button in self.buttons.values():
            button.observe(self._pressed, "value")

    def _pressed(self, change):
        """A press chooses; pressing the chosen one again leaves it chosen."""
        kind = change.owner.description
        if change.new:
            os.environ[VARIABLE] = kind
        if change.new or kind == _choice():
            self._press(_choice())

    def _press(self, chosen):
        for kind, button in self.buttons.items():
            button.value = kind == chosen
        self.text.value = f"Training runs on {_in_words()}."
