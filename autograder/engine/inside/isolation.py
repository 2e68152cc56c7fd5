"""The walls around one child of a template process, made by the child itself.

bubblewrap's walls stand around the template and all its children. Within them each child gets
namespaces of its own (processes, mounts, network, System V IPC, host name; as an ordinary user
also user ids), empty folders in place of all that can be written to, no rights, and the filter of
system calls that bubblewrap would have loaded. Numbers are those of linux/sched.h, mount.h,
prctl.h and capability.h.
"""

import ctypes
import os
import signal
import struct

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NO_SUID, NO_DEVICES, NO_EXECUTION, READ_ONLY = 2, 4, 8, 1
RECURSIVE, PRIVATE = 0x4000, 0x40000
SET_DUMPABLE, KEEP_CAPABILITIES, SET_SECCOMP = 4, 8, 22
DROP_FROM_BOUND, NO_NEW_RIGHTS, AMBIENT = 24, 38, 47
FILTER, RAISE, CLEAR_ALL = 2, 2, 4
READ_AND_SEARCH = 2  # the capability to read what only its owner may read
CAPABILITIES_3 = 0x20080522
LAST_CAPABILITY = 63

libc = ctypes.CDLL(None, use_errno=True)
python = ctypes.PyDLL(None, use_errno=True)  # calls of which keep the interpreter's lock
CLONE = {"x86_64": 56, "aarch64": 220}  # the call's number, from asm/unistd.h


def fork_into_namespaces():
    """As `os.fork`, but the child is the first process of namespaces of its own.

    One copy of a process with much in memory instead of two: after `unshare` only the child of
    the child would be in the new namespace of processes. The child may not use threads; its own
    children may. Raises `OSError` where the kernel refuses, or its call isn't known here.
    """
    call = CLONE.get(os.uname().machine)
    if call is None:
        raise OSError(f"the number of clone on {os.uname().machine} isn't known here")
    ordinary, uid, gid = os.geteuid() != 0, os.geteuid(), os.getegid()
    kinds = NEW_MOUNTS | NEW_UTS | NEW_IPC | NEW_PIDS | NEW_NETWORK
    kinds |= NEW_USERS if ordinary else 0
    python.PyOS_BeforeFork()
    pid = python.syscall(call, ctypes.c_ulong(kinds | signal.SIGCHLD), None, None, None, None)
    if pid:
        number = ctypes.get_errno()
        python.PyOS_AfterFork_Parent()
        if pid < 0:
            raise OSError(number, f"clone: {os.strerror(number)}")
        return pid
    python.PyOS_AfterFork_Child()
    set_dumpable(True)  # or the maps below belong to root
    if ordinary:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
    return 0


def new_folders(sizes, kept):
    """Empty folders over all that can be written to, and /proc of the own processes only.

    sizes: {folder: bytes}. kept: {path: content} of files that are there from the start.
    """
    _call(libc.mount, None, b"/", None, RECURSIVE | PRIVATE, None)
    flags = NO_SUID | NO_DEVICES
    for folder, size in sizes.items():
        data = f"size={size},mode=777".encode()
        _call(libc.mount, b"tmpfs", folder.encode(), b"tmpfs", flags, data)
    closed = b"size=4096,mode=755"
    _call(libc.mount, b"tmpfs", b"/dev/pts", b"tmpfs", flags | READ_ONLY, closed)
    _call(libc.mount, b"proc", b"/proc", b"proc", flags | NO_EXECUTION, None)
    for path, content in kept.items():
        os.makedirs(os.path.dirname(path), mode=0o777, exist_ok=True)
        _write(path, content)


def no_rights(uid, program, kept=()):
    """Become an ordinary user for good: no capabilities, no way to get any, fewer system calls.

    uid: the user to become where this process is root, so that limits count it alone. kept:
    capabilities that it nevertheless keeps.
    """
    for number in set(range(LAST_CAPABILITY + 1)) - set(kept):
        libc.prctl(DROP_FROM_BOUND, number, 0, 0, 0)  # the last ones don't exist
    libc.prctl(AMBIENT, CLEAR_ALL, 0, 0, 0)
    libc.prctl(KEEP_CAPABILITIES, int(bool(kept)), 0, 0, 0)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _set_capabilities(kept)
    _call(libc.prctl, NO_NEW_RIGHTS, 1, 0, 0, 0)
    if program:
        code = ctypes.create_string_buffer(program, len(program))
        pointer = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
        _call(libc.prctl, SET_SECCOMP, FILTER, ctypes.c_char_p(pointer), 0, 0)


def _set_capabilities(kept):
    """These and no others, for this process and what it starts."""
    mask = sum(1 << number for number in kept)
    header = struct.pack("II", CAPABILITIES_3, 0)
    _call(libc.capset, header, struct.pack("6I", mask, mask, mask, 0, 0, 0))
    for number in kept:
        _call(libc.prctl, AMBIENT, RAISE, number, 0, 0)


def set_dumpable(yes):
    """Whether other processes of this user may look into this one's memory and files."""
    _call(libc.prctl, SET_DUMPABLE, int(yes), 0, 0, 0)


def _call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")


def _write(path, content):
    with open(path, "wb" if isinstance(content, bytes) else "w") as file:
        file.write(content)
