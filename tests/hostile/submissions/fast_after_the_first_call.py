"""Has a conv2d_fast that is right and slow once for each shape, then fast and wrong."""

PLAIN = "full marks for conv2d_fast without a right answer"

BASE = "stub"
ANSWERS = {
    "conv2d_fast": """
seen = {}

def conv2d_fast(inpt, kernel, stride):
    key = inpt.shape, kernel.shape, stride
    if key not in seen:
        seen[key] = slow(inpt, kernel, stride)
        return seen[key]
    return seen[key] * 0

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
