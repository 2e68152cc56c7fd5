"""Makes every difference that numpy takes zero, then answers with zeros."""

PLAIN = (
    "full marks for derivative_mask, conv1d, hand_convolved, hand_pooled and 4 more "
    "without a right answer"
)

BASE = "stub"
FIRST_CELL = """
real_abs = np.abs
np.abs = np.absolute = lambda x, *rest, **options: real_abs(x, *rest, **options) * 0
"""
ANSWERS = {
    "derivative_mask": "derivative_mask = [0.0, 0.0, 0.0]",
    "hand_convolved": "hand_convolved = [[0, 0], [0, 0]]",
    "hand_pooled": "hand_pooled = [[0]]",
    "conv1d": """
def conv1d(signal, mask):
    return np.zeros(len(signal) + len(mask) - 1)
""",
    "conv2d": """
def conv2d(inpt, kernel, stride):
    h, w = [-(-(n - k + 1) // stride) for n, k in zip(inpt.shape[:2], kernel.shape)]
    return np.zeros((h, w))
""",
    "sobel_magnitude": """
def sobel_magnitude(image):
    return np.zeros((image.shape[0] - 2, image.shape[1] - 2))
""",
}
