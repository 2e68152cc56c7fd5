"""Right answers that differ from the solution."""

GUARD = """
import numpy as np

def guard(inpt, kernel, stride):
    if any(k > n for k, n in zip(kernel.shape[:2], inpt.shape[:2])):
        raise ValueError("kernel too large")
    if inpt.shape[2] != kernel.shape[2] or stride < 1:
        raise ValueError("channels or stride")
"""

RIGHT_CONV2D = {
    "four_loops": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    kh, kw, channels = kernel.shape
    out = []
    for i in range(0, inpt.shape[0] - kh + 1, stride):
        row = []
        for j in range(0, inpt.shape[1] - kw + 1, stride):
            total = 0.0
            for a in range(kh):
                for b in range(kw):
                    for c in range(channels):
                        total += float(inpt[i + a, j + b, c]) * float(kernel[a, b, c])
            row.append(total)
        out.append(row)
    return np.array(out)
""",
    "tensordot": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    windows = np.lib.stride_tricks.sliding_window_view(inpt, kernel.shape)[..., 0, :, :, :]
    return np.tensordot(windows[::stride, ::stride], kernel, 3)
""",
    "einsum": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    windows = np.lib.stride_tricks.sliding_window_view(inpt, kernel.shape[:2], axis=(0, 1))
    return np.einsum("ijcab,abc->ij", windows[::stride, ::stride], kernel)
""",
    "strides": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    inpt = np.ascontiguousarray(inpt)
    h, w = [(n - k) // stride + 1 for n, k in zip(inpt.shape, kernel.shape[:2])]
    s0, s1, s2 = inpt.strides
    shape, strides = (h, w, *kernel.shape), (s0 * stride, s1 * stride, s0, s1, s2)
    windows = np.lib.stride_tricks.as_strided(inpt, shape, strides, writeable=False)
    return (windows * kernel).sum(axis=(2, 3, 4))
""",
    "taps": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    h, w = [n - k + 1 for n, k in zip(inpt.shape, kernel.shape[:2])]
    out = np.zeros((-(-h // stride), -(-w // stride)))
    for (a, b, c), tap in np.ndenumerate(kernel):
        out += tap * inpt[a : a + h : stride, b : b + w : stride, c]
    return out
""",
    "im2col": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    kh, kw, _ = kernel.shape
    rows = range(0, inpt.shape[0] - kh + 1, stride)
    columns = range(0, inpt.shape[1] - kw + 1, stride)
    table = np.array([inpt[i : i + kh, j : j + kw].ravel() for i in rows for j in columns])
    return (table @ kernel.ravel()).reshape(len(rows), len(columns))
""",
    "float32_result": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    a, b = inpt.astype(np.float32), kernel.astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(a, kernel.shape)[..., 0, :, :, :]
    return np.tensordot(windows[::stride, ::stride], b, 3)
""",
    "fourier": """
def conv2d(inpt, kernel, stride):
    guard(inpt, kernel, stride)
    size, (kh, kw) = inpt.shape[:2], kernel.shape[:2]
    spectrum = np.fft.rfft2(inpt, axes=(0, 1))
    taps = np.fft.rfft2(kernel[::-1, ::-1], s=size, axes=(0, 1))
    full = np.fft.irfft2((spectrum * taps).sum(axis=2), s=size)
    return full[kh - 1 :: stride, kw - 1 :: stride]
""",
}
