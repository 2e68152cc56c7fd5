"""Memory that no process of a sandbox maps is refused or counted, behind each tier of walls."""

import fcntl
import os
from dataclasses import replace

import pytest
from support.course import ROOT
from support.patience import PATIENCE, SMALL, wait_until

from autograder.engine.limits import MIB
from autograder.engine.walls import cgroup, memory, watch
from autograder.engine.walls.kernel import Kernel, KernelGone
from autograder.engine.walls.sandbox import BUBBLEWRAP, FENCE, SandboxError, Settings
from autograder.engine.walls.tiers import backend_of
from autograder.engine.walls.warm import preloaded

# A kernel before it has done anything has some 100 MiB.
LITTLE = replace(SMALL, memory=300 * MIB, scratch=128 * MIB)
TIERS = {
    "warm": Settings(LITTLE, hidden=(str(ROOT),), preload=preloaded(["numpy"]), walls=BUBBLEWRAP),
    "cold": Settings(LITTLE, hidden=(str(ROOT),), walls=BUBBLEWRAP),
    "fenced": Settings(LITTLE, hidden=(str(ROOT),), walls=FENCE),
}


@pytest.fixture(params=TIERS)
def kernel(request):
    """A kernel of each tier that this host has."""
    try:
        backend_of(TIERS[request.param].walls)
    except SandboxError as problem:
        pytest.skip(f"no such walls here: {problem}")
    with Kernel(TIERS[request.param]) as one:
        yield one


SETUP = """
import ctypes, mmap, os, platform, socket, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
def refused(name, *arguments):
    ctypes.set_errno(0)
    return getattr(libc, name)(*arguments) == -1 and os.strerror(ctypes.get_errno())
def can(action):
    try:
        action()
    except (OSError, ValueError) as error:
        return str(error)
    return False
IO_SETUP = {"x86_64": 206, "aarch64": 0}[platform.machine()]
MiB = 2**20
"""
REFUSED = {
    "System V segments": "refused('shmget', 0, 64 * MiB, 0o1600)",
    "System V queues": "refused('msgget', 0, 0o1600)",
    "System V semaphores": "refused('semget', 0, 1000, 0o1600)",
    "files without a folder": "refused('memfd_create', b'x', 0)",
    "memory without a file": "can(lambda: mmap.mmap(-1, 64 * MiB))",
    "memory of a device": "can(lambda: mmap.mmap(os.open('/dev/zero', os.O_RDWR), 64 * MiB))",
    "pages in a pipe": "refused('vmsplice', os.pipe()[1], 0, 0, 0)",
    "a file in a pipe": "refused('splice', os.open(os.__file__, 0), 0, os.pipe()[1], 0, 1, 0)",
    "pipes of larger size": "can(lambda: __import__('fcntl').fcntl(os.pipe()[1], 1031, MiB))",
    "datagrams": "can(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))",
    "connections by TCP": "can(lambda: socket.socket())",
    "rings of events": "refused('syscall', IO_SETUP, 100, ctypes.byref(ctypes.c_long()))",
    "notices about files": "refused('inotify_init1', 0)",
}


@pytest.mark.parametrize("what", REFUSED)
def test_memory_that_nobody_can_count_is_refused(kernel, what):
    assert kernel.run(SETUP, PATIENCE) == []
    (output,) = kernel.run(f"print({REFUSED[what]})", PATIENCE)
    assert output.text != "False\n"
    assert "refused" not in REFUSED[what] or output.text == "Operation not permitted\n"


def test_larger_buffers_of_sockets_are_not_to_be_had(kernel):
    source = """
import socket
one, other = socket.socketpair()
before = one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
for size in (socket.SO_SNDBUF, socket.SO_RCVBUF):
    one.setsockopt(socket.SOL_SOCKET, size, 2**24)
print(before == one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))
"""
    assert kernel.run(source, PATIENCE)[0].text == "True\n"


IN_CHILDREN = """
def in_children(number, fill):
    for _ in range(number):
        if os.fork() == 0:
            kept = fill()
            time.sleep(30)
            os._exit(0)
    time.sleep(20)
def fill(one):
    try:
        while True:
            one.send(bytes(MiB))
    except BlockingIOError:
        pass
def fill_sockets():
    kept = []
    try:
        while True:
            pair = socket.socketpair()
            kept.append(pair)
            for one in pair:
                one.setblocking(False)
                fill(one)
    except OSError:
        return kept
def fill_pipes():
    kept = []
    try:
        while True:
            kept.append(os.pipe2(os.O_NONBLOCK))
            os.write(kept[-1][1], bytes(2**16))
    except OSError:
        return kept
def fill_a_queue():
    kept = socket.socket(socket.AF_UNIX)
    name = f"{os.getpid()}"
    kept.bind(name)
    kept.listen(4096)
    try:
        for _ in range(1500):
            with socket.socket(socket.AF_UNIX) as one:
                one.setblocking(False)
                one.connect(name)
                fill(one)
    except OSError:
        pass
    return kept
def fill_a_folder(folder):
    for number in range(120):
        with open(f"{folder}/{os.getpid()}-{number}", "wb") as file:
            file.write(bytes(MiB))
"""
COUNTED = {
    "sockets": "in_children(4, fill_sockets)",
    "pipes": "in_children(8, fill_pipes)",
    "tables of pages": """
size = 2**41
at = libc.mmap(None, size, mmap.PROT_READ, 0x4022, -1, 0)  # private, no file, no reserve
for place in range(at, at + size, 2 * MiB):
    ctypes.c_char.from_address(place).value
""",
}
COUNTED_OF_ITS_OWN = {  # where the kernel has a network and folders of its own
    "connections that nobody accepts": "in_children(2, fill_a_queue)",
    "files in memory": """
for folder in ("/tmp", "/dev/shm", "."):
    fill_a_folder(folder)
time.sleep(20)
""",
    "empty files": """
for number in range(10**6):
    open(f"/tmp/{number}", "w").close()
""",
}


@pytest.mark.parametrize(
    ("kernel", "what"),
    [(tier, what) for tier in TIERS for what in COUNTED]
    # Behind the second tier nobody can connect, and files lie on disk.
    + [(tier, what) for tier in ("warm", "cold") for what in COUNTED_OF_ITS_OWN],
    indirect=["kernel"],
)
def test_memory_that_no_process_maps_counts(kernel, what):
    source = SETUP + IN_CHILDREN + (COUNTED | COUNTED_OF_ITS_OWN)[what]
    with pytest.raises(KernelGone, match=r"more than 0.293 GiB of memory"):
        kernel.run(source, PATIENCE)


def test_honest_children_with_inherited_files_are_not_counted_for_each(kernel):
    source = """
import os, time
files = [open(os.__file__) for _ in range(100)] + [os.pipe() for _ in range(30)]
children = []
for _ in range(12):
    children.append(os.fork())
    if children[-1] == 0:
        time.sleep(1)
        os._exit(0)
print({os.waitpid(one, 0)[1] for one in children})
"""
    assert kernel.run(source, PATIENCE)[0].text == "{0}\n"


def test_locks_on_files_that_all_see_carry_no_message(kernel):
    source = """
import fcntl, os, struct
for lock in (fcntl.flock, fcntl.lockf):
    with open(os.__file__) as file:
        lock(file, fcntl.LOCK_SH)
query = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0)
try:
    fcntl.fcntl(open(os.__file__), fcntl.F_GETLK, query)
except OSError:
    print("refused")
"""
    assert kernel.run(source, PATIENCE)[0].text == "refused\n"
    with open(os.__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody else holds one


def test_process_that_has_ended_holds_nothing():
    gone = 2**22 + 1
    assert memory.memory_by_process([gone], 0) == {gone: 0}
    assert memory.memory_of_sockets(gone) == 0


# --- control groups ------------------------------------------------------------------------


@pytest.fixture
def late_watch(monkeypatch):
    """The watch looks so late that Linux has to hold the bound."""
    if cgroup.delegated() is None:
        pytest.skip("this process may make no control groups of memory here")
    monkeypatch.setattr(watch, "WATCH_SECONDS", 1000)


ON_DISK = "its folders and itself"  # behind the second tier
BURSTS = {
    ON_DISK: "kept = os.urandom(MiB) * 100\n"
    "for folder in ('/tmp', '/dev/shm', '.'): fill_a_folder(folder)",
    "its children": "in_children(9, lambda: os.urandom(MiB) * 100)",
    "sockets of its children": "in_children(20, fill_sockets)",
}


@pytest.mark.parametrize(
    ("kernel", "what"),
    [(tier, what) for tier in TIERS for what in BURSTS if (tier, what) != ("fenced", ON_DISK)],
    indirect=["kernel"],
)
def test_linux_holds_the_bound_where_groups_are_delegated(late_watch, kernel, what):
    group = kernel.watch.group
    kernel.run(SETUP + IN_CHILDREN.replace("sleep(20)", "sleep(3)"), PATIENCE)
    wait_until(lambda: str(kernel.started.kernel) in (group.folder / "cgroup.procs").read_text())
    try:
        kernel.run(BURSTS[what], PATIENCE)
    except KernelGone as gone:
        assert "more than 0.293 GiB of memory" in str(gone)  # noqa: PT017  (it may live on)
    assert group.enforced()


def test_groups_go_with_their_kernels_and_those_of_killed_graders_at_the_next_start(kernel):
    where = cgroup.delegated()
    if where is None:
        pytest.skip("this process may make no control groups of memory here")
    group = kernel.watch.group
    left = where.folder / f"{cgroup.PREFIX}{2**22 + 1}-0"
    left.mkdir(exist_ok=True)
    kernel.close()
    wait_until(lambda: cgroup.remove_ended() or not group.folder.exists())
    cgroup.delegated.cache_clear()
    cgroup.delegated()
    assert not left.exists()


VERSION_2 = {"own group": "0::/user/app/own\n", "hybrid": "4:cpu:/x\n0::/user/app/own\n"}


@pytest.mark.parametrize("groups", VERSION_2.values(), ids=VERSION_2)
def test_groups_of_version_2_are_looked_for_above_this_process_s_own(monkeypatch, groups):
    monkeypatch.setattr(cgroup, "_read", lambda path: groups)
    found = [(where.folder, where.version) for where in cgroup.candidates()]
    assert found == [(cgroup.ROOT / one, 2) for one in ("user/app/own", "user/app", "user", "")]


def test_group_of_version_2_holds_memory_without_swap(tmp_path):
    group = cgroup.Group(cgroup.Delegated(tmp_path, 2), 1000)
    assert (group.folder / "memory.max").read_text() == "1250"
    assert (group.folder / "memory.swap.max").read_text() == "0"
    group.take([1, 2])
    assert (group.folder / "cgroup.procs").read_text() == "2"
    assert not group.enforced()
    (group.folder / "memory.events").write_text("low 0\nmax 7\noom 2\noom_kill 1\n")
    assert group.enforced()
