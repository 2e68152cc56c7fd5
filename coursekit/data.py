"""MNIST, fetched once and kept; scikit-learn's small digits where it can't be had."""

from functools import cache

from coursekit.digits import small_digits
from coursekit.downloads import Unavailable, cache_folder, fetch, has_hash

SIDE = 28  # pixels
HELD_OUT = 500  # of the 1,797 small digits
UNPACKED = (  # MD5 of the files in the four archives, in torchvision's order
    "6bbc9ace898e44ae57da46a324031adb",
    "a25bea736e30d166cdddb491f175f624",
    "2646ac647ad5339dbf082846283269ea",
    "27ae3e4e09519cfbb04c329615203637",
)


def mnist(train=True):
    """Return (images, labels) of MNIST: 60,000 digits to train on, or 10,000 held out.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86 (1998), through torchvision. The archives
    (12 MB) are fetched into the folder COURSE_DATA, or ~/.cache/convnet-workbook, when they
    aren't there, and checked against their MD5 sums. Where they can't be had, one line says why,
    and the digits are scikit-learn's (see `small_digits`), scaled to 28 x 28: 1,297 to train on,
    500 held out. It stays with one of the two until the setup cell runs again.

    Args:
        train: True for the training images, False for those held out.

    Returns:
        images N x 1 x 28 x 28, float32 from 0 to 1; labels N, int64.
    """
    import torch
    from torchvision.datasets import MNIST

    folder = cache_folder()
    reason = _reason_for_none(folder)
    if not reason:
        digits = MNIST(folder, train=train)
        return digits.data[:, None].float() / 255, digits.targets
    if train or reason not in _told:
        _told.add(reason)
        print(f"No MNIST here: {reason}. Going on with {source()}.")
    images, labels = small_digits(SIDE)
    part = slice(None, -HELD_OUT) if train else slice(-HELD_OUT, None)
    return torch.from_numpy(images[part]), torch.from_numpy(labels[part])


def source():
    """Return in words where the digits of `mnist` come from; this fetches them if need be."""
    if _reason_for_none(cache_folder()):
        return "scikit-learn's digits scaled to 28 x 28, 1,297 to train on and 500 held out"
    return "MNIST, 60,000 images to train on and 10,000 held out"


_told = set()  # reasons that have been printed


@cache  # so that training and held-out digits are of one kind
def _reason_for_none(folder):
    """Make MNIST ready in a folder; "" when it is, else why not, in one line."""
    from torchvision.datasets import MNIST

    try:
        _bring(folder / "MNIST" / "raw")
        MNIST(folder, download=True)  # unpacks; the archives are there, so nothing is downloaded
    except (Unavailable, OSError, RuntimeError, ValueError) as error:
        return " ".join(str(error).split())
    return ""


def _bring(raw):
    """See to it that a folder holds the four unpacked files, or else the four archives."""
    from torchvision.datasets import MNIST

    archives = [(raw / name, md5) for name, md5 in MNIST.resources]
    plain = [(path.with_suffix(""), md5) for (path, _), md5 in zip(archives, UNPACKED, strict=True)]
    if all(map(_is_right, *zip(*plain, strict=True))):
        return
    for path, md5 in archives:
        if not _is_right(path, md5):
            urls = [mirror + path.name for mirror in MNIST.mirrors]
            fetch(urls, path, lambda file, md5=md5: has_hash(file, "md5", md5))
    for path, _ in plain:  # one that was cut off would not be unpacked again
        path.unlink(missing_ok=True)


def _is_right(path, md5):
    return path.is_file() and has_hash(path, "md5", md5)
