"""Answers with NaN everywhere, which no comparison finds too large."""

PLAIN = "what it deserves"

BASE = "stub"
ANSWERS = {
    "derivative_mask": "derivative_mask = np.full(3, np.nan)",
    "hand_convolved": "hand_convolved = np.full((2, 2), np.nan)",
    "hand_pooled": "hand_pooled = [[float('nan')]]",
    "size_40_5": "size_40_5 = float('nan')",
    "conv1d": "def conv1d(signal, mask):\n    return np.full(len(signal) + len(mask) - 1, np.nan)",
    "conv2d": """
def conv2d(inpt, kernel, stride):
    h, w = [max(-(-(n - k + 1) // max(stride, 1)), 0) for n, k in zip(inpt.shape, kernel.shape)][:2]
    return np.full((h, w), np.nan)
""",
    "sobel_magnitude": """
def sobel_magnitude(image):
    return np.full((image.shape[0] - 2, image.shape[1] - 2), np.nan)
""",
}
