"""The tiers of walls around a kernel: each holds what it promises, and a host gets the strongest.

Everything here runs in real kernels, behind bubblewrap and behind Landlock.
"""

import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from support.course import COURSE, ROOT
from support.patience import PATIENCE, PATIENT, SMALL

from autograder import host_setup, system_packages
from autograder.engine.grade import grade_submission
from autograder.engine.limits import MIB
from autograder.engine.walls import bubblewrap, command, doctor, program, tiers
from autograder.engine.walls.doctor import PROBES, PROBES_OF, SETUP, Landmarks, examine
from autograder.engine.walls.hosts import CONTAINER_OPTIONS, Host, remedy
from autograder.engine.walls.kernel import Kernel, KernelGone
from autograder.engine.walls.processes import descendants
from autograder.engine.walls.sandbox import AUTO, BUBBLEWRAP, FENCE, NONE, SandboxError, Settings
from autograder.engine.walls.tiers import BACKENDS, backend_of
from autograder.release.recorded import released_unit
from autograder.submissions import fill, released, solutions


@pytest.fixture(params=[BUBBLEWRAP, FENCE])
def walls(request):
    """Each tier that this host has; a host without Landlock has one."""
    if request.param == FENCE:
        skip_without_second_tier()
    return request.param


@pytest.fixture
def settings(walls):
    return Settings(SMALL, hidden=(str(ROOT),), walls=walls)


@pytest.fixture
def kernel(settings):
    with Kernel(settings) as one:
        yield one


@pytest.fixture(autouse=True)
def looked_for_anew():
    """What a test makes this host look like is forgotten."""
    yield
    tiers.forget()


def said(kernel, source):
    """What a cell prints; its errors included."""
    outputs = kernel.run(source, PATIENCE)
    return "".join(one.get("text") or "\n".join(one["traceback"]) for one in outputs)


def alive(marker):
    """Processes that have a text in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker in path.read_text(errors="replace"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


# --- what holds ----------------------------------------------------------------------------


def test_doctor_finds_every_wall_of_the_tier_standing(walls, monkeypatch):
    monkeypatch.setattr(doctor, "backend_of", lambda: BACKENDS[walls])
    findings = examine([str(ROOT)])
    assert [one.text for one in findings if one.good is False] == []
    tried = len(PROBES) + len(PROBES_OF[walls])
    assert len([one for one in findings if one.good]) > tried
    unheld = [one.text for one in findings if "not held" in one.text]
    assert len(unheld) == len(BACKENDS[walls].lacks())


def test_each_probe_of_the_doctor_tells_where_there_are_no_walls():
    """A probe that is always true would find every wall standing."""
    with Landmarks((str(ROOT),)) as marks, Kernel(Settings(SMALL, walls=NONE)) as kernel:
        kernel.run(SETUP + f"import sys; sys.path.insert(0, {str(ROOT)!r})", PATIENCE)
        filled = marks.places | {"processes": -1, "scratch": 0}
        always = []
        for text, expression in {**PROBES, **PROBES_OF[BUBBLEWRAP], **PROBES_OF[FENCE]}.items():
            if said(kernel, f"print({expression.format(**filled)})") == "True\n":
                always.append(text)
    # What this machine itself refuses, with or without walls.
    assert set(always) <= {
        "no network",
        "no sockets to the host of a virtual machine",
        *(() if os.geteuid() == 0 else ("no way to make new namespaces", "no rights of root")),
    }


NOT_INSTALLED = f"""
import sys
sys.meta_path[:] = [one for one in sys.meta_path if "Editable" not in getattr(one, "__name__", "")]
sys.path[:] = [one for one in sys.path if one != {str(ROOT)!r}]
"""


def test_covered_folder_of_an_installed_package_is_no_false_alarm():
    """Where the packages lie within Python's own folder, empty ones are in view: no modules."""
    with Kernel(Settings(SMALL, walls=NONE)) as kernel:
        kernel.run(SETUP + NOT_INSTALLED + "os.mkdir('autograder'); sys.path.append('')", PATIENCE)
        assert said(kernel, "import autograder; print(autograder.__file__)") == "None\n"
        probe = PROBES["the autograder can't be imported"]
        assert said(kernel, f"print({probe})") == "True\n"


LEAVES = """
import os, subprocess, sys
code = "import os, time; os.setsid() if os.getpid() != os.getsid(0) else 0; time.sleep(100)"
subprocess.Popen([sys.executable, "-c", code, "{marker}"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", code, "{marker}"])
    os._exit(0)
print("left")
"""


def test_what_a_kernel_leaves_running_ends_with_it(settings):
    marker = f"left-behind-{time.monotonic_ns()}"
    with Kernel(settings) as kernel:
        assert said(kernel, LEAVES.format(marker=marker)) == "left\n"
        assert alive(marker)
    assert alive(marker) == []


def test_processes_that_fork_for_ever_end_with_their_kernel(settings):
    marker = f"bomb-{time.monotonic_ns()}"
    bomb = (
        "import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "while True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
    )
    source = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {bomb!r}, {marker!r}])\ntime.sleep(0.5)"
    )
    with Kernel(settings) as kernel:
        kernel.run(source, PATIENCE)
        assert alive(marker)
    assert alive(marker) == []


@pytest.mark.parametrize("ending", ["signal.SIGKILL", "signal.SIGSEGV"])
def test_kernel_that_dies_is_told_by_its_cause(kernel, ending):
    with pytest.raises(KernelGone, match=f"killed by {ending.partition('.')[2]}"):
        kernel.run(f"import os, signal; os.kill(os.getpid(), {ending})", PATIENCE)


def test_killed_grader_takes_the_kernel_along(walls):
    code = (
        "import os, sys, time\n"
        "from autograder.engine.walls.kernel import Kernel\n"
        "from autograder.engine.walls.sandbox import Settings\n"
        f"kernel = Kernel(Settings(walls={walls!r})).start()\n"
        "print(kernel.pid, flush=True)\ntime.sleep(60)\n"
    )
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    pid = int(grader.stdout.readline())
    below = [pid, *descendants(pid)]
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(os.path.exists(f"/proc/{one}") for one in below):
        time.sleep(0.02)
    assert [one for one in below if os.path.exists(f"/proc/{one}")] == []


ORDINARY = """
import multiprocessing, os, shutil, socket, subprocess, sys, tempfile, threading
open("a", "w").write("x")
os.chmod("a", 0o600)
shutil.copy2("a", "b")
with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:
    file.write(b"x")
first, second = socket.socketpair()
first.send(b"1")
pid = os.fork()
if pid == 0:
    print("in a fork")
    os._exit(7)
context = multiprocessing.get_context("fork")
ours, theirs = context.Pipe()
process = context.Process(target=lambda: (print("in a process"), theirs.send(5)))
process.start()
process.join(5)
ran = subprocess.run([sys.executable, "-c", "import numpy; print(3)"], capture_output=True)
threading.Thread(target=print, args=("in a thread",)).start()
results = [os.waitpid(pid, 0)[1] >> 8, process.exitcode, ours.recv(), second.recv(1), ran.stdout]
print(results, sorted(os.listdir("."))[-2:] if "a" in os.listdir(".") else None)
"""


def test_ordinary_programs_run_as_they_do_outside(kernel):
    told = said(kernel, ORDINARY)
    assert "[7, 0, 5, b'1', b'3\\n']" in told
    assert "in a thread" in told
    assert "Error" not in told


# --- the second tier's own -----------------------------------------------------------------


LITTLE_DISK = Settings(replace(SMALL, scratch=8 * MIB), hidden=(str(ROOT),), walls=FENCE)


@pytest.fixture(scope="module")
def lasting():
    """A fenced kernel that many tests use; each finds it alive afterwards."""
    skip_without_second_tier()
    with Kernel(LITTLE_DISK) as one:
        yield one


@pytest.fixture
def fenced():
    skip_without_second_tier()
    with Kernel(LITTLE_DISK) as one:
        yield one


def skip_without_second_tier():
    try:
        backend_of(FENCE)
    except SandboxError as problem:
        pytest.skip(f"no second tier here: {problem}")


REACHES = {
    "another file": "open({file!r}).read()",
    "another file by a link": "os.symlink({file!r}, 'l'); open('l').read()",
    "another file by a hard link": "os.link({file!r}, 'l')",
    "another file in place of one's own": "open('a', 'w'); os.rename('a', {file!r})",
    "the end of another file": "os.truncate({file!r}, 0)",
    "a folder": "os.listdir({folder!r})",
    "the grader's memory": "open('/proc/{pid}/mem', 'rb')",
    "the grader's environment": "open('/proc/{pid}/environ').read()",
    "the grader's open files": "os.listdir('/proc/{pid}/fd')",
    "the first process of the sandbox": "os.kill(os.getppid(), 9)",
    "a datagram": "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "a datagram of a pair": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "the network without connecting": "socket.socket().sendto(b'x', 0x20000000, ('1.1.1.1', 9))",
    "a server on this host": "socket.create_server(('127.0.0.1', 0))",
    "routes and addresses": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a device": "os.mknod('d', 0o20666, os.makedev(1, 1)); open('d').read()",
    "a lease on a shared file": "fcntl.fcntl(open(os.__file__), 1024, fcntl.F_RDLCK)",
    "the attributes of a shared file": "fcntl.ioctl(os.open(os.__file__, 0), 0x40086602, b'0'*8)",
    "everybody's memory": "open('/dev/shm/x', 'w')",
    "everybody's files": "open('/tmp/x', 'w')",
}


@pytest.mark.parametrize("what", REACHES)
def test_fenced_kernel_does_not_reach(lasting, what):
    with Landmarks((str(ROOT),)) as marks:
        filled = marks.places | {"folder": marks.folder.name}
        attempt = REACHES[what].format(**filled)
        outputs = lasting.run(f"import fcntl, os, socket\n{attempt}\nprint('reached')", PATIENCE)
        assert [one.output_type for one in outputs] == ["error"], outputs
        assert marks.file.read_text() == "the grader's"
    assert said(lasting, "print(1)") == "1\n"  # and it lives on


def test_grader_s_processes_keep_their_priority_and_files_their_rights(fenced):
    with Landmarks((str(ROOT),)) as marks:
        before = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), marks.file.stat()
        fenced.run(
            f"""
import os
for action in (
    lambda: os.setpriority(os.PRIO_USER, 0, 19),
    lambda: os.setpriority(os.PRIO_PROCESS, {os.getpid()}, 19),
    lambda: os.sched_setaffinity({os.getpid()}, [0]),
    lambda: os.chmod({str(marks.file)!r}, 0),
    lambda: os.utime({str(marks.file)!r}, (0, 0)),
    lambda: os.fchmod(os.open(os.__file__, os.O_RDONLY), 0),
):
    try:
        action()
    except OSError:
        pass
""",
            PATIENCE,
        )
        after = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), marks.file.stat()
    assert before[:2] == after[:2]
    assert (before[2].st_mode, before[2].st_mtime) == (after[2].st_mode, after[2].st_mtime)
    assert os.access(os.__file__, os.R_OK)
    assert Path(os.__file__).stat().st_mode & 0o444


def test_sibling_is_out_of_reach(fenced):
    with Kernel(fenced.settings) as other:
        pid, folder = said(other, "import os; print(os.getpid()); print(os.getcwd())").split()
        attempts = f"os.kill({pid}, 9)", f"open({folder!r} + '/x', 'w')", f"os.listdir({folder!r})"
        for attempt in attempts:
            assert "PermissionError" in said(fenced, f"import os\n{attempt}")
        assert said(other, "print(1)") == "1\n"


@pytest.mark.parametrize(
    "filling",
    [
        "open('f', 'wb').write(bytes(20 * 2**20)); time.sleep(5)",
        "os.chdir(os.environ['TMPDIR'])\nfor n in range(40):\n"
        "    open(str(n), 'wb').write(bytes(2**20))\ntime.sleep(5)",
        "for n in range(10**5): open(str(n), 'w').close()\ntime.sleep(5)",
    ],
    ids=["one file", "many files", "empty files"],
)
def test_kernel_that_fills_the_disk_is_ended_and_told(fenced, filling):
    with pytest.raises(KernelGone, match="it wrote more than 16 MiB of files"):
        fenced.run(f"import os, time\n{filling}", PATIENCE)


def test_nothing_of_a_fenced_kernel_stays_and_links_are_not_followed(tmp_path):
    skip_without_second_tier()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    outside.chmod(0o500)
    with Kernel(Settings(SMALL, walls=FENCE)) as kernel:
        folder = said(kernel, "import os; print(os.getcwd())").strip()
        kernel.run(
            f"""
os.makedirs("closed/inside"); open("closed/inside/f", "w").close()
os.mkdir("shut", 0); os.mkdir("writable", 0o300); open("writable/f", "w").close()
os.symlink({str(outside)!r}, "link"); os.symlink({str(outside)!r}, "closed/inside/link")
os.mkfifo("pipe")
""",
            PATIENCE,
        )
    assert not os.path.exists(folder)
    assert (outside / "file").read_text() == "kept"
    assert stat.S_IMODE(outside.stat().st_mode) == 0o500


def test_full_solution_gets_full_marks_behind_the_second_tier(released_course):
    skip_without_second_tier()
    for topic in ("convolution", "cnn_layers"):
        unit = released_course.unit(topic)
        ready = released_unit(released_course, unit)
        path = released_course.root / f"{topic}.ipynb"
        nbformat.write(fill(released(COURSE, unit), solutions(unit)), path)
        settings = ready.settings(PATIENT, walls=FENCE)
        result = grade_submission(path, ready, 7, settings)
        judged = {name: score for name, score in result.scores.items() if score is not None}
        assert result.notes == []
        assert judged == {name: ready.points[name] for name in judged}


# --- which walls a host gets ---------------------------------------------------------------


def refuse(monkeypatch, *names):
    def no(self):
        raise SandboxError(f"{self.name} is refused here")

    for name in names:
        monkeypatch.setattr(type(BACKENDS[name]), "ensure", no)
    tiers.forget()


def test_host_gets_the_strongest_walls_that_it_has(monkeypatch):
    assert backend_of(AUTO).name == BUBBLEWRAP
    refuse(monkeypatch, BUBBLEWRAP)
    monkeypatch.setattr(type(BACKENDS[FENCE]), "ensure", lambda self: None)
    assert backend_of(AUTO).name == FENCE
    refuse(monkeypatch, BUBBLEWRAP, FENCE)
    with pytest.raises(SandboxError, match="bubblewrap is refused here\n  landlock is refused"):
        backend_of(AUTO)


def test_walls_that_were_asked_for_by_name_are_not_replaced_by_weaker_ones(monkeypatch):
    refuse(monkeypatch, BUBBLEWRAP)
    with pytest.raises(SandboxError, match="bubblewrap is refused here"):
        backend_of(BUBBLEWRAP)


HOSTS = {
    "macOS": (Host(system="darwin"), "container of the Dockerfile"),
    "Windows": (Host(system="win32"), "WSL 2"),
    "WSL 1": (Host(wsl=1), "--set-version"),
    "docker": (Host(container="docker"), CONTAINER_OPTIONS["docker"]),
    "podman": (Host(container="podman"), CONTAINER_OPTIONS["podman"]),
    "another container": (Host(container="a container"), CONTAINER_OPTIONS["docker"]),
    "Ubuntu 24.04": (Host(apparmor=True), "profile workbook-bwrap /usr/bin/bwrap"),
    "an old Debian": (Host(clone=False), "sysctl kernel.unprivileged_userns_clone=1"),
    "RHEL 7": (Host(namespaces=0), "sysctl user.max_user_namespaces="),
    "a hardened kernel": (Host(), "virtual machine"),
}


@pytest.mark.parametrize("host", HOSTS)
def test_remedy_for_refused_namespaces_is_this_host_s(host):
    facts, told = HOSTS[host]
    text = remedy("bubblewrap can't make a sandbox here: Operation not permitted", facts)
    assert told in text
    # Windows has the choice between its own Linux and the container.
    others = {other for _, other in HOSTS.values()} - {told, HOSTS["macOS"][1]}
    assert [other for other in others if other in text and other not in told] == []


@pytest.mark.parametrize("installer", ["apt-get", "dnf", "pacman", "apk", "zypper"])
def test_remedy_for_a_missing_program_is_the_distribution_s(installer):
    text = remedy("bubblewrap is not installed", Host(installer=installer, may_install=True))
    assert "make setup" in text
    assert f"{installer} " in text
    assert "Operation" not in text
    alone = remedy("bubblewrap is too old", Host(installer=installer))
    assert f"{installer} " not in alone  # who can't install isn't told to


def test_ubuntu_s_profile_names_the_program_that_is_used():
    host = Host(apparmor=True, program="/opt/own/bwrap")
    assert "profile workbook-bwrap /opt/own/bwrap flags=(unconfined) { userns, }" in remedy(
        "bubblewrap can't make a sandbox here", host
    )


def test_users_of_sandboxes_exist_where_few_are_mapped(monkeypatch):
    monkeypatch.setattr(command, "_mapped", lambda uid: uid < 65536)
    assert all(1000 < command.unused_uid() < 65534 for _ in range(40))
    monkeypatch.undo()
    assert command._mapped(0)


def test_root_without_the_right_to_namespaces_becomes_a_user_first(monkeypatch):
    tried = []

    def problem(way):
        tried.append(way)
        return "not permitted" if way == bubblewrap.AS_ROOT else None

    monkeypatch.setattr(bubblewrap, "_problem", problem)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    bubblewrap.way.cache_clear()
    assert bubblewrap.way() == bubblewrap.LOWERED
    assert tried == [bubblewrap.AS_ROOT, bubblewrap.LOWERED]
    options = bubblewrap._options(Settings(), bubblewrap.LOWERED, template=False)
    assert "--unshare-user" in options


def test_sandboxes_ask_for_nothing_that_a_container_refuses():
    for way in (bubblewrap.AS_ROOT, bubblewrap.AS_USER):
        assert "--hostname" not in bubblewrap._options(Settings(), way, template=False)


# --- getting the program -------------------------------------------------------------------


def make_program(folder, name, text):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def bare_host(tmp_path, monkeypatch):
    """A host whose PATH holds nothing, and where no package brings the program: (folder, say)."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(program, "packaged", lambda: None)
    tiers.forget()
    return tmp_path / "bin"


def test_program_of_the_system_is_taken_if_it_is_new_enough(bare_host, monkeypatch):
    with pytest.raises(SandboxError, match="not installed"):
        program.bubblewrap_program()
    system = make_program(bare_host, "bwrap", "echo bubblewrap 0.6.1")
    with pytest.raises(SandboxError, match=r"too old: .*bwrap is 0\.6\.1, it has to be 0\.8\.0"):
        program.bubblewrap_program()
    own = make_program(bare_host.parent, "own", "echo bubblewrap 0.11.0")
    monkeypatch.setattr(program, "packaged", lambda: own)
    assert program.bubblewrap_program() == own
    make_program(bare_host, "bwrap", "echo bubblewrap 0.8.0")
    program.bubblewrap_program.cache_clear()
    assert program.bubblewrap_program() == system


@pytest.mark.parametrize("text", ["exit 1", "echo nonsense", "echo bubblewrap"])
def test_program_that_does_not_tell_its_version_is_not_trusted(bare_host, text):
    make_program(bare_host, "bwrap", text)
    with pytest.raises(SandboxError, match="too old"):
        program.bubblewrap_program()


INSTALLS = """echo "$0 $*" >> "{log}"
case "$*" in *update*|*-Sy*) exit 0;; esac
printf '#!/bin/sh\\necho bubblewrap 0.9.0\\n' > {bin}/bwrap; /bin/chmod 755 {bin}/bwrap"""


@pytest.mark.parametrize("installer", ["apt-get", "dnf", "pacman", "apk", "zypper"])
def test_setup_installs_the_system_s_package_as_root(bare_host, monkeypatch, installer):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    log, told = bare_host.parent / "log", []
    make_program(bare_host, installer, INSTALLS.format(log=log, bin=bare_host))
    assert host_setup.get_bubblewrap(told.append)
    assert told[-1].endswith(f"{installer} installed bubblewrap: {bare_host}/bwrap, version 0.9.0")
    assert "bubblewrap" in log.read_text()
    told.clear()
    assert host_setup.get_bubblewrap(told.append)  # and again: there is nothing to do
    assert told == [f"bubblewrap: {bare_host}/bwrap, version 0.9.0"]


def test_setup_reads_the_lists_of_packages_only_where_it_must(bare_host, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    log = bare_host.parent / "log"
    make_program(bare_host, "apt-get", f'echo "$1" >> "{log}"; test "$1" = update')
    assert not system_packages.install("bubblewrap")[0]
    assert log.read_text().split() == ["install", "update", "install"]


@pytest.mark.parametrize("sudo", [None, "exit 1"])
def test_setup_asks_nobody_for_a_password(bare_host, monkeypatch, sudo):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    log = bare_host.parent / "log"
    make_program(bare_host, "apt-get", INSTALLS.format(log=log, bin=bare_host))
    if sudo:
        make_program(bare_host, "sudo", f'printf "%s " "$@" >> "{log}"; {sudo}')
    worked, told = system_packages.install("bubblewrap")
    assert (worked, told) == (False, "apt-get can't be used without a password")
    assert not sudo or log.read_text() == "-n true "


def test_setup_takes_the_package_of_python_last_and_only_with_known_bytes(bare_host, monkeypatch):
    ran, told = [], []

    def run(command, **_):
        ran.extend([command] if "install" in command else [])
        own = make_program(bare_host.parent, "own", "echo bubblewrap 0.11.0")
        monkeypatch.setattr(program, "packaged", lambda: own)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(host_setup.subprocess, "run", run)
    monkeypatch.setattr(program, "version_of", lambda path: (0, 11, 0))
    assert host_setup.get_bubblewrap(told.append)
    assert [line.partition(": ")[2].split(" ")[0] for line in told] == ["is", "no", "from"]
    ((*_, requirement),) = ran  # one command, of pip
    assert "--require-hashes" in ran[0]
    text = Path(requirement).read_text()
    assert len([line for line in text.splitlines() if "--hash=sha256:" in line]) == 2
    assert "==" in text


def test_setup_without_any_of_the_three_says_so_and_goes_on(bare_host, monkeypatch):
    def fail(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no network")

    monkeypatch.setattr(host_setup.subprocess, "run", fail)
    told = []
    assert not host_setup.get_bubblewrap(told.append)
    assert "ERROR: no network" in told[-1]


def test_opencv_that_can_be_imported_is_left_as_it_is():
    told = []
    assert host_setup.get_opencv(told.append)
    assert len(told) == 1
    assert told[0].startswith("OpenCV: version ")


LACKS = "ImportError: libGL.so.1: cannot open shared object file"


def play(monkeypatch, works_after):
    """A host on which OpenCV can be imported once a command holds the word `works_after`."""
    ran = []

    def run(command, **_):
        ran.append(" ".join(command))
        if "import cv2" in ran[-1]:
            worked = any(works_after in line for line in ran)
            return subprocess.CompletedProcess(command, 1 - worked, "5.0", LACKS)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(host_setup.subprocess, "run", run)
    return ran


@pytest.mark.parametrize("works_after", ["libgl1", "opencv-python-headless=="])
def test_setup_gets_opencv_s_libraries_or_the_edition_that_needs_none(
    bare_host, monkeypatch, works_after
):
    make_program(bare_host, "apt-get", "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    ran, told = play(monkeypatch, works_after), []
    assert host_setup.get_opencv(told.append)
    assert told[0] == f"OpenCV: {LACKS}"
    assert told[-1].endswith("version 5.0")
    assert works_after in ran[-2]


def test_setup_says_what_opencv_lacks_where_nothing_helps(bare_host, monkeypatch):
    play(monkeypatch, "nothing at all")
    told = []
    assert not host_setup.get_opencv(told.append)
    assert told[-1] == f"OpenCV: {LACKS}"
