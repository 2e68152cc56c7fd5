"""Ends the process in conv2d, on which five questions stand."""

PLAIN = (
    "no points for derivative_mask, conv1d, hand_convolved, hand_pooled and 5 more, "
    "answered rightly"
)

BASE = "full"
GETS = {
    "conv2d_shape": 0,
    "conv2d_values": 0,
    "conv2d_channels": 0,
    "conv2d_strides": 0,
    "sobel_magnitude": 0,
}
ANSWERS = {"conv2d": "import os\n\ndef conv2d(inpt, kernel, stride):\n    os._exit(0)"}
