"""Has a slow conv2d_fast, and processes that burn all cores whenever it isn't called."""

PLAIN = "nothing"

BASE = "stub"
ANSWERS = {
    "conv2d_fast": """
import mmap, os, signal, time

burn = mmap.mmap(-1, 1)
burn[0] = 1
for _ in range(4 * os.cpu_count()):
    if os.fork() == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if burn[0]:
                sum(range(20_000))
            else:
                time.sleep(0.0005)
        os._exit(0)

def conv2d_fast(inpt, kernel, stride):
    burn[0] = 0
    try:
        return slow(inpt, kernel, stride)
    finally:
        burn[0] = 1

def slow(inpt, kernel, stride):
    kh, kw, channels = kernel.shape
    rows = range(0, inpt.shape[0] - kh + 1, stride)
    columns = range(0, inpt.shape[1] - kw + 1, stride)
    return np.array([
        [np.vdot(inpt[i : i + kh, j : j + kw], kernel) for j in columns] for i in rows
    ])
""",
}
