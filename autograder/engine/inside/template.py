"""A warm start: a process in the sandbox that has a unit's modules imported and forks kernels.

Started as `python -I template.py FD [LISTENER]`. It runs nothing of any student, holds nothing of
the grader's, and starts no threads. For each request it forks a process that leaves for namespaces
of its own, with empty folders and without rights, and becomes a kernel there (`server.py`).
Requests come on the line of the process that started it, with which it ends, and on those of other
processes of the grader, which connect to LISTENER.
"""

import array
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import random
import select
import signal
import socket
import sys
from pathlib import Path

MOST = 1 << 20  # bytes of the first message
MANY = 4  # kernels, from which on it pays to make forks cheaper
IDLE_SECONDS = 1800  # without a request; longer than any submission may run


def main():
    """Import, then fork on request until the grader closes the line."""
    line = socket.socket(fileno=int(sys.argv[1]))
    orders = json.loads(line.recv(MOST))
    isolation, server, pages = (_beside(name) for name in ("isolation", "server", "pages"))
    os.environ.pop("GLIBC_TUNABLES", None)  # of this process only
    gc.disable()  # it would look for garbage among modules, which stay
    orders["filter"] = bytes.fromhex(orders["filter"])
    kept = {path: Path(path).read_bytes() for path in orders["kept"]}
    _import(orders["modules"])
    server.prepare()
    _use_torch()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a child
    gc.collect()
    gc.freeze()  # the collector would write to pages that children share
    gc.enable()
    isolation.set_dumpable(False)
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        sys.exit(f"it has {threads} threads")  # a fork would copy locks that nobody opens again
    line.send(b".")
    lines, served, gathering = Lines(line, *map(int, sys.argv[2:])), 0, pages.gathering()
    while request := lines.next_request(gathering if served >= MANY else iter(())):
        served += 1
        if _forked(isolation, request[1]) == 0:
            _leave(lines, isolation, server, orders, kept, *request)
        for number in request[1]:
            os.close(number)


class Lines:
    """The owner's line, and those of all who have connected since."""

    def __init__(self, owner, listener=None):
        self.owner, self.others = owner, []
        self.listener = listener and socket.socket(fileno=listener)

    def next_request(self, meanwhile):
        """What `_request` gives, from any of the lines; None once nobody needs this process.

        That is when the owner is gone, or nobody has asked for long: the memory is others', too.
        The iterator `meanwhile` goes on as long as nobody asks.
        """
        while True:
            busy = next(meanwhile, False)
            ready = select.select(list(self.all()), [], [], 0 if busy else IDLE_SECONDS)[0]
            if not (ready or busy):
                return None
            for one in ready[:1]:
                if one is self.listener:
                    self.others.append(one.accept()[0])
                elif request := _request(one):
                    return request
                elif one is self.owner:
                    return None
                else:
                    self.others.remove(one)
                    one.close()

    def all(self):
        return filter(None, [self.owner, self.listener, *self.others])

    def close(self):
        for one in self.all():
            one.close()


def _beside(name):
    """A module of this folder; the interpreter runs isolated from it."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _import(names):
    """Import what can be."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _use_torch():
    """What torch sets up when a layer is first used, each kernel need not do again."""
    torch = sys.modules.get("torch")
    if torch is not None:
        layers = torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.MaxPool2d(2)
        net = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(2, 2))
        with contextlib.suppress(RuntimeError), torch.no_grad():
            net.load_state_dict(net.state_dict())
            net(torch.zeros(2, 1, 4, 4))


def _request(line):
    """(number of the user, [line to the judge, line for the end]) for a kernel; None at the end."""
    try:
        content, parts, _, _ = line.recvmsg(16, socket.CMSG_SPACE(8))
    except ConnectionError:
        return None
    numbers = array.array("i")
    for _, kind, data in parts:
        if kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) // 4 * 4])
    return (int(content), list(numbers)) if content else None


def _forked(isolation, numbers):
    """As `os.fork`; where that isn't possible, the grader is told on the line for the end."""
    try:
        return isolation.fork_into_namespaces()
    except OSError as error:
        _tell(socket.socket(fileno=os.dup(numbers[1])), f"{type(error).__name__}: {error}")
        return None


def _leave(lines, isolation, server, orders, kept, uid, numbers):
    """In the child: out of the template's world. Never returns."""
    judge, ending = (socket.socket(fileno=number) for number in numbers)
    try:
        lines.close()
        _silence()
        isolation.new_folders(orders["folders"], kept)
        isolation.no_rights(uid, orders["filter"])
        ending.send(b".")  # the walls stand; with it Linux tells the grader who this is
        inner = os.fork()
        if inner:
            _wait_for(inner, judge, ending, isolation)
        ending.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        isolation.set_dumpable(True)
        os.chdir(orders["home"])
        _reseed()
        sys.argv[1:] = [str(judge.detach())]
        server.main()
    except BaseException as error:
        _tell(ending, f"{type(error).__name__}: {error}")
    os._exit(0)


def _silence():
    """Nothing that is written to stdin, stdout and stderr goes anywhere."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


def _wait_for(inner, judge, ending, isolation):
    """The first process of the namespace: it ends, and everything with it, when the kernel does."""
    isolation.set_dumpable(False)  # the kernel can't get at the line for the end
    judge.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == inner:
            code = os.waitstatus_to_exitcode(status)
            _tell(ending, str(128 - code if code < 0 else code))
            os._exit(0)


def _tell(ending, text):
    with contextlib.suppress(OSError):  # the grader has closed it
        ending.send(text.encode()[:1000])


def _reseed():
    """Generators that were copied from the template start anew."""
    random.seed()
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed()
    if torch is not None:
        torch.seed()


if __name__ == "__main__":
    main()
