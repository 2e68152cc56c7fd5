"""Returns objects that never become an array, become a huge one, or end the process instead."""

PLAIN = "not measured"

BASE = "full"

ANSWERS = {
    "conv1d": """
class Endless:
    def __array__(self, dtype=None, copy=None):
        while True:
            pass


def conv1d(signal, kernel):
    return Endless()
""",
    "conv2d": """
class Huge:
    def __array__(self, dtype=None, copy=None):
        return np.broadcast_to(1.0, (1 << 12, 1 << 12, 4))


def conv2d(inpt, kernel, stride):
    return Huge()
""",
    "conv2d_fast": """
class Last:
    def __array__(self, dtype=None, copy=None):
        import os
        os._exit(0)


def conv2d_fast(inpt, kernel, stride):
    return Last()
""",
}
GETS = {
    "conv1d": 0,
    "conv2d_shape": 0,
    "conv2d_values": 0,
    "conv2d_channels": 0,
    "conv2d_strides": 0,
    "sobel_magnitude": 0,
    "conv2d_fast": 0,
}
