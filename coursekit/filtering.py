"""A ready convolution and families of filters, built on OpenCV: for lessons, pictures and widgets.

Directions are as you see them on screen, although rows grow downwards: 0 points to the right, and
angles grow counter-clockwise, so a quarter turn points up. The angle `theta` of a filter is the
direction in which it rises from dark to bright, across the edge and not along it.
"""

import numpy as np

from coursekit import drawing

FAMILIES = (
    "Gaussian",
    "first derivative",
    "second derivative",
    "Laplacian of Gaussian",
    "Gabor",
    "difference of Gaussians",
)
ORIENTED = ("first derivative", "second derivative", "Gabor")  # the families that have an angle


def convolve(image, kernel):
    """Slide a kernel over an image as networks do: no flip, no padding, stride 1.

    Args:
        image: H x W or H x W x C.
        kernel: k x l, or k x l x C with as many channels as the image; their products are summed.

    Returns:
        The response, (H - k + 1) x (W - l + 1), float64.

    Raises:
        ValueError: other shapes, another number of channels, or a kernel larger than the image.
    """
    import cv2  # here, so that a notebook without filters never needs it

    image, kernel = _layers(image, "image"), _layers(kernel, "kernel")
    if image.shape[2] != kernel.shape[2]:
        raise ValueError(
            f"the image has {image.shape[2]} channel(s) and the kernel {kernel.shape[2]}; "
            "make them equal"
        )
    rows, cols = (size - k + 1 for size, k in zip(image.shape[:2], kernel.shape[:2], strict=True))
    if min(rows, cols) < 1:
        raise ValueError(f"the kernel {kernel.shape} is larger than the image {image.shape}")
    response = np.zeros((rows, cols))
    for channel in range(image.shape[2]):
        plane, weights = (np.ascontiguousarray(a[:, :, channel]) for a in (image, kernel))
        # The anchor puts the window's top left corner on the pixel; OpenCV doesn't flip kernels.
        full = cv2.filter2D(plane, -1, weights, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
        response += full[:rows, :cols]
    return response


def family(name, size, sigma, theta=0.0):
    """Return a filter of one of the `FAMILIES` as a kernel to slide without a flip.

    The derivatives measure the slope (and the slope of the slope) of the image under a Gaussian
    blur, in the direction theta; other angles are weighted sums of a few derivatives (Freeman and
    Adelson 1991, "The design and use of steerable filters"). The Laplacian is negative in the
    middle; the difference of Gaussians, sigma minus 1.6 sigma, is close to its negative (Marr and
    Hildreth 1980, "Theory of edge detection"). The Gabor filter is a sine wave of 2.5 sigma pixels
    (3 at least) under a Gaussian, its absolute weights adding up to 1.

    Args:
        name: one of `FAMILIES`.
        size: rows and columns of the kernel, odd, at least 3.
        sigma: width of the Gaussian in pixels, above 0.
        theta: direction in radians (see above); the families outside `ORIENTED` don't depend on it.

    Returns:
        size x size, float64. A Gaussian sums to 1, all others to 0: on an even area they say 0.

    Raises:
        ValueError: unknown name, a size that is even or below 3, sigma not above 0, or an angle
            that is not finite.
    """
    if name not in FAMILIES:
        raise ValueError(f"no family is called {name!r}; choose one of: {', '.join(FAMILIES)}")
    if int(size) != size or size < 3 or size % 2 == 0:
        raise ValueError(f"size has to be an odd whole number from 3 on, got {size!r}")
    if not (np.isfinite(sigma) and sigma > 0):
        raise ValueError(f"sigma has to be above 0 pixels, got {sigma!r}")
    if not np.isfinite(theta):
        raise ValueError(f"theta has to be an angle in radians, got {theta!r}")
    size, sigma, theta = int(size), float(sigma), float(theta)
    if name == "Gaussian":
        return _blob(size, sigma)
    if name == "difference of Gaussians":
        kernel = _blob(size, sigma) - _blob(size, 1.6 * sigma)
    elif name == "Gabor":
        kernel = _gabor(size, sigma, theta)
    else:
        kernel = _differences(name, size, sigma, theta)
    return kernel - kernel.mean()  # the window cuts the tails off; this puts the sum back to 0


def profile(kernel, theta=0.0):
    """Return the cut through the middle of a square kernel, in the direction theta (radians).

    Values between the pixels are interpolated; at theta = 0 the cut is the middle row.

    Returns:
        As many samples as the kernel has columns, one pixel apart, ending in the direction theta.

    Raises:
        ValueError: a kernel that is not square.
    """
    import cv2

    kernel = _square(kernel)
    middle = (len(kernel) - 1) / 2
    along = np.arange(len(kernel)) - middle
    where = [middle + along * np.cos(theta), middle - along * np.sin(theta)]  # columns, rows
    where = [np.round(place, 6).astype(np.float32)[np.newaxis] for place in where]
    return cv2.remap(kernel, *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]


def rotate(kernel, degrees):
    """Return a square kernel turned counter-clockwise, as you see it on screen, by `degrees`.

    Values between the pixels are interpolated, so a turn blurs a little; quarter turns are exact.
    What leaves the square is lost, and what enters it is 0.

    Raises:
        ValueError: a kernel that is not square, or an angle that is not finite.
    """
    import cv2

    kernel = _square(kernel)
    if not np.isfinite(degrees):
        raise ValueError(f"degrees has to be an angle, got {degrees!r}")
    if degrees % 90 == 0:
        return np.rot90(kernel, int(degrees // 90)).copy()
    middle = (len(kernel) - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), float(degrees), 1.0)
    return cv2.warpAffine(kernel, turn, kernel.shape, flags=cv2.INTER_LINEAR)


def _blob(size, sigma):
    import cv2

    column = cv2.getGaussianKernel(size, sigma)
    return column @ column.T


def _differences(name, size, sigma, theta):
    """Finite differences of a Gaussian that is one pixel larger all around."""
    import cv2

    around = _blob(size + 2, sigma)
    across, twice = np.array([[-1.0, 0.0, 1.0]]) / 2, np.array([[1.0, -2.0, 1.0]])

    def slope(array, *steps):
        for step in steps:
            array = cv2.filter2D(array, -1, step)
        return array[1:-1, 1:-1]

    right, up = np.cos(theta), np.sin(theta)
    if name == "first derivative":  # mirrored, since the kernel is slid without a flip
        return -right * slope(around, across) + up * slope(around, across.T)
    xx, yy = slope(around, twice), slope(around, twice.T)
    if name == "Laplacian of Gaussian":
        return xx + yy
    xy = -slope(around, across, across.T)  # rows grow downwards
    return right**2 * xx + 2 * right * up * xy + up**2 * yy


def _gabor(size, sigma, theta):
    import cv2

    wave = max(2.5 * sigma, 3.0)  # shorter waves would fall between the pixels
    kernel = cv2.getGaborKernel((size, size), sigma, -theta, wave, 1.0, np.pi / 2)
    return kernel / np.abs(kernel).sum()


def _layers(array, name):
    array = drawing.numbers(array, name)
    if array.ndim not in (2, 3) or array.size == 0:
        shape = "H x W or H x W x C" if name == "image" else "k x k or k x k x C"
        raise ValueError(f"{name}: expected {shape}, got shape {array.shape}")
    return array.astype(np.float64).reshape(*array.shape[:2], -1)


def _square(kernel):
    kernel = drawing.numbers(kernel, "kernel").astype(np.float64)
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or kernel.size == 0:
        raise ValueError(f"kernel: expected a square k x k, got shape {kernel.shape}")
    return kernel
