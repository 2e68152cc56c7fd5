"""Runs verbs as on another platform: `python elsewhere.py win32 '[["release"], ["export"]]'`.

The libraries are imported as they are here, for they bring other code there. Then the platform
is called another, what it doesn't have is gone, files behave as they do there, and our packages
are imported anew. The last line of the output is JSON: [exit code, stdout, stderr] of each verb.
"""

import builtins
import contextlib
import importlib
import io
import json
import os
import platform
import signal
import socket
import stat
import sys
import warnings

import nbconvert.exporters  # noqa: F401  (what nbgrader imports when it needs it)
import sqlalchemy.dialects.sqlite  # noqa: F401

OURS = ("autograder", "coursekit")
NAMES = {"win32": "Windows", "darwin": "Darwin"}
NO_MODULES = {
    "win32": "fcntl grp posix pty pwd resource syslog termios tty _posixshmem _posixsubprocess",
    "darwin": "spwd",
}
# AF_UNIX and O_NONBLOCK stay for the libraries here: event loops and locks are made of them.
LINUX_ONLY = {
    os: "memfd_create pidfd_open sched_getaffinity sched_setaffinity setns unshare",
    signal: "pidfd_send_signal",
    socket: "SCM_CREDENTIALS SO_PASSCRED AF_VSOCK SO_PEERCRED",
}
NOT_ON_WINDOWS = {
    os: "O_DIRECTORY O_NOFOLLOW fchmod fork forkpty getegid geteuid getgid getpgid getuid killpg "
    "mkfifo nice setsid statvfs sysconf sysconf_names uname",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGSTOP SIGUSR1 setitimer pthread_kill",
    socket: "SCM_RIGHTS CMSG_SPACE CMSG_LEN SOCK_SEQPACKET",
}


class Missing:
    """Finds no module that the platform doesn't have."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name in self.names:
            raise ModuleNotFoundError(f"No module named {name!r} on this platform", name=name)


def become(name):
    """Turn this process into one of the platform `name`, as far as our code can tell."""
    missing = NO_MODULES[name].split()
    for module in [one for one in sys.modules if one.partition(".")[0] in OURS]:
        del sys.modules[module]
    for module in missing:
        sys.modules.pop(module, None)
    sys.meta_path.insert(0, Missing(missing))
    sys.path_importer_cache.clear()
    tables = (LINUX_ONLY, NOT_ON_WINDOWS) if name == "win32" else (LINUX_ONLY,)
    for module, attribute in [
        (m, a) for table in tables for m, t in table.items() for a in t.split()
    ]:
        vars(module).pop(attribute, None)
    sys.addaudithook(no_proc)
    if name == "win32":
        use_files_of_windows()
    sys.platform = name
    platform.system = lambda: NAMES[name]


def no_proc(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and str(arguments[0]).startswith("/proc"):
        raise FileNotFoundError(arguments[0])


def use_files_of_windows():
    """Text ends lines and is encoded otherwise, and what is read-only can't be replaced."""
    plain_open = io.open

    def text_open(
        file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *more, **kw
    ):
        if "b" not in mode:
            io.text_encoding(encoding)  # warns our caller
            encoding = "cp1252" if encoding in (None, "locale") else encoding
            newline = "\r\n" if newline is None and not set(mode).isdisjoint("wax+") else newline
        return plain_open(file, mode, buffering, encoding, errors, newline, *more, **kw)

    def guarded(function, position):
        def call(*arguments, **options):
            with contextlib.suppress(FileNotFoundError):
                path = arguments[position]
                if not options and not os.lstat(path).st_mode & stat.S_IWRITE:
                    raise PermissionError(13, "Access is denied", path)
            return function(*arguments, **options)

        return call

    builtins.open = io.open = text_open
    for name, position in {"replace": 1, "rename": 1, "unlink": 0, "remove": 0}.items():
        setattr(os, name, guarded(getattr(os, name), position))


def told(main, arguments):
    """[exit code, stdout, stderr] of one verb."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
    return [code, out.getvalue(), err.getvalue()]


if __name__ == "__main__":
    importlib.import_module("autograder.verbs")  # and with it what is not ours

    become(sys.argv[1])
    # Our own code names the encodings of its files, for those of the hosts differ.
    warnings.filterwarnings("ignore", category=EncodingWarning)
    warnings.filterwarnings("error", category=EncodingWarning, module=r"(autograder|coursekit)\.")
    from autograder.cli import main

    sys.stdout.write(json.dumps([told(main, arguments) for arguments in json.loads(sys.argv[2])]))
