"""The sandboxed kernel and the judge's stand-ins, with real kernels."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from support import pictures
from support.course import ROOT
from support.patience import HASTY, PATIENCE, PATIENT, SMALL

from autograder.engine.inside import wire
from autograder.engine.inside.server import MAX_PRINTED
from autograder.engine.judging.standins import NotPassed, StandIn, StudentError, judged
from autograder.engine.limits import MIB, Limits, Room
from autograder.engine.rules import Rules
from autograder.engine.walls.bubblewrap import kernel_command
from autograder.engine.walls.kernel import CELL_TIMEOUT, Kernel, KernelGone, Outputs
from autograder.engine.walls.processes import descendants
from autograder.engine.walls.sandbox import Settings
from autograder.engine.walls.seccomp import (
    CLONE,
    CLONE3,
    FCNTL,
    FLOCK,
    IOCTL,
    MACHINES,
    MMAP,
    OF_ITSELF,
    PRETENDED,
    REFUSED,
    REFUSED_FENCED,
    SETSOCKOPT,
    SOCKET,
    SOCKETPAIR,
    UNCOUNTED,
    filter_program,
)
from coursekit.checks import fixtures
from coursekit.checks.core import CheckFailed, expect_unchanged

SETTINGS = Settings(SMALL, hidden=(str(ROOT),))

NAMES = """
import os, signal, sys, time
import numpy as np
import torch

def scale(x, by=2):
    return x * by
def identity(x):
    return x
def raises(error):
    def function(*_):
        raise error
    return function
class Refused(ValueError):
    pass
class Unprintable(Exception):
    def __str__(self):
        raise SystemExit
class StopIterationOfMine(StopIteration):
    pass
errors = dict(
    value=raises(Refused("no")), stop=raises(StopIteration(5)), exit=raises(SystemExit(0)),
    interrupt=raises(KeyboardInterrupt()), unprintable=raises(Unprintable()),
    leave=raises(GeneratorExit()), mine=raises(StopIterationOfMine()),
    group=raises(BaseException("x")), todo=raises(NotImplementedError()),
)
def nested(x):
    return deeper(x)
def deeper(x):
    return 1 / x
def spoil_all(given):
    for one in given.values():
        one += 1
    return 1
def spoil(x):
    x *= 2
    return x.sum()
def hang(*_):
    while True:
        pass
def deaf(*_):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass
def die(*_):
    os._exit(3)
def large(*_):
    return np.zeros(2**24)
def forge(*_):
    for number in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{number}").startswith("socket:"):
                os.write(int(number), b"forged" * 40)
        except OSError:
            pass
    return 1
def countdown(n):
    yield from range(n, 0, -1)
class Equal:
    shape = (2, 2)
    def __eq__(self, other): return True
    def __array__(self, *_): return np.ones((2, 2))
    def __float__(self): return 1.0
    def __bool__(self): return True
    def __len__(self): return -1
equal = Equal()
class Box:
    content = {"a": [1, 2]}
    _private = 1
    def __getitem__(self, key): return [10, 20, 30][key]
    def __len__(self): return 3
box = Box()
class Net(torch.nn.Module):
    def __init__(self, channels=2):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, channels, 3)
        self.drop = torch.nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(torch.relu(self.conv(x))).flatten(1)
"""


@pytest.fixture(scope="module")
def kernel():
    """A kernel in which `NAMES` has run; tests that end it start their own."""
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),))) as one:
        outputs = one.run(NAMES, PATIENCE)
        assert outputs == []
        yield one


@pytest.fixture
def ask(kernel):
    """`ask(name)` is the judge's view of a student's name."""
    with judged(kernel, PATIENCE) as channel:
        yield lambda name: channel.ask("name", name)


@pytest.fixture
def small():
    """A kernel of its own, without torch, under small limits."""
    with Kernel(SETTINGS) as one:
        one.run(NAMES.replace("import torch", "").partition("class Net")[0], PATIENCE)
        yield one


# --- stand-ins -----------------------------------------------------------------------------


def test_function_is_called_with_arrays_and_keywords(ask):
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(ask("scale")(array, by=3), array * 3)


def test_containers_of_data_go_there_and_back(ask):
    value = {"a": [1, (2.5, None)], 3: np.float32(0.1)}
    assert ask("identity")(value) == value


def test_stand_ins_inside_containers_reach_the_kernel_as_what_they_stand_for(ask):
    function = ask("identity")
    assert [one._handle.name for one in function([function, ask("scale")])] == [
        "identity",
        "scale",
    ]


def test_missing_name_is_a_name_error(ask):
    with pytest.raises(NameError, match="nothing_of_the_kind"):
        ask("nothing_of_the_kind")


def test_attributes_items_and_length_are_the_objects(ask):
    box = ask("box")
    assert box.content == {"a": [1, 2]}
    assert (box[1], len(box)) == (20, 3)
    with pytest.raises(AttributeError):
        box._private  # noqa: B018
    with pytest.raises(AttributeError):
        box.missing  # noqa: B018
    with pytest.raises(IndexError):
        box[7]


def test_module_class_and_generator_can_be_used(ask):
    assert ask("np").float32(1.5) == np.float32(1.5)
    assert len(ask("Box")()) == 3
    assert list(ask("countdown")(3)) == [3, 2, 1]


@pytest.mark.parametrize(
    "use",
    [
        lambda one: one == one,
        lambda one: one != 1,
        lambda one: one < 1,
        lambda one: bool(one),
        lambda one: np.asarray(one),
        lambda one: np.allclose(one, 1),
        lambda one: float(one),
        lambda one: int(one),
        lambda one: 1 in one,
        lambda one: len(one),
        lambda one: np.zeros(3)[one],
    ],
)
def test_object_that_equals_everything_passes_for_no_result(ask, use):
    with pytest.raises((TypeError, IndexError, ValueError, NotPassed)):
        use(ask("equal"))


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("value", ValueError, "Refused: no"),
        ("todo", NotImplementedError, "NotImplementedError"),
        ("stop", StudentError, "StopIteration: 5"),
        ("mine", StudentError, "StopIterationOfMine"),
        ("exit", StudentError, "SystemExit: 0"),
        ("interrupt", StudentError, "KeyboardInterrupt"),
        ("leave", StudentError, "GeneratorExit"),
        ("group", StudentError, "BaseException: x"),
        ("unprintable", StudentError, "Unprintable: (its text can't be shown)"),
    ],
)
def test_exception_arrives_as_an_ordinary_one_and_says_what_it_was(ask, name, kind, told):
    with pytest.raises(kind) as caught:
        ask("errors")[name](1)
    assert type(caught.value) is kind
    assert told in caught.value.told


def test_exception_brings_the_lines_of_the_cell(ask):
    with pytest.raises(ZeroDivisionError) as caught:
        ask("nested")(0)
    assert [line.split(": ")[1] for line in caught.value.lines] == [
        "return deeper(x)",
        "return 1 / x",
    ]


def test_what_a_call_does_to_its_arguments_stays_where_it_is(ask):
    array, tensor, inside = np.ones(3), torch.ones(3), {"a": np.ones(3)}
    assert ask("spoil")(array) == 6
    assert ask("spoil")(tensor) == 6
    ask("spoil_all")(inside)
    assert array.tolist() == tensor.tolist() == inside["a"].tolist() == [1, 1, 1]


def test_change_of_an_argument_is_seen_where_it_is_asked_for(ask):
    array, tensor, kept = np.ones(3), torch.ones(3), np.ones(3)
    assert ask("spoil").in_place(array) == 6
    assert ask("spoil").in_place(tensor) == 6
    ask("scale").in_place(kept)
    assert array.tolist() == tensor.tolist() == [2, 2, 2]
    assert kept.tolist() == [1, 1, 1]


@pytest.mark.parametrize("answer", ["spoil", "scale"])
def test_change_in_place_costs_points_wherever_the_answer_lives(ask, answer):
    here = {"spoil": lambda a: a.__iadd__(1), "scale": lambda a: a + 1}[answer]
    for function in (ask(answer), here):
        with nullcontext() if answer == "scale" else pytest.raises(CheckFailed, match="changed"):
            expect_unchanged("q", function, np.ones(3), case="three ones")


def test_module_of_torch_is_built_loaded_run_and_counted(ask):
    trusted = torch.nn.Conv2d(1, 4, 3)
    net = ask("Net")(channels=4)
    net.load_state_dict({"conv.weight": trusted.weight, "conv.bias": trusted.bias})
    net.eval()
    x = torch.randn(2, 1, 8, 8)
    expected = torch.relu(trusted(x)).flatten(1)
    assert torch.allclose(net(x), expected, atol=1e-5)
    assert sum(parameter.numel() for parameter in net.parameters()) == 4 * 9 + 4
    assert torch.equal(net.state_dict()["conv.weight"], trusted.weight)
    net.train()
    assert not torch.equal(net(x), expected)


TRAIN_A_STEP = """
import torch
def step(model, loader, loss_fn, optimizer, device):
    for x, y in loader:
        optimizer.zero_grad()
        loss_fn(model(x.to(device)), y.to(device)).backward()
        optimizer.step()
    return len(loader)
"""


def trained_beside(answer):
    """What a student's training function leaves of a net that lives where the function does."""
    layers = [["Conv2d", 1, 2, 3], ["ReLU"], ["Flatten"], ["Linear", 8, 3]]
    torch.manual_seed(0)
    state = fixtures.net(layers).state_dict()
    x, y = torch.linspace(-1, 1, 5 * 16).reshape(5, 1, 4, 4), torch.tensor([0, 1, 2, 0, 1])
    make = partial(fixtures.beside, answer)
    model = make("net", layers, state, training=True)
    batches, loss_fn = make("loader", x, y, 2), make("loss", "CrossEntropyLoss")
    optimizer = make("optimizer", "SGD", model, lr=0.1, momentum=0.9)
    device = make("device", "cpu")
    assert answer(model, batches, loss_fn, optimizer, device) == 3
    return state, model.state_dict()


ANOTHER_MAKER = """
import sys, types
fake = types.ModuleType("coursekit.checks.fixtures")
fake.net = fake.loader = fake.loss = fake.optimizer = fake.device = lambda *a, **o: print("fake")
for name in ("coursekit", "coursekit.checks", "coursekit.checks.fixtures"):
    sys.modules[name] = fake
"""


def test_net_made_beside_an_answer_is_the_graders_and_trained_as_it_would_be_here():
    names = {}
    exec(TRAIN_A_STEP, names)
    before, here = trained_beside(names["step"])
    makers = inspect.getsource(fixtures)
    with Kernel(Settings(PATIENT, hidden=(str(ROOT),), makers=makers)) as one:
        assert one.run(ANOTHER_MAKER, 10) == one.run(TRAIN_A_STEP, PATIENCE) == []
        with judged(one, PATIENCE) as channel:
            _, there = trained_beside(channel.ask("name", "step"))
    for key, value in here.items():
        assert torch.allclose(there[key], value, atol=1e-6)
        assert not torch.equal(before[key], value)


def test_what_can_not_be_sent_is_refused_here(ask):
    with pytest.raises(wire.WireError, match="function can't be passed"):
        ask("identity")(lambda: None)


def test_names_of_numpy_itself_are_not_asked_of_the_student(ask):
    assert not hasattr(ask("equal"), "__array_interface__")
    assert isinstance(ask("equal"), StandIn)


# --- calls that end badly ------------------------------------------------------------------


def test_hanging_call_ends_and_the_kernel_lives_on(small):
    with judged(small, PATIENCE) as channel:
        hang, scale = channel.ask("name", "hang"), channel.ask("name", "scale")
        channel.limits = replace(PATIENT, call_seconds=1)
        with pytest.raises(TimeoutError, match="still running after 1 s"):
            hang()
        asked = channel.number
        with pytest.raises(TimeoutError):
            scale(1)  # of the same grade cell: it has failed already
        assert channel.number == asked
    with judged(small, PATIENCE) as channel:
        assert channel.ask("name", "scale")(1) == 2


def test_call_that_ignores_the_interrupt_ends_with_its_kernel(small):
    with judged(small, PATIENCE) as channel:
        deaf, channel.limits = channel.ask("name", "deaf"), HASTY
        with pytest.raises(TimeoutError):
            deaf()
    assert not small.alive()


def test_all_calls_of_a_grade_cell_share_its_time(small):
    small.run("def slow(*_):\n    time.sleep(0.3)", PATIENCE)
    with judged(small, 1.5) as channel:
        slow = channel.ask("name", "slow")
        slow()
        with pytest.raises(TimeoutError, match="still running after [01]"):
            [slow() for _ in range(20)]


def test_call_that_ends_the_kernel_says_how(small):
    with judged(small, PATIENCE) as channel, pytest.raises(KernelGone, match="exit code 3"):
        channel.ask("name", "die")()


def test_result_that_is_too_large_is_refused_and_the_next_call_works(small):
    with judged(small, PATIENCE) as channel:
        with pytest.raises(RuntimeError, match="24 MiB"):
            channel.ask("name", "large")()
        assert channel.ask("name", "scale")(2) == 4


ENDLESS = """
def arrays():
    while True:
        yield np.zeros(2**17)
def texts():
    while True:
        yield ["x" * 2**16] * 8
def objects():
    while True:
        yield object()
def numbers():
    while True:
        yield [[]] * 10_000
class Grows:
    @property
    def value(self):
        return b"x" * 2**20
grows = Grows()
"""
COLLECTED = {
    "arrays of an iterator": lambda channel: list(channel.ask("name", "arrays")()),
    "texts of an iterator": lambda channel: list(channel.ask("name", "texts")()),
    "objects of an iterator": lambda channel: list(channel.ask("name", "objects")()),
    "lists of an iterator": lambda channel: list(channel.ask("name", "numbers")()),
    "an attribute": lambda channel: [channel.ask("name", "grows").value for _ in range(10**6)],
    "results of calls": lambda channel: [channel.ask("name", "bytes")(10**6) for _ in range(10**6)],
}


@pytest.mark.parametrize("what", COLLECTED)
def test_what_a_test_collects_is_limited_for_each_question(small, what):
    small.limits = replace(small.limits, answer=4 * MIB)
    small.run(f"{ENDLESS}\nbytes = bytes", PATIENCE)
    with judged(small, PATIENCE) as channel:
        with pytest.raises(NotPassed, match="one question may have 4 MiB together"):
            COLLECTED[what](channel)
        with pytest.raises(NotPassed):  # and no more
            channel.ask("name", "scale")(2)
    with judged(small, PATIENCE) as channel:  # the next question has its own
        assert channel.ask("name", "scale")(2) == 4


def test_questions_of_a_submission_share_what_is_kept_of_it(small):
    room = Room(replace(small.limits, answers=3 * MIB))
    for _ in range(2):
        with judged(small, PATIENCE, room=room) as channel:
            channel.ask("name", "scale")(np.ones(2**17), 2)
    small.limits = replace(small.limits, answers=3 * MIB)
    with judged(small, PATIENCE, room=room) as channel:
        scale = channel.ask("name", "scale")
        with pytest.raises(NotPassed, match="a submission may have 3 MiB together"):
            scale(np.ones(2**18), 2)


def test_bytes_forged_on_the_wire_are_no_reply(small):
    with judged(small, PATIENCE) as channel:
        forge = channel.ask("name", "forge")
        with pytest.raises((NotPassed, KernelGone, TimeoutError)):
            forge()
        with pytest.raises((NotPassed, KernelGone, TimeoutError)):
            channel.ask("name", "scale")(2)


def test_printing_while_judged_is_kept_apart(small):
    small.run("def loud(x):\n    print('mine', x)\n    return x", PATIENCE)
    with judged(small, PATIENCE) as channel:
        assert channel.ask("name", "loud")(3) == 3
    assert channel.printed == "mine 3\n"
    with judged(small, PATIENCE) as channel:
        channel.ask("name", "loud")
    assert channel.printed == ""
    assert small.run("print('later')", PATIENCE)[0].text == "later\n"


def test_flood_printed_while_judged_is_cut_off(small):
    small.run("def flood():\n    for _ in range(20_000): print('x' * 100)\n    return 5", PATIENCE)
    with judged(small, PATIENCE) as channel:
        assert channel.ask("name", "flood")() == 5
    assert len(channel.printed) == MAX_PRINTED


def test_figure_drawn_while_judged_does_not_show_under_the_next_cell(small):
    source = "import matplotlib.pyplot as plt\ndef draw():\n    plt.plot([1, 2])\n    return 5"
    small.run(source, PATIENCE)
    with judged(small, PATIENCE) as channel:
        assert channel.ask("name", "draw")() == 5
    assert small.run("1;", PATIENCE) == []


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("value = %who_ls\nprint('magic', type(value))", "magic <class 'list'>"),
        ("%%capture kept\nprint('hidden')", ""),
        ("%%time\npass", "Wall time"),
        ("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "awaited"),
        ('print("""\n%magic\n!shell\n""")', "\n%magic\n!shell\n"),
    ],
)
def test_ipython_s_own_syntax_works_as_in_a_notebook(small, cell, words):
    outputs = small.run(cell, PATIENCE)
    shown = [one.get("text") or one["data"]["text/plain"] for one in outputs]  # errors have none
    assert words in "".join(shown)
    assert bool(words) == bool(outputs)


# --- cells ---------------------------------------------------------------------------------


def test_outputs_of_a_cell_come_in_order_and_without_markup(small):
    outputs = small.run(
        "from IPython.display import HTML, display\nprint('one')\n"
        "display(HTML('<script>alert(1)</script>'))\nprint('two', file=sys.stderr)\n6 * 7",
        PATIENCE,
    )
    texts = [one.get("text") or one["data"] for one in outputs]
    assert texts[0] == "one\n"
    assert texts[1] == {"text/plain": "<IPython.core.display.HTML object>"}
    assert texts[2:] == ["two\n", {"text/plain": "42"}]


def test_training_in_a_kernel_is_on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cuda")  # the grader's own, which stays outside
    with Kernel(SETTINGS) as kernel:
        outputs = kernel.run("import os\nprint(os.environ['COURSE_DEVICE'])", PATIENCE)
    assert outputs[0].text == "cpu\n"


def test_exit_in_a_cell_does_not_end_the_kernel(small):
    assert "ignored" in small.run("exit()", PATIENCE)[0].text
    time.sleep(0.3)  # ipykernel would end a moment later
    assert small.run("print(scale(2))", PATIENCE)[0].text == "4\n"


def test_hanging_cell_is_stopped_and_the_kernel_lives_on(small):
    outputs = small.run("while True: pass", 1)
    assert outputs[-1].ename == CELL_TIMEOUT
    assert small.run("print(scale(2))", PATIENCE)[0].text == "4\n"


def test_cell_that_ignores_the_interrupt_ends_with_its_kernel(small):
    small.limits = HASTY
    with pytest.raises(KernelGone, match="did not heed the interrupt"):
        small.run("deaf()", 1)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("os._exit(7)", "exit code 7"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
    ],
)
def test_death_of_a_kernel_is_told_by_its_cause(small, source, reason):
    with pytest.raises(KernelGone, match=reason):
        small.run("print('before', flush=True)\n" + source, PATIENCE)


def test_memory_of_one_process_is_limited(small):
    outputs = small.run("x = np.ones(10**9)", PATIENCE)
    assert "MemoryError" in outputs[-1].ename


def test_memory_of_all_processes_together_is_limited(small):
    source = """
for _ in range(8):
    if os.fork() == 0:
        block = np.ones(2 * 10**7)
        time.sleep(60)
        os._exit(0)
time.sleep(30)
"""
    with pytest.raises(KernelGone, match="more than 0.586 GiB of memory"):
        small.run(source, PATIENCE)


def test_number_of_processes_is_limited(small):
    source = """
started = 0
try:
    while started < 500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        started += 1
except OSError as error:
    print(started < LIMIT, type(error).__name__)
""".replace("LIMIT", str(SMALL.processes))
    assert small.run(source, PATIENCE)[0].text == "True BlockingIOError\n"


def test_size_of_files_is_limited(small):
    source = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for folder in (os.getcwd(), "/tmp", "/dev/shm"):
    try:
        for number in range(300):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(bytes(2**20))
        print("no limit")
    except OSError as error:
        print(error.strerror)
"""
    assert small.run(source, PATIENCE)[0].text == "No space left on device\n" * 3


def test_flood_of_output_is_cut_off_and_the_next_cell_runs(small):
    outputs = small.run("for i in range(10**5): print('x' * 100)", PATIENCE)
    assert sum(len(one.get("text", "")) for one in outputs) < SMALL.output + 100
    assert small.run("scale(1)", PATIENCE) is not None
    assert small.alive()


def test_forged_and_malformed_messages_do_no_harm(small):
    source = """
kernel = get_ipython().kernel
for content in [{"text": 5}, {"name": [], "text": {}}, [], "x", None, {"data": 3}]:
    for kind in ("stream", "display_data", "execute_result", "error", "status", "execute_reply"):
        try:
            kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
        except Exception:
            pass
print("done")
"""
    outputs = small.run(source, PATIENCE)
    assert {one.output_type for one in outputs} <= {"stream", "display_data", "error"}
    assert small.run("print(scale(1))", PATIENCE)[-1].text == "2\n"


# --- walls ---------------------------------------------------------------------------------


def test_kernel_sees_nothing_of_the_grader(small):
    source = f"""
import glob
seen = [p for p in {[str(ROOT / "autograder"), str(ROOT / "work"), os.path.expanduser("~/.bashrc")]}
        if os.path.exists(p)]
lines = "".join(open(p, errors="replace").read() for p in glob.glob("/proc/[0-9]*/cmdline"))
print(seen, "autograder" in lines, "SEED" in str(os.environ))
"""
    assert small.run(source, PATIENCE)[0].text == "[] False False\n"


def test_forbidden_modules_are_absent_and_say_the_rule():
    rules = Rules("only numpy here", absent=("torch", "scipy.signal"))
    with Kernel(Settings(SMALL, rules, (str(ROOT),))) as one:
        source = """
import sys, importlib
for name in ("torch", "scipy.signal"):
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(error)
sys.meta_path.pop(0)
import scipy.linalg, torch
print(hasattr(torch, "nn"))
try:
    import scipy.signal
    print(hasattr(scipy.signal, "convolve"))
except ImportError:
    print(False)
"""
        text = one.run(source, PATIENCE)[0].text
    assert text.splitlines() == [
        "torch is not there when this is graded: only numpy here",
        "scipy.signal is not there when this is graded: only numpy here",
        "False",
        "False",
    ]


def test_refused_function_works_in_a_cell_and_raises_in_an_answer():
    rules = Rules("loops only", refused=("numpy.convolve", "cv2.filter2D", "cv2.not_there"))
    with Kernel(Settings(SMALL, rules, (str(ROOT),))) as one:
        source = "import numpy as np\nkept = np.convolve\nprint(kept([1], [2]))\n"
        source += "mine = lambda: kept([1], [2])"
        assert one.run(source, PATIENCE)[0].text == "[2]\n"
        with judged(one, PATIENCE) as channel, pytest.raises(RuntimeError, match="loops only"):
            channel.ask("name", "mine")()


def test_function_refused_for_one_question_works_in_the_others():
    rules = Rules("loops only", refused_for={"slow": ("numpy.convolve",)})
    with Kernel(Settings(SMALL, rules, (str(ROOT),))) as one:
        one.run("import numpy as np\nmine = lambda: np.convolve([1], [2])", PATIENCE)
        with judged(one, PATIENCE, "fast") as channel:
            assert channel.ask("name", "mine")().tolist() == [2]
        with judged(one, PATIENCE, "slow") as channel, pytest.raises(RuntimeError, match="loops"):
            channel.ask("name", "mine")()


@pytest.mark.thorough
def test_photos_and_pictures_work_in_every_unit_that_lacks_libraries(released_course):
    from autograder.release.recorded import released_unit
    from autograder.submissions import fill, solutions

    units = {unit: released_unit(released_course, unit) for unit in released_course.units}
    ruled = {unit: one for unit, one in units.items() if one.rules.absent}
    assert ruled
    for unit, released in ruled.items():
        with Kernel(Settings(PATIENT, released.rules, released.hidden)) as one:
            for cell in fill(released.notebook, solutions(unit)).cells:
                grade = cell.metadata.get("nbgrader", {}).get("grade")
                if cell.cell_type == "code" and not grade:
                    outputs = one.run(cell.source, PATIENCE)
                    assert not [o for o in outputs if o.output_type == "error"], cell.source


@pytest.mark.parametrize("machine", MACHINES)
def test_filter_of_system_calls_knows_this_kind_of_machine(machine):
    column, _ = MACHINES[machine]
    tables = (REFUSED, UNCOUNTED, REFUSED_FENCED, PRETENDED, OF_ITSELF)
    calls = [call for table in tables for call in table.values()]
    calls += [SOCKET, SOCKETPAIR, SETSOCKOPT, MMAP, FLOCK, CLONE, CLONE3, FCNTL, IOCTL]
    numbers = [call[column] for call in calls if call[column] is not None]
    assert len(set(numbers)) == len(numbers)
    for fenced in (False, True):
        program = filter_program(machine, fenced)
        assert len(program) % 8 == 0
        other = next(one for one in MACHINES if one != machine)
        assert program != filter_program(other, fenced)


def test_calls_that_lead_out_of_a_sandbox_are_refused(small):
    source = """
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
def refused(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    return result == -1 and errno.errorcode[ctypes.get_errno()]
print(refused("unshare", 0x10000000), refused("ptrace", 0, 0, 0, 0))
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
print(refused("syscall", clone, 0x10000011, 0, 0, 0, 0))
print(refused("syscall", 435, 0, 0), refused("socket", 40, 1, 0))
import threading
thread = threading.Thread(target=print, args=("threads start",))
thread.start(); thread.join()
"""
    assert small.run(source, PATIENCE)[0].text.splitlines() == [
        "EPERM EPERM",
        "EPERM",
        "ENOSYS EAFNOSUPPORT",
        "threads start",
    ]


def test_no_process_outlives_its_kernel():
    source = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
print("started")
"""
    with Kernel(SETTINGS) as one:
        assert one.run("import os, signal, time\n" + source, PATIENCE)[0].text == "started\n"
        pids = descendants(one.pid)
        assert len(pids) >= 3
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]


def test_sandbox_ends_when_the_grader_is_killed():
    script = (
        "import sys, time\n"
        "from autograder.engine.walls.kernel import Kernel\n"
        "from autograder.engine.walls.sandbox import Settings\n"
        "with Kernel(Settings()) as one:\n"
        "    print(one.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    pid = int(grader.stdout.readline())
    pids = [pid, *descendants(pid)]
    assert len(pids) >= 3
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    deadline = time.monotonic() + PATIENCE
    while any(map(running, pids)):
        assert time.monotonic() < deadline, "the sandbox is still there"


def running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_without_walls_the_judge_is_still_outside():
    with Kernel(Settings(SMALL, walls="none")) as one:
        one.run("def f(x):\n    return x + 1", PATIENCE)
        with judged(one, PATIENCE) as channel:
            assert channel.ask("name", "f")(1) == 2
            with pytest.raises(TypeError):
                bool(channel.ask("name", "f"))
        pid = one.pid
    assert not running(pid)


def test_command_line_of_the_sandbox_tells_no_path_of_the_host():
    command = kernel_command(SETTINGS, 3)
    for file in command.files:
        file.close()
    assert str(ROOT / "autograder") not in " ".join(command.arguments)


# --- how much is kept ----------------------------------------------------------------------

PNG = pictures.text(pictures.png(filling=bytes(30_000)))
FLOODS = {
    "names of errors": ("error", {"ename": "E" * 9000, "evalue": "", "traceback": []}),
    "lines of tracebacks": ("error", {"ename": "E", "evalue": "", "traceback": [""] * 9000}),
    "errors": ("error", {"ename": "", "evalue": "", "traceback": []}),
    "texts": ("display_data", {"data": {"text/plain": ""}}),
    "long texts": ("execute_result", {"data": {"text/plain": "x" * 9000}}),
    "counts": ("execute_result", {"data": {"text/plain": ""}, "execution_count": 10**4000}),
    "pictures": ("display_data", {"data": {"image/png": PNG}}),
    "two streams": ("stream", {"name": "stdout", "text": "x"}),
}


def as_text(outputs):
    return json.dumps(outputs.kept)


@pytest.mark.parametrize(("kind", "content"), FLOODS.values(), ids=FLOODS)
def test_all_that_is_kept_of_a_cell_counts(kind, content):
    limits = Limits()
    outputs = Outputs(limits, Room(limits))
    for number in range(5000):
        if kind == "stream":
            content = {**content, "name": ("stdout", "stderr")[number % 2]}
        outputs.add(kind, content)
    # What JSON writes around an item is in the 50 characters that each counts for, nearly.
    assert len(as_text(outputs)) < 4 * limits.output + limits.picture
    assert "output cut off" in as_text(outputs)


@pytest.mark.parametrize("kind", ["long texts", "pictures", "lines of tracebacks"])
def test_cells_of_a_notebook_share_its_room(kind):
    limits = replace(Limits(), notebook_output=MIB)
    room, kept = Room(limits), []
    for _ in range(100):
        outputs = Outputs(limits, room)
        for _ in range(10):
            outputs.add(*FLOODS[kind])
        kept.append(as_text(outputs))
    assert sum(map(len, kept)) < 4 * MIB
    assert "cut off" not in kept[0] or kind == "lines of tracebacks"
    assert "cut off" in kept[-1]


def test_text_printed_bit_by_bit_counts_for_its_length_alone():
    limits = Limits()
    outputs = Outputs(limits, Room(limits))
    for _ in range(90_000):
        outputs.add("stream", {"name": "stdout", "text": "."})
    assert outputs.kept[0]["text"] == "." * 90_000
