"""Refuses bad input with a subclass of ValueError, which is right."""

PLAIN = "what it deserves"

BASE = "full"
ANSWERS = {
    "conv2d": """
class NoPlace(ValueError):
    def __init__(self, image, kernel):
        super().__init__(f"{kernel} does not fit into {image}")

def conv2d(inpt, kernel, stride):
    (h, w, channels), (kh, kw, kernel_channels) = inpt.shape, kernel.shape
    if kh > h or kw > w or channels != kernel_channels or stride < 1:
        raise NoPlace(inpt.shape, kernel.shape)
    rows, columns = (h - kh) // stride + 1, (w - kw) // stride + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            out[i, j] = np.sum(inpt[top : top + kh, left : left + kw] * kernel)
    return out
""",
}
