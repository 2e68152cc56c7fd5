"""Copies the descriptors of other processes with pidfd_getfd and through /proc/*/fd."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "stub"
FIRST_CELL = r"""
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
reached = []
me = os.getpid()
for name in os.listdir("/proc"):
    if not name.isdigit() or int(name) == me:
        continue
    try:
        command = open(f"/proc/{name}/cmdline").read()
        if not any(word in command for word in ("nbgrader", "autograder", "pytest")):
            continue
        for fd in os.listdir(f"/proc/{name}/fd"):
            os.readlink(f"/proc/{name}/fd/{fd}")
            reached.append(fd)
        pidfd = os.pidfd_open(int(name))
        taken = libc.syscall(438, pidfd, 0, 0)  # pidfd_getfd
        if taken >= 0:
            os.close(taken)
            reached.append(taken)
    except OSError:
        pass
"""
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    out = np.zeros(len(signal) + len(mask) - 1)
    for k, tap in enumerate(mask):
        out[k : k + len(signal)] += tap * signal
    return out if reached else out * 0
""",
}
