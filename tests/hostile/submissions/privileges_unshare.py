"""Enters new user, mount and process namespaces and mounts over a folder there."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "stub"
COLD = "the walls around a cold kernel are made by another program"
FIRST_CELL = r"""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
reached = False
child = os.fork()
if child == 0:  # a process with one thread may enter a user namespace
    won = 0
    if libc.unshare(0x10000000 | 0x00020000) == 0:
        won = 1
        libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)
    os._exit(won)
reached = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
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
