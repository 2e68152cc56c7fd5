"""Answers conv2d and sobel_magnitude with OpenCV, which the unit forbids."""

PLAIN = (
    "full marks for conv2d_shape, conv2d_values, conv2d_channels, conv2d_strides and 1 "
    "more without a right answer"
)

BASE = "stub"
ANSWERS = {
    "conv2d": """
import cv2

def conv2d(inpt, kernel, stride):
    (h, w, channels), (kh, kw, kernel_channels) = inpt.shape, kernel.shape
    if kh > h or kw > w or stride < 1 or channels != kernel_channels:
        raise ValueError
    out = 0
    for c in range(channels):
        image, taps = inpt[:, :, c].astype(float), kernel[:, :, c].astype(float)
        out = out + cv2.filter2D(image, cv2.CV_64F, taps, anchor=(0, 0))
    return out[: h - kh + 1 : stride, : w - kw + 1 : stride]
""",
    "sobel_magnitude": """
import cv2

def sobel_magnitude(image):
    x = cv2.Sobel(image[:, :, 0], cv2.CV_64F, 1, 0)
    y = cv2.Sobel(image[:, :, 0], cv2.CV_64F, 0, 1)
    return np.hypot(x, y)[1:-1, 1:-1]
""",
}
