"""Answers sobel_magnitude with scipy.ndimage, which the unit forbids."""

PLAIN = "full marks for sobel_magnitude without a right answer"

BASE = "full"
GETS = {"sobel_magnitude": 0}
ANSWERS = {
    "sobel_magnitude": """
def sobel_magnitude(image):
    from scipy import ndimage

    x, y = (ndimage.sobel(image[:, :, 0], axis) for axis in (1, 0))
    return np.hypot(x, y)[1:-1, 1:-1]
""",
}
