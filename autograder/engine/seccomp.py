"""A filter of system calls for the sandbox, as the program that bubblewrap loads.

It closes what namespaces leave open: sockets of other families than the ordinary ones (vsock
reaches the host of a virtual machine past the network namespace) and calls that only serve to
get out of a sandbox, new namespaces among them. Format: `struct sock_filter` of
linux/filter.h, see seccomp(2).
"""

import errno
import platform
import struct

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
FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, and netlink, which zmq needs
NAMESPACES = 0x7E020000  # all CLONE_NEW... flags of clone(2)

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
X32 = 0x40000000  # calls of the x32 interface on x86_64, under other numbers


def filter_program(machine=None):
    """The filter for this machine as bytes; None where its call numbers aren't known here."""
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
    ]
    for numbers in REFUSED.values():
        lines += _unless(JUMP_EQUAL, numbers[column], REFUSE | errno.EPERM)
    lines += [(JUMP_EQUAL, 0, 4, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    lines += [*_unless(JUMP_ANY_BIT, NAMESPACES, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    lines += [(JUMP_EQUAL, 1, 0, SOCKET[column]), (RETURN, 0, 0, ALLOW)]
    lines.append((LOAD, 0, 0, FIRST_ARGUMENT))
    for family in FAMILIES:
        lines += _unless(JUMP_EQUAL, family, ALLOW)
    lines.append((RETURN, 0, 0, REFUSE | errno.EAFNOSUPPORT))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _unless(jump, value, verdict):
    """Go on unless the comparison holds; then that is the verdict."""
    return [(jump, 0, 1, value), (RETURN, 0, 0, verdict)]
