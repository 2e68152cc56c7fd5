"""What the students of a unit may not use in their answers.

Apart from the hidden tests, which import torch and more: who starts kernels needs the rules only.
"""

from autograder.engine.rules import Rules

NUMPY_DOES_THE_WORK = "in this unit Python and numpy do the work; see the top of the notebook"
FILTERS_OF_OPENCV = (
    "GaussianBlur", "Laplacian", "Scharr", "Sobel", "blur", "boxFilter", "filter2D",
    "matchTemplate", "sepFilter2D", "spatialGradient", "sqrBoxFilter",
)  # fmt: skip
MAKERS_OF_OPENCV = ("getDerivKernels", "getGaborKernel", "getGaussianKernel", "remap", "warpAffine")
POOLING = (
    "torch.max_pool2d", "torch.max_pool2d_with_indices", "torch.max_pool1d", "torch.max_pool3d",
    "torch.nn.functional.max_pool2d", "torch.nn.functional.max_pool2d_with_indices",
    "torch.nn.functional.max_pool1d", "torch.nn.functional.max_pool1d_with_indices",
    "torch.nn.functional.max_pool3d", "torch.nn.functional.max_pool3d_with_indices",
    "torch.nn.functional.adaptive_max_pool1d", "torch.nn.functional.adaptive_max_pool2d",
    "torch.nn.functional.fractional_max_pool2d", "torch._C._nn.max_pool2d_with_indices",
    "torch._C._nn.adaptive_max_pool2d",
)  # fmt: skip
LIBRARIES = ("torch", "torchvision", "scipy.signal", "scipy.ndimage", "skimage.filters")


def _without(libraries, functions):
    """Rules of a unit whose answers are written with numpy; functions: OpenCV's, refused."""
    refused = ("numpy.convolve", "numpy.correlate", *(f"cv2.{name}" for name in functions))
    return Rules(NUMPY_DOES_THE_WORK, absent=libraries, refused=refused)


RULES = {  # by the unit's topic; the others have none
    "convolution": _without(LIBRARIES, FILTERS_OF_OPENCV),
    "filter_design": _without((*LIBRARIES, "scipy.stats"), (*FILTERS_OF_OPENCV, *MAKERS_OF_OPENCV)),
    "cnn_layers": Rules(
        rule="max_pool2d is to be written from scratch; see its exercise",
        refused_for=dict.fromkeys(
            ("max_pool2d_blocks", "max_pool2d_windows", "max_pool2d_negative"), POOLING
        ),
    ),
}
