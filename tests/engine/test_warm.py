"""A warm kernel is as walled in as a cold one, and nothing passes from one to the next."""

import importlib.util
import itertools
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from support.course import ROOT
from support.patience import PATIENCE, SMALL

from autograder.engine.walls import bubblewrap, warm
from autograder.engine.walls.kernel import Kernel, KernelGone
from autograder.engine.walls.processes import children, descendants, kill
from autograder.engine.walls.sandbox import SandboxError, Settings, environment
from autograder.engine.walls.views import SOURCE
from autograder.engine.walls.warm import Forked, preloaded

COLD = Settings(SMALL, hidden=(str(ROOT),))
WARM = Settings(SMALL, hidden=(str(ROOT),), preload=preloaded(("numpy", "json")))


@pytest.fixture(autouse=True)
def no_template_stays():
    yield
    warm.close_templates()


def said(kernel, source):
    """What a cell prints; its errors included."""
    outputs = kernel.run(source, PATIENCE)
    return "".join(one.get("text") or "\n".join(one["traceback"]) for one in outputs)


def forked(kernel):
    return isinstance(kernel.process, Forked)


def are_gone(pids):
    """Whether these processes end before long."""
    deadline = time.monotonic() + PATIENCE
    while left := [pid for pid in pids if os.path.exists(f"/proc/{pid}")]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return not left


def end_whole(process):
    """Kill a process; those below it follow it, but a moment later."""
    below = descendants(process.pid)
    process.kill()
    process.wait()
    assert are_gone(below)


@pytest.fixture
def shared(monkeypatch):
    """Templates of another process, as a worker sees them."""
    templates = warm.SharedTemplates()
    monkeypatch.setattr(warm, "_shared", {"folder": templates.folder})
    yield templates
    templates.close()


# --- as a cold one -------------------------------------------------------------------------

SURROUNDINGS = {
    "environment": "sorted((k, v) for k, v in os.environ.items() if k not in ('JPY_PARENT_PID',))",
    "limits": "[resource.getrlimit(getattr(resource, n)) for n in dir(resource) if 'RLIMIT_' in n]",
    "folder": "(os.getcwd(), sorted(os.listdir('.')), os.listdir('/tmp'), os.listdir('/dev/shm'))",
    "path": "sys.path",
    "flags": "sys.flags",
    "rights": "[l for l in open('/proc/self/status') if l[:3] in ('Cap', 'NoN', 'Sec')]",
    "groups": "os.getgroups()",
    "writable": "[d for d in ('/', '/usr', '/dev', '/run', '/opt') if os.access(d, 2)]",
    "network": "open('/proc/net/dev').read().count(':')",
    "scratch": "[shutil.disk_usage(d).total for d in ('/tmp', '/dev/shm', os.getcwd())]",
    "signals": "[signal.getsignal(n) == signal.SIG_DFL for n in (13, 15, 17)]",
    "threads": "threading.active_count()",
}


def test_surroundings_are_those_of_a_cold_kernel():
    imports = "import os, resource, shutil, signal, socket, sys, threading\n"
    source = imports + "".join(f"print({ask})\n" for ask in SURROUNDINGS.values())
    seen = []
    for settings in (COLD, WARM):
        with Kernel(settings) as kernel:
            assert forked(kernel) is (settings is WARM)
            seen.append(said(kernel, source).splitlines())
    assert dict(zip(SURROUNDINGS, seen[1], strict=True)) == dict(
        zip(SURROUNDINGS, seen[0], strict=True)
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\nos._exit(3)", "exit code 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
        ("import ctypes\nctypes.string_at(0)", "killed by SIGSEGV"),
        ("import os\nos.abort()", "killed by SIGABRT"),
    ],
)
def test_end_is_told_in_the_words_of_a_cold_kernel(source, words):
    for settings in (COLD, WARM):
        with Kernel(settings) as kernel, pytest.raises(KernelGone, match=words):
            kernel.run(source, PATIENCE)


def test_memory_of_all_its_processes_is_limited():
    eats = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n"
    eats += "        x = bytearray(200_000_000); time.sleep(20)\ntime.sleep(20)"
    with Kernel(WARM) as kernel, pytest.raises(KernelGone, match="GiB of memory"):
        kernel.run(eats, PATIENCE)


def test_interrupt_reaches_the_kernel():
    with Kernel(WARM) as kernel:
        outputs = kernel.run("while True: pass", 0.5)
        assert outputs[-1].ename == "CellTimeout"
        assert said(kernel, "print(1)") == "1\n"


def test_end_takes_all_that_it_started_along():
    with Kernel(WARM) as kernel:
        said(
            kernel,
            "import subprocess\np = subprocess.Popen(['sleep', '60'], start_new_session=True)",
        )
        below = [kernel.pid, *descendants(kernel.pid)]
        assert len(below) == 3
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(os.path.exists(f"/proc/{pid}") for pid in below):
        time.sleep(0.01)
    assert [pid for pid in below if os.path.exists(f"/proc/{pid}")] == []


# --- template and siblings -----------------------------------------------------------------


@pytest.fixture
def two():
    """Two kernels of one template."""
    with Kernel(WARM) as one, Kernel(WARM) as other:
        assert forked(one)
        assert forked(other)
        yield one, other


def template_process():
    (template,) = warm._templates.values()
    return template


def test_template_and_siblings_are_out_of_sight(two):
    for kernel in two:
        seen = said(
            kernel,
            "import os\nfor p in os.listdir('/proc'):\n"
            "    if p.isdigit(): print(open(f'/proc/{p}/cmdline').read().split(chr(0))[-4:])",
        )
        assert len(seen.splitlines()) == 2  # the first process of its namespace, and itself


def test_killing_everything_kills_nothing_but_itself(two):
    one, other = two
    everything = "import os\ntry: os.kill(-1, 9)\nfinally: os.kill(os.getpid(), 9)"
    with pytest.raises(KernelGone):
        one.run(everything, PATIENCE)
    assert said(other, "print(1)") == "1\n"
    assert template_process().alive()
    with Kernel(WARM) as third:
        assert forked(third)


@pytest.mark.parametrize(
    "attempt",
    [
        "ctypes.CDLL(None).unshare(0x10000000)",
        "ctypes.CDLL(None).unshare(0x00020000)",
        "ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None)",
        "ctypes.CDLL(None).umount2(b'/tmp', 2)",
        "ctypes.CDLL(None).ptrace(16, 1, 0, 0)",
        "ctypes.CDLL(None).setns(0, 0)",
    ],
)
def test_walls_can_not_be_moved_from_inside(two, attempt):
    assert said(two[0], f"import ctypes\nprint({attempt})") == "-1\n"


def test_first_process_can_not_be_looked_into_or_signalled(two):
    source = (
        "import os\nfor action in (lambda: os.listdir('/proc/1/fd'), lambda: open('/proc/1/mem'),\n"
        "               lambda: os.readlink('/proc/1/root')):\n"
        "    try: action(); print('seen')\n    except OSError: print('no')\n"
        "os.kill(1, 15); os.kill(1, 9); os.kill(1, 2); print('still here')"
    )
    assert said(two[0], source) == "no\nno\nno\nstill here\n"


def test_no_open_file_of_the_template_is_inherited(two):
    source = (
        "import os\nfor n in os.listdir('/proc/self/fd'):\n"
        "    try: print(os.readlink(f'/proc/self/fd/{n}'))\n    except OSError: pass"
    )
    lines = said(two[0], source).splitlines()
    kinds = {re.sub(r"/tmp/#\d+ ", "nameless ", line.partition(":")[0]) for line in lines}
    allowed = {"socket", "/dev/null", "/proc/2/fd", "/proc/self/fd", "nameless (deleted)"}
    assert {one for one in kinds if not one.startswith("/proc/")} <= allowed


LEAVE = """
import os, random, socket, sys, ctypes
import numpy
for folder in (os.getcwd(), '/tmp', '/dev/shm', os.path.expanduser('~/.ipython')):
    with open(folder + '/left.py', 'w') as file:
        file.write('left = 1')
kept = socket.socket(socket.AF_UNIX); kept.bind('\\0left')
libc = ctypes.CDLL(None)
print('shared memory', libc.shmget(4711, 4096, 0o1666) >= 0)
numpy.array = None; sys.modules['left'] = sys; os.environ['LEFT'] = '1'
"""
FIND = """
import ctypes, os, socket, sys
import numpy
folders = os.getcwd(), '/tmp', '/dev/shm', os.path.expanduser('~/.ipython')
found = [f for f in folders if 'left.py' in os.listdir(f)]
try:
    socket.socket(socket.AF_UNIX).connect('\\0left'); found.append('socket')
except OSError: pass
if ctypes.CDLL(None).shmget(4711, 4096, 0o666) >= 0: found.append('shared memory')
if numpy.array is None or 'left' in sys.modules or 'LEFT' in os.environ: found.append('memory')
print(found)
"""


def test_nothing_is_left_for_a_sibling_or_the_next_one(two):
    one, other = two
    assert said(one, LEAVE) == "shared memory False\n"
    assert said(other, FIND) == "[]\n"
    one.close()
    with Kernel(WARM) as third:
        assert said(third, FIND) == "[]\n"


def test_generators_start_anew_in_each(two):
    draw = "import random, numpy\nprint(random.random(), numpy.random.rand())"
    assert len({said(kernel, draw) for kernel in two}) == 2


# --- the template's own life ---------------------------------------------------------------


def test_one_template_serves_many_and_a_killed_one_is_replaced():
    with Kernel(WARM):
        first = template_process()
    with Kernel(WARM):
        assert template_process() is first
    for process in children(first.process.pid):
        kill(process)
    first.process.wait(PATIENCE)
    with Kernel(WARM) as kernel:
        assert forked(kernel)
        assert template_process() is not first


def test_no_more_templates_stay_than_there_is_room_for():
    for number in range(warm.MOST_TEMPLATES + 1):
        with Kernel(Settings(SMALL, hidden=(str(ROOT), f"/{number}"), preload=("json",))) as kernel:
            assert forked(kernel)
    assert len(warm._templates) == warm.MOST_TEMPLATES


def test_template_has_imported_all_that_a_kernel_imports_until_it_is_ready(tmp_path):
    code = f"""
import importlib, runpy, sys
runpy.run_path({str(SOURCE / "server.py")!r})["prepare"]()
for name in {WARM.preload}: importlib.import_module(name)
print(*sys.modules)"""
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, env=environment(str(tmp_path)))
    with Kernel(WARM) as kernel:
        ready = said(kernel, "import sys; print(*sys.modules)").split()
    packages = {name.partition(".")[0] for name in set(ready) - set(done.stdout.decode().split())}
    assert packages <= {"isolation", "server", "resource"}


def test_template_is_one_thread_and_imports_what_it_can():
    settings = Settings(SMALL, preload=("no_such_module", "numpy"))
    with Kernel(settings) as kernel:
        assert said(kernel, "import sys; print('numpy' in sys.modules)") == "True\n"


@pytest.mark.parametrize("where", ["template", "child"])
def test_host_that_allows_no_warm_kernels_starts_cold_ones_and_says_so_once(
    monkeypatch, caplog, where
):
    def no(*_):
        raise SandboxError("namespaces in namespaces are refused")

    monkeypatch.setattr(warm, "_refused", set())
    monkeypatch.setattr(warm.Template, "__init__" if where == "template" else "fork", no)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with Kernel(WARM) as kernel:
                assert not forked(kernel)
                assert said(kernel, "print(1)") == "1\n"
    (message,) = [record.getMessage() for record in caplog.records if record.name == warm.__name__]
    assert message == "kernels start cold on this host: namespaces in namespaces are refused"


def test_walls_that_a_child_can_not_make_mean_a_cold_kernel(monkeypatch):
    make = warm.template_command

    def without_tmp(settings, lines):
        command, orders = make(settings, lines)
        orders["folders"]["/no/such/folder"] = 4096
        return command, orders

    monkeypatch.setattr(warm, "_refused", set())
    monkeypatch.setattr(warm, "template_command", without_tmp)
    with Kernel(WARM) as kernel:
        assert not forked(kernel)
        assert said(kernel, "print(1)") == "1\n"


def test_killed_grader_takes_template_and_kernels_along():
    code = (
        "import os, sys, time\n"
        "from autograder.engine.walls.kernel import Kernel\n"
        "from autograder.engine.walls.sandbox import Settings\n"
        "kernel = Kernel(Settings(preload=('json',))).start()\n"
        "print(kernel.pid, flush=True)\ntime.sleep(60)\n"
    )
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    pid = int(grader.stdout.readline())
    below = [*descendants(grader.pid), pid]
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    assert are_gone(below)


# --- templates that workers share ----------------------------------------------------------


def test_workers_take_their_kernels_from_the_one_template_of_their_pool(shared):
    shared.expect(WARM)
    with Kernel(WARM) as one, Kernel(WARM) as other:
        assert [said(kernel, "print(1)") for kernel in (one, other)] == ["1\n", "1\n"]
        below = descendants(shared.template.process.pid)
        assert {one.pid, other.pid} <= set(below)
    (connected,) = warm._templates.values()
    assert isinstance(connected, warm.Connected)


def test_end_of_a_worker_leaves_the_kernels_of_the_others_alone(shared):
    shared.expect(WARM)
    code = (
        "import sys\n"
        "from autograder.engine.walls import warm\n"
        "from tests.engine.test_warm import WARM, Kernel\n"
        "warm.use_templates_in(sys.argv[1])\n"
        "kernel = Kernel(WARM).start()\n"
        "print(kernel.pid, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", code, shared.folder]
    worker = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    with worker, Kernel(WARM) as kernel:
        theirs = int(worker.stdout.readline())
        assert theirs in descendants(shared.template.process.pid)
        worker.kill()
        worker.wait()
        assert are_gone([theirs])
        assert said(kernel, "print(1)") == "1\n"
        with Kernel(WARM) as later:
            assert said(later, "print(2)") == "2\n"


@pytest.mark.parametrize("when", ["never started", "before the first", "between two"])
def test_without_the_shared_template_a_worker_starts_its_own(shared, when):
    if when != "never started":
        shared.expect(WARM)
    if when == "between two":
        with Kernel(WARM) as kernel:
            assert said(kernel, "print(1)") == "1\n"
    if when != "never started":
        shared.template.ready()  # while it is starting, not all of it follows
        end_whole(shared.template.process)
    with Kernel(WARM) as kernel:
        assert forked(kernel)
        assert said(kernel, "print(1)") == "1\n"
    assert isinstance(template_process(), warm.Template)


def test_template_of_other_settings_takes_the_place_of_the_last(shared):
    shared.expect(COLD)
    assert shared.template is None
    shared.expect(WARM)
    first = shared.template
    shared.expect(WARM)
    assert shared.template is first
    shared.expect(Settings(SMALL, preload=preloaded(("json",))))
    assert not first.alive()
    assert len(os.listdir(shared.folder)) == 2
    shared.close()
    assert not os.path.exists(shared.folder)


def test_kernel_holds_no_line_to_the_shared_template(shared):
    shared.expect(WARM)
    sockets = "import os\nprint([os.readlink(f'/proc/self/fd/{n}')[:6] for n in sorted(map(int, "
    sockets += "os.listdir('/proc/self/fd')))[:-1]].count('socket'))"
    with Kernel(WARM), Kernel(WARM) as kernel:
        assert said(kernel, sockets) == "1\n"


def test_template_that_is_ended_while_it_starts_leaves_nothing(tmp_path):
    program = tmp_path / "program-of-this-test"
    program.symlink_to(bubblewrap.bubblewrap_program())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bubblewrap, "bubblewrap_program", lambda: str(program))
        for pause in (0, 0.001, 0.003, 0.01, 0.03) * 4:
            template = warm.Template(WARM)
            time.sleep(pause)
            template.close()
    running = psutil.process_iter(["cmdline"])
    assert are_gone([one.pid for one in running if str(program) in (one.info["cmdline"] or ())])


# --- many kernels of one template ----------------------------------------------------------


def test_kernels_stay_what_they_are_while_the_template_gathers_its_memory():
    """From the fifth on; it then takes memory together for as long as nobody asks."""
    for number in range(12):
        with Kernel(WARM) as kernel:
            assert forked(kernel)
            source = "import numpy\nprint(numpy.arange(9.0).sum(), sorted(globals())[-1:])"
            assert said(kernel, source) == "36.0 ['quit']\n", number
        time.sleep(0.05)


def test_gathering_memory_in_large_pages_changes_nothing_in_it():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import hashlib, pages\n"
        "big = bytearray(range(256)) * (24 << 12)  # one mapping of 24 MiB\n"
        "values = [str(number) * 9 for number in range(200_000)]\n"
        "digest = lambda: hashlib.sha256(repr(values).encode() + big).hexdigest()\n"
        "before = digest()\n"
        "count = sum(pages.gathering())\n"
        "assert count > 3, count\n"
        "assert digest() == before\n"
        "values.append('more'); del values[::2]; print(len(values), count)\n"
    )
    command = [sys.executable, "-c", code, str(SOURCE)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.startswith("100000 ")


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_whoever_asks_a_template_waits_for_no_more_than_one_step_of_what_it_does_meanwhile(steps):
    template = _template_module()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    done = []

    def meanwhile():
        for number in range(100):
            if number == steps:
                ours.send(b"1000")
            done.append(number)
            yield True

    with ours, theirs:
        assert template.Lines(theirs).next_request(meanwhile()) == (1000, [])
    assert len(done) == steps + 1


def test_template_ends_with_its_owner_also_while_it_is_busy():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    with theirs:
        assert _template_module().Lines(theirs).next_request(itertools.repeat(True)) is None


def _template_module():
    spec = importlib.util.spec_from_file_location("template", SOURCE / "template.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
