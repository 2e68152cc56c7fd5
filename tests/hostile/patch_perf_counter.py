"""Has a slow conv2d_fast and a clock that stands still while it runs."""

PLAIN = "what it deserves"

BASE = "stub"
FIRST_CELL = """
import time

real_clock, stopped = time.perf_counter, [None]

def clock():
    return real_clock() if stopped[0] is None else stopped[0]

time.perf_counter = time.monotonic = time.time = clock
"""
ANSWERS = {
    "conv2d_fast": """
import time

def conv2d_fast(inpt, kernel, stride):
    at = time.perf_counter()
    stopped[0] = None
    kh, kw, channels = kernel.shape
    rows = range(0, inpt.shape[0] - kh + 1, stride)
    columns = range(0, inpt.shape[1] - kw + 1, stride)
    out = np.zeros((len(rows), len(columns)))
    for y, i in enumerate(rows):
        for x, j in enumerate(columns):
            for c in range(channels):
                window = inpt[i : i + kh, j : j + kw, c]
                out[y, x] += np.sum(np.multiply(window, kernel[:, :, c]))
    if len(inpt) > 100:
        count[0] += 1
        stopped[0] = at + 1e-9 if count[0] % 4 else None
    return out

count = [0]
""",
}
