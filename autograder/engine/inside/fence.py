"""The second tier's first process: it fences a kernel in, and ends whatever is left of it.

Started as `python -I fence.py FD ORDERS`, where ORDERS is an open file with JSON. It forks, and
the child gives up its rights (`landlock.py`, `isolation.py`) before it becomes a kernel
(`server.py`). There is no namespace of processes that would vanish as a whole. So this process
adopts all that the kernel leaves behind, and when the kernel ends, or the grader does, it stops
every process below it before it kills them: what is stopped can't fork.
"""

import contextlib
import importlib.util
import json
import os
import signal
import sys
from pathlib import Path

CHILD_SUBREAPER, DEATH_SIGNAL = 36, 1  # prctl


def main():
    """Run the kernel fenced in; exit with its code, 128 and more for signals."""
    with os.fdopen(int(sys.argv[2])) as file:
        orders = json.load(file)
    modules = {name: _beside(name) for name in ("isolation", "landlock", "server")}
    prctl = modules["isolation"].libc.prctl
    prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: _leave_nothing(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inner = os.fork()
    if inner == 0:
        _become_kernel(orders, **modules)
    modules["isolation"].set_dumpable(False)  # nothing of the same user looks into this process
    os.close(int(sys.argv[1]))  # the kernel's end of the judge's line is the kernel's alone
    _wait_for(inner)


def _beside(name):
    """A module of this folder; the interpreter runs isolated from it."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _become_kernel(orders, isolation, landlock, server):
    """In the child: without rights, then the kernel. Never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        isolation.libc.prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        rules = [tuple(rule) for rule in orders["rules"]]
        rules.append((f"/proc/{os.getpid()}", landlock.READ))
        landlock.restrict(rules, orders["abi"])
        isolation.no_rights(orders["uid"], bytes.fromhex(orders["filter"]), orders["kept"])
        isolation.set_dumpable(True)  # its own /proc is root's otherwise
        os.chdir(orders["home"])
        if orders["try"]:
            for name in orders["try"]:
                open(name, "rb").close()
            os._exit(0)
        sys.argv[1:] = [sys.argv[1]]
        server.main()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def _wait_for(inner):
    while True:
        pid, status = os.wait()
        if pid == inner:
            code = os.waitstatus_to_exitcode(status)
            _leave_nothing(128 - code if code < 0 else code)


def _leave_nothing(code):
    """End all processes below this one, then this one."""
    while _descendants(os.getpid()):
        stopped = set()
        while running := set(_descendants(os.getpid())) - stopped:
            _send(running, signal.SIGSTOP)
            stopped |= running
        _send(stopped, signal.SIGKILL)
        _bury()
    os._exit(code)


def _bury():
    """Take leave of the dead among the children."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _descendants(pid):
    found = []
    for thread in _read(lambda: os.listdir(f"/proc/{pid}/task"), []):
        path = Path(f"/proc/{pid}/task/{thread}/children")
        for child in map(int, _read(path.read_text, "").split()):
            found += [child, *_descendants(child)]
    return found


def _read(reading, otherwise):
    try:
        return reading()
    except OSError:  # it has ended meanwhile
        return otherwise


def _send(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


if __name__ == "__main__":
    main()
