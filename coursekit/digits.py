"""Handwritten digits that are already on your disk: they come with scikit-learn, no download."""

import numpy as np


def small_digits(size=8):
    """Return (images, labels) of 1,797 handwritten digits.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI machine
    learning repository, 1998 (its test set), as bundled with scikit-learn.

    Args:
        size: pixels on a side; 8 is the original, larger ones are interpolated.

    Returns:
        images N x 1 x size x size, float32 from 0 to 1; labels N, int64; in a fixed shuffled order.
    """
    import cv2
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    images = images.reshape(-1, 8, 8)[order].astype(np.float32) / 16
    if size != 8:
        grown = [cv2.resize(one, (size, size), interpolation=cv2.INTER_CUBIC) for one in images]
        images = np.clip(np.stack(grown), 0, 1)
    return images[:, None], labels[order].astype(np.int64)
