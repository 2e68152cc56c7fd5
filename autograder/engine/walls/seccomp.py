"""Filters of system calls for the sandbox, as the programs that Linux loads.

They close what namespaces leave open: all sockets but streams between processes (vsock reaches the
host of a virtual machine past the network namespace), memory that no process maps and nobody
counts, locks and notices on files that all submissions see, and calls that only serve to get out of
a sandbox, new namespaces among them. Without namespaces, behind the second tier of walls, a longer
list takes their place. Format: `struct sock_filter` of linux/filter.h, see seccomp(2).
"""

import errno
import platform
import struct

LOAD, AND, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE = 0, 4  # in struct seccomp_data
FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT, FOURTH_ARGUMENT = 16, 24, 32, 40
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, NO_FAMILY = REFUSE | errno.EPERM, REFUSE | errno.EAFNOSUPPORT
PRETEND = REFUSE | 0  # the call returns 0 and nothing has happened
X32 = 0x40000000  # calls of the x32 interface on x86_64, under other numbers

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit architecture
REFUSED = {  # name: its number on x86_64, on aarch64
    "add_key": (248, 217),
    "bpf": (321, 280),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "init_module": (175, 105),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "io_uring_setup": (425, 425),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "setns": (308, 268),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# Memory of the kernel's that belongs to no process, and nobody needs in a notebook.
UNCOUNTED = {
    "io_setup": (206, 0),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "semget": (64, 190),
    "shmget": (29, 194),
    "splice": (275, 76),
    "tee": (276, 77),
    "vmsplice": (278, 75),
}
CLONE, CLONE3 = (56, 220), (435, 435)
NAMESPACES = 0x7E020000  # all CLONE_NEW... flags of clone(2)

# Without namespaces: what reaches processes, sockets and shared memory of the same user.
REFUSED_FENCED = {
    "connect": (42, 203),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "shmat": (30, 196),
    "shmctl": (31, 195),
}
# Landlock doesn't ask about a file's rights, owner and times, which its owner may change, nor
# about the priority of the same user's processes. These calls seem to work: an honest notebook
# that makes them for a file or a thread of its own goes on.
PRETENDED = {
    "chmod": (90, None),
    "chown": (92, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "file_setattr": (469, 469),
    "fremovexattr": (199, 16),
    "fsetxattr": (190, 7),
    "futimesat": (261, None),
    "lchown": (94, None),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "removexattrat": (466, 466),
    "setpriority": (141, 140),
    "setxattr": (188, 5),
    "setxattrat": (463, 463),
    "utime": (132, None),
    "utimensat": (280, 88),
    "utimes": (235, None),
}
OF_ITSELF = {  # numbers, and the verdict where their first argument is a process: 0 is the caller
    "prlimit64": (302, 261, EPERM),
    "sched_setaffinity": (203, 122, PRETEND),
    "sched_setattr": (314, 274, PRETEND),
    "sched_setparam": (142, 118, PRETEND),  # zmq ends the process where it can't set
    "sched_setscheduler": (144, 119, PRETEND),  # what its threads had anyway
}
SOCKET, SOCKETPAIR, SETSOCKOPT = (41, 198), (53, 199), (54, 208)
UNIX, NETLINK, STREAM, KIND = 1, 16, 1, 0xF  # of a socket; the rest of its type are flags
NO_NETLINK = REFUSE | errno.EOPNOTSUPP  # where it is told this, zmq goes on without
BUFFER_SIZES = (7, 8, 32, 33)  # setsockopt: SO_SNDBUF, SO_RCVBUF, and the same by force
MMAP, SHARED_BY_NO_FILE = (9, 222), 0x21  # its flags MAP_SHARED and MAP_ANONYMOUS together
FLOCK, FCNTL, IOCTL = (73, 32), (72, 25), (16, 29)
SET_PIPE_SIZE = 1031  # fcntl: F_SETPIPE_SZ
TAKE_LOCKS, ASK_LOCKS = (6, 7, 37, 38), (5, 36)  # fcntl: F_SETLK..., F_GETLK and F_OFD_...
OWNERS_AND_LEASES = (8, 10, 15, 1024)  # fcntl: F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE
# ioctl: TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
HARMLESS_REQUESTS = (0x5401, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)


def filter_program(machine: str | None = None, fenced: bool = False) -> bytes | None:
    """The filter for this machine as bytes; None where its call numbers aren't known here.

    fenced: for walls without namespaces.
    """
    machine = machine or platform.machine()
    if machine not in MACHINES:
        return None
    column, architecture = MACHINES[machine]
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_GREATER_EQUAL, 0, 1, X32),
        (RETURN, 0, 0, REFUSE | errno.ENOSYS),
        # clone3 keeps its flags in memory, out of a filter's sight; without it libc uses clone.
        *_unless(JUMP_EQUAL, CLONE3[column], REFUSE | errno.ENOSYS),
        *_all(REFUSED | UNCOUNTED, column, EPERM),
        *_when(CLONE[column], _load(FIRST_ARGUMENT), _unless(JUMP_ANY_BIT, NAMESPACES, EPERM)),
        *_sockets(column),
        *_shared_memory(column),
        *_locks(column),
        *(_fenced(column) if fenced else []),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _sockets(column):
    """No sockets but streams between processes of this machine, with buffers of ordinary size.

    Datagrams go to any address without `connect`, and wait there when their sender is gone.
    """
    streams = [
        *_load(FIRST_ARGUMENT), *_unless(JUMP_EQUAL, NETLINK, NO_NETLINK),
        (JUMP_EQUAL, 1, 0, UNIX), (RETURN, 0, 0, NO_FAMILY),
        *_load(SECOND_ARGUMENT), (AND, 0, 0, KIND), (JUMP_EQUAL, 1, 0, STREAM),
        (RETURN, 0, 0, EPERM),
    ]  # fmt: skip
    sizes = _any_of(BUFFER_SIZES, PRETEND)
    return [
        *_when(SOCKET[column], streams),
        *_when(SOCKETPAIR[column], streams),
        *_when(SETSOCKOPT[column], _load(THIRD_ARGUMENT), sizes),
    ]


def _shared_memory(column):
    """None that no folder holds: what a process lets go of it is still there, and not counted."""
    flags = [*_load(FOURTH_ARGUMENT), (AND, 0, 0, SHARED_BY_NO_FILE)]
    sizes = _unless(JUMP_EQUAL, SET_PIPE_SIZE, EPERM)
    return [
        *_when(MMAP[column], flags, _unless(JUMP_EQUAL, SHARED_BY_NO_FILE, EPERM)),
        *_when(FCNTL[column], _load(SECOND_ARGUMENT), sizes),
    ]


def _locks(column):
    """All files that submissions share are read-only: locks on them would only carry messages.

    They seem to be taken, so that what locks a file of its own goes on.
    """
    return [
        *_unless(JUMP_EQUAL, FLOCK[column], PRETEND),
        *_when(
            FCNTL[column],
            _load(SECOND_ARGUMENT),
            _any_of(TAKE_LOCKS, PRETEND) + _any_of(ASK_LOCKS, EPERM),
        ),
    ]


def _fenced(column):
    """What takes the place of namespaces."""
    lines = _all(REFUSED_FENCED, column, EPERM) + _all(PRETENDED, column, PRETEND)
    for *numbers, verdict in OF_ITSELF.values():
        others = [(JUMP_EQUAL, 1, 0, 0), (RETURN, 0, 0, verdict)]
        lines += _when(numbers[column], _load(FIRST_ARGUMENT), others)
    lines += _when(FCNTL[column], _load(SECOND_ARGUMENT), _any_of(OWNERS_AND_LEASES, EPERM))
    asked, no_terminal = _any_of(HARMLESS_REQUESTS, ALLOW), [(RETURN, 0, 0, REFUSE | errno.ENOTTY)]
    return lines + _when(IOCTL[column], _load(SECOND_ARGUMENT), asked, no_terminal)


def _all(calls, column, verdict):
    """One verdict for all calls of a table."""
    numbers = [one[column] for one in calls.values() if one[column] is not None]
    return _any_of(numbers, verdict)


def _any_of(values, verdict):
    """One verdict for each of the values."""
    return [line for value in values for line in _unless(JUMP_EQUAL, value, verdict)]


def _load(offset):
    return [(LOAD, 0, 0, offset)]


def _when(number, *blocks):
    """For this call only: the blocks, then on with the call's number as before."""
    lines = [line for block in blocks for line in block] + _load(NUMBER)
    return [(JUMP_EQUAL, 0, len(lines), number), *lines]


def _unless(jump, value, verdict):
    """Go on unless the comparison holds; then that is the verdict."""
    return [(jump, 0, 1, value), (RETURN, 0, 0, verdict)]
