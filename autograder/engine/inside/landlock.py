"""Landlock: a process gives up for good all access to files but what it names, and more.

System calls and structures are those of linux/landlock.h (landlock(7)); no package is needed
for three calls, and what runs here can't depend on what a student's kernel may see. `ABI` numbers
are the kernel's: 1 is Linux 5.13, 3 is 6.2 (cutting files off), 6 is 6.12 (signals and abstract
sockets of processes outside).
"""

import ctypes
import os
import stat
import struct

CREATE, ADD_RULE, RESTRICT = 444, 445, 446  # the same on all processors
VERSION, PATH_BENEATH = 1, 1
NO_NEW_RIGHTS = 38  # prctl

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_DEVICES = 1 << 6 | 1 << 11
TRUNCATE, DEVICE_CALLS = 1 << 14, 1 << 15
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CALLS
ALL_SIGNALS_AND_SOCKETS = 1 << 0 | 1 << 1

READ = EXECUTE | READ_FILE | READ_FOLDER
LIST = READ_FOLDER
USE = READ_FILE | WRITE_FILE  # devices such as /dev/null

libc = ctypes.CDLL(None, use_errno=True)


def abi():
    """The number of Landlock's interface in this kernel; 0 where there is none."""
    return max(0, libc.syscall(CREATE, None, ctypes.c_size_t(0), VERSION))


def all_rights(version):
    """Every right to files that a kernel with this ABI can take away."""
    return (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1


def everything(version):
    """The rights to a scratch folder: all, but no devices."""
    return all_rights(version) & ~(MAKE_DEVICES | DEVICE_CALLS)


def restrict(rules, version):
    """Leave this thread and all that it starts only `rules`: [(path, rights)].

    Paths that aren't there are left out. Raises `OSError` where Landlock refuses.
    """
    handled = all_rights(version)
    attributes = struct.pack("QQQ", handled, 0, ALL_SIGNALS_AND_SOCKETS)
    size = 24 if version >= 6 else 8
    rules_fd = _call(CREATE, attributes, size, 0)
    try:
        for path, rights in rules:
            _allow(rules_fd, path, rights & handled)
        _checked(libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0))
        _call(RESTRICT, rules_fd, 0)
    finally:
        os.close(rules_fd)


def _allow(rules_fd, path, rights):
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= OF_A_FILE
        if rights:
            _call(ADD_RULE, rules_fd, PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)


def _call(number, *arguments):
    kinds = (ctypes.c_char_p if isinstance(one, bytes) else ctypes.c_long for one in arguments)
    converted = [kind(one) for kind, one in zip(kinds, arguments, strict=True)]
    return _checked(libc.syscall(ctypes.c_long(number), *converted))


def _checked(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
