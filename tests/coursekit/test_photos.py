import subprocess
import sys

import numpy as np
import pytest

from coursekit import photos


@pytest.mark.parametrize("name", photos.names())
def test_every_named_photo_reads_as_gray_and_as_colour(name):
    gray, color = photos.gray(name), photos.color(name)
    assert gray.ndim == 3
    assert gray.shape[2] == 1
    assert color.shape == (*gray.shape[:2], 3)
    for photo in (gray, color):
        assert photo.dtype == np.float64
        assert 0 <= photo.min() < photo.max() <= 1


def test_size_is_height_and_width():
    assert photos.gray("coins", size=(30, 40)).shape == (30, 40, 1)
    assert photos.color("cat", size=(30, 40)).shape == (30, 40, 3)


def test_crop_cuts_before_resizing():
    whole = photos.gray("camera")
    np.testing.assert_array_equal(photos.gray("camera", crop=(10, 20, 30, 40)), whole[10:40, 20:60])
    assert photos.gray("camera", size=(8, 9), crop=(10, 20, 30, 40)).shape == (8, 9, 1)


def test_shrinking_smooths_instead_of_dropping_pixels():
    small = photos.gray("brick", size=(16, 16))
    assert small.mean() == pytest.approx(photos.gray("brick").mean(), abs=0.01)
    assert small.std() < photos.gray("brick")[::32, ::32].std()


def test_photos_of_colour_differ_between_channels_and_gray_ones_do_not():
    cat, brick = photos.color("cat"), photos.color("brick")
    assert np.abs(cat[:, :, 0] - cat[:, :, 2]).max() > 0.1
    np.testing.assert_array_equal(brick[:, :, 0], brick[:, :, 2])


def test_unknown_name_lists_the_names():
    with pytest.raises(ValueError, match="no photo is called 'dog'.*brick.*cat.*text"):
        photos.gray("dog")


@pytest.mark.parametrize("crop", [(0, 0, 600, 10), (-1, 0, 10, 10), (0, 0, 0, 10)])
def test_crop_outside_the_photo_is_refused(crop):
    with pytest.raises(ValueError, match="512 x 512 pixels"):
        photos.gray("brick", crop=crop)


def test_missing_scikit_image_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(ImportError, match="pip install scikit-image"):
        photos.gray("brick")


def test_photos_and_pictures_need_neither_network_nor_scipy_filters():
    code = """
import socket, sys
for name in ("scipy.ndimage", "scipy.signal", "cv2", "ipywidgets"):
    sys.modules[name] = None
def refuse(*args, **kwargs):
    raise AssertionError("network")
socket.socket.connect = socket.getaddrinfo = refuse
import matplotlib
matplotlib.use("Agg")
from coursekit import photos, pictures
for name in photos.names():
    assert photos.gray(name).ndim == 3
pictures.show_image(photos.color("coffee"))
import coursekit.widgets.convolution
"""
    subprocess.run([sys.executable, "-c", code], check=True)
