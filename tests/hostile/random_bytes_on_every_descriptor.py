"""Floods every pipe and socket that the process has with a million random bytes."""

PLAIN = "hangs, stopped after 90 s; its neighbour gets 0 of 22 points; leaves 1 processes running"

BASE = "stub"
ANSWERS = {
    "output_size": """
import os
import random
import stat

def output_size(h, k):
    data = random.Random(1).randbytes(1_000_000)
    for name in os.listdir("/proc/self/fd"):
        try:
            fd = int(name)
            mode = os.fstat(fd).st_mode
            if fd > 2 and (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)):
                os.set_blocking(fd, False)
                os.write(fd, data)
        except OSError:
            pass
    return 0
""",
}
