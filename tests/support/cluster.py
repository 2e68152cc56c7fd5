"""A Dask cluster of several hosts, started by the commands of docs/scaling.md.

A host is an address of its own with processes of its own: either one of 127.0.0.0/8, or a network
namespace with an interface, where this user may make them.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from autograder.engine.walls.processes import descendants
from support.course import ROOT
from support.patience import wait_until

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "OMP_NUM_THREADS": "1",
}


class Host:
    """An address, and what a command on it begins with."""

    def __init__(self, address, enter=()):
        self.address, self.enter = address, [*enter]

    def popen(self, command, **options):
        """Start a command on this host, in a session that can be killed as a whole."""
        options = {"env": ENVIRONMENT, "start_new_session": True, **options}
        return subprocess.Popen([*self.enter, *command], **options)


LOOPBACK = [Host("127.0.0.1"), Host("127.0.0.2"), Host("127.0.0.3")]


def may_make_namespaces():
    """Whether this user can make hosts out of network namespaces."""
    if not all(map(shutil.which, ("ip", "unshare", "nsenter"))):
        return False
    command = ["unshare", "-n", "ip", "link", "add", "name", "lan", "type", "bridge"]
    return subprocess.run(command, capture_output=True).returncode == 0


@contextmanager
def namespaces(count):
    """Hosts that see each other by a bridge, and nothing else; all is gone at the end."""
    holders = [subprocess.Popen(["unshare", "-n", "sleep", "infinity"]) for _ in range(count)]
    try:
        own = os.readlink("/proc/self/ns/net")
        for holder in holders:
            wait_until(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own)  # noqa: B023
        hosts = [
            Host(f"10.77.0.{number}", ["nsenter", "-t", str(holder.pid), "-n"])
            for number, holder in enumerate(holders, 1)
        ]
        for number, (host, holder) in enumerate(zip(hosts, holders, strict=True)):
            if number == 0:
                _ip(host, "link add lan type bridge")
            else:
                _ip(hosts[0], f"link add v{number} type veth peer name lan netns {holder.pid}")
                _ip(hosts[0], f"link set v{number} master lan up")
            _ip(host, f"addr add {host.address}/24 dev lan")
            _ip(host, "link set lan up")
            _ip(host, "link set lo up")
        yield hosts
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()


def _ip(host, arguments):
    subprocess.run([*host.enter, "ip", *arguments.split()], check=True)


class Cluster:
    """A scheduler on the first host, a worker on each of the others; a context manager.

    `folder` gets a working folder for each host, with what its process prints in `log`.
    """

    def __init__(self, folder, hosts=LOOPBACK):
        self.folder, self.hosts, self.port = Path(folder), hosts, 0
        self.processes = {}

    def __enter__(self):
        self.start_scheduler()
        self.start_workers()
        return self

    def __exit__(self, *_):
        for host in list(self.processes):
            self.kill(host)

    def processes_of(self, host):
        """How many processes there are on a host."""
        return len(descendants(self.processes[host].pid))

    @property
    def address(self):
        return f"tcp://{self.hosts[0].address}:{self.port}"

    def start_scheduler(self):
        """At the port that it had before, if it had one."""
        told = self.folder / "scheduler.json"
        told.unlink(missing_ok=True)
        where = ["--host", self.hosts[0].address, "--port", str(self.port)]
        self._start(self.hosts[0], "scheduler", *where, "--scheduler-file", str(told))
        wait_until(lambda: told.exists() and told.read_text().endswith("}"))
        self.port = int(json.loads(told.read_text())["address"].rpartition(":")[2])

    def start_workers(self):
        """Returns when they have joined."""
        for host in self.hosts[1:]:
            where = ["--host", host.address, "--local-directory", str(self._room(host))]
            self._start(host, "worker", self.address, *where, "--nworkers", "1", "--nthreads", "1")
        for host in self.hosts[1:]:
            wait_until(lambda: "Registered to" in (self._room(host) / "log").read_text())  # noqa: B023

    def kill(self, host):
        """End all processes of a host at once, as if it had lost its power."""
        process = self.processes.pop(host)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _room(self, host):
        room = self.folder / host.address
        room.mkdir(exist_ok=True)
        return room

    def _start(self, host, kind, *arguments):
        dask = [sys.executable, "-m", "dask", kind, "--no-dashboard"]
        with open(self._room(host) / "log", "w") as log:
            self.processes[host] = host.popen(
                [*dask, *arguments], cwd=self._room(host), stdout=log, stderr=log
            )
