"""Filters of system calls for the sandbox, as the programs that Linux loads.

They close what namespaces leave open: sockets of other families than the ordinary ones (vsock
reaches the host of a virtual machine past the network namespace) and calls that only serve to
get out of a sandbox, new namespaces among them. Without namespaces, behind the second tier of
walls, a longer list takes their place. Format: `struct sock_filter` of linux/filter.h, see
seccomp(2).
"""

import errno
import platform
import struct

LOAD, AND, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # in struct seccomp_data
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, NO_FAMILY = REFUSE | errno.EPERM, REFUSE | errno.EAFNOSUPPORT
PRETEND = REFUSE | 0  # the call returns 0 and nothing has happened
X32 = 0x40000000  # calls of the x32 interface on x86_64, under other numbers

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit architecture
REFUSED = {  # name: its number on x86_64, on aarch64
    "add_key": (248, 217),
    "bpf": (321, 280),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "init_module": (175, 105),
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
SOCKET, CLONE, CLONE3 = (41, 198), (56, 220), (435, 435)
FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, and netlink, which zmq and libc ask
NAMESPACES = 0x7E020000  # all CLONE_NEW... flags of clone(2)

# Without namespaces: what reaches processes, sockets and shared memory of the same user.
REFUSED_FENCED = {
    "connect": (42, 203),
    "fanotify_init": (300, 262),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "msgget": (68, 186),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "semctl": (66, 191),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmget": (29, 194),
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
SOCKETPAIR, FCNTL, IOCTL = (53, 199), (72, 25), (16, 29)
UNIX, NETLINK, STREAM, KIND = 1, 16, 1, 0xF  # of a socket; the rest of its type are flags
NO_NETLINK = REFUSE | errno.EOPNOTSUPP  # where it is told this, zmq goes on without
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
        *_all(REFUSED, column, EPERM),
        *_when(CLONE[column], _load(FIRST_ARGUMENT), _unless(JUMP_ANY_BIT, NAMESPACES, EPERM)),
        *(_fenced(column) if fenced else _sockets(column)),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _sockets(column):
    """No sockets but of the ordinary families."""
    known = [line for family in FAMILIES for line in _unless(JUMP_EQUAL, family, ALLOW)]
    return _when(SOCKET[column], _load(FIRST_ARGUMENT), known, [(RETURN, 0, 0, NO_FAMILY)])


def _fenced(column):
    """What takes the place of namespaces."""
    lines = _all(REFUSED_FENCED, column, EPERM) + _all(PRETENDED, column, PRETEND)
    for *numbers, verdict in OF_ITSELF.values():
        others = [(JUMP_EQUAL, 1, 0, 0), (RETURN, 0, 0, verdict)]
        lines += _when(numbers[column], _load(FIRST_ARGUMENT), others)
    # Datagrams go to any address without `connect`.
    streams = [
        *_load(FIRST_ARGUMENT), *_unless(JUMP_EQUAL, NETLINK, NO_NETLINK),
        (JUMP_EQUAL, 1, 0, UNIX), (RETURN, 0, 0, NO_FAMILY),
        *_load(SECOND_ARGUMENT), (AND, 0, 0, KIND), (JUMP_EQUAL, 1, 0, STREAM),
        (RETURN, 0, 0, EPERM),
    ]  # fmt: skip
    lines += _when(SOCKET[column], streams) + _when(SOCKETPAIR[column], streams)
    leases = [line for one in OWNERS_AND_LEASES for line in _unless(JUMP_EQUAL, one, EPERM)]
    lines += _when(FCNTL[column], _load(SECOND_ARGUMENT), leases)
    asked = [line for one in HARMLESS_REQUESTS for line in _unless(JUMP_EQUAL, one, ALLOW)]
    no_terminal = [(RETURN, 0, 0, REFUSE | errno.ENOTTY)]
    return lines + _when(IOCTL[column], _load(SECOND_ARGUMENT), asked, no_terminal)


def _all(calls, column, verdict):
    """One verdict for all calls of a table."""
    numbers = [one[column] for one in calls.values() if one[column] is not None]
    return [line for number in numbers for line in _unless(JUMP_EQUAL, number, verdict)]


def _load(offset):
    return [(LOAD, 0, 0, offset)]


def _when(number, *blocks):
    """For this call only: the blocks, then on with the call's number as before."""
    lines = [line for block in blocks for line in block] + _load(NUMBER)
    return [(JUMP_EQUAL, 0, len(lines), number), *lines]


def _unless(jump, value, verdict):
    """Go on unless the comparison holds; then that is the verdict."""
    return [(jump, 0, 1, value), (RETURN, 0, 0, verdict)]
