"""Sets its inputs to zero and answers zero, so that input and expectation would agree."""

PLAIN = "what it deserves"

BASE = "stub"
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    for array in (signal, mask):
        while array is not None:
            array.flags.writeable = True
            array[...] = 0
            array = array.base
    return np.zeros(len(signal) + len(mask) - 1)
""",
    "conv2d": """
def conv2d(inpt, kernel, stride):
    inpt[...] = 0
    kernel[...] = 0
    h, w = [max(-(-(n - k + 1) // max(stride, 1)), 0) for n, k in zip(inpt.shape, kernel.shape)][:2]
    return np.zeros((h, w))
""",
    "sobel_magnitude": """
def sobel_magnitude(image):
    image[...] = 0
    return np.zeros((image.shape[0] - 2, image.shape[1] - 2))
""",
}
