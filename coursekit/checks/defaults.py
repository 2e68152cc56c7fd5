"""The defaults under which an answer is checked: a notebook may have set others for itself.

The visible checks and grading use this module alike. Grading runs its text alone in the student's
kernel, so it imports nothing of `coursekit`, and nothing that may not be there.
"""

import contextlib
import sys
import warnings

RECURSION = 1000  # calls within calls, Python's own limit
ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}  # numpy's own


@contextlib.contextmanager
def fresh_defaults():
    """Run a block under the defaults of Python, numpy and torch; those before hold again after it.

    What the block itself sets ends with it. Limits that somebody raised stay raised, and nothing
    is done about seeds, print options and the working folder: no check depends on them.
    """
    settings = [*_settings()]
    before = [read() for read, _, _ in settings]
    with contextlib.ExitStack() as modes:
        try:
            for (_, write, fresh), now in zip(settings, before, strict=True):
                if now != fresh:
                    write(fresh)
            for mode in _modes():
                modes.enter_context(mode)
            yield
        finally:
            for (read, write, _), was in zip(settings, before, strict=True):
                if read() != was:
                    write(was)


def _settings():
    """(what tells a setting, what changes it, its default) of each setting that matters."""
    limit = max(sys.getrecursionlimit(), RECURSION)
    yield sys.getrecursionlimit, sys.setrecursionlimit, limit
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        yield numpy.geterr, lambda errors: numpy.seterr(**errors), ERRORS
    if torch is not None:
        yield torch.get_default_dtype, torch.set_default_dtype, torch.float32
        yield torch.is_grad_enabled, torch.set_grad_enabled, True
        yield torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly, False
        yield torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0
        precision = torch.get_float32_matmul_precision, torch.set_float32_matmul_precision
        yield *precision, "highest"


def _modes():
    """What is laid over a setting that can't be put back, or that is none."""
    if any(action == "error" for action, *_ in warnings.filters):
        yield _warnings_that_go_on()
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if not _makes_tensors_on_the_cpu(torch):
        yield torch.device("cpu")
    for kind in ("cpu", "cuda"):
        if torch.is_autocast_enabled(kind):
            yield torch.autocast(kind, enabled=False)
    if torch.is_inference_mode_enabled():
        yield torch.inference_mode(False)


@contextlib.contextmanager
def _warnings_that_go_on():
    """No warning is an error in the block."""
    with warnings.catch_warnings():
        warnings.filters[:] = [one for one in warnings.filters if one[0] != "error"]
        yield


def _makes_tensors_on_the_cpu(torch):
    try:
        return torch.get_default_device().type == "cpu"
    except (RuntimeError, AssertionError):  # a device that this computer hasn't
        return False
