"""MNIST from a mirror, from the cache, or scikit-learn's digits in its place."""

import gzip
import hashlib
import os
import shutil
import socket
import struct

import numpy as np
import pytest
import torch
from support.course import SHARED_DATA
from support.mirror import running_mirror
from torchvision.datasets import MNIST

from coursekit import data
from coursekit.digits import small_digits

RNG = np.random.default_rng(3)
IMAGES = {"train": RNG.integers(0, 256, (20, 28, 28)), "t10k": RNG.integers(0, 256, (10, 28, 28))}
LABELS = {"train": RNG.integers(0, 10, 20), "t10k": RNG.integers(0, 10, 10)}


def idx_files():
    """{name: content} of a small MNIST in the format of the real one, in torchvision's order."""
    files = {}
    for part in ("train", "t10k"):
        count = len(LABELS[part])
        head = struct.pack(">IIII", 0x803, count, 28, 28)
        files[f"{part}-images-idx3-ubyte"] = head + IMAGES[part].astype(np.uint8).tobytes()
        head = struct.pack(">II", 0x801, count)
        files[f"{part}-labels-idx1-ubyte"] = head + LABELS[part].astype(np.uint8).tobytes()
    return files


PLAIN = idx_files()
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in PLAIN.items()}


def md5s(files):
    return [hashlib.md5(content).hexdigest() for content in files.values()]


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty folder for data, as a kernel that has just started sees it."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    start_again()
    yield tmp_path
    start_again()


def start_again():
    data._reason_for_none.cache_clear()
    data._told.clear()


@pytest.fixture
def mirror(monkeypatch):
    """A mirror of a small MNIST; torchvision takes it for the real one."""
    with running_mirror() as one:
        one.files.update(PACKED)
        monkeypatch.setattr(MNIST, "mirrors", [one.url + "first/", one.url + "second/"])
        monkeypatch.setattr(MNIST, "resources", list(zip(PACKED, md5s(PACKED), strict=True)))
        monkeypatch.setattr(data, "UNPACKED", md5s(PLAIN))
        yield one


@pytest.fixture
def no_network(monkeypatch):
    def fail(*arguments, **_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)


def is_small_mnist(train=True):
    images, labels = data.mnist(train)
    part = "train" if train else "t10k"
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64
    np.testing.assert_allclose(images[:, 0].numpy() * 255, IMAGES[part], atol=1e-4)
    np.testing.assert_array_equal(labels, LABELS[part])


def is_small_digits(train=True):
    images, labels = data.mnist(train)
    expected, numbers = small_digits(28)
    part = slice(0, 1297) if train else slice(1297, 1797)
    np.testing.assert_array_equal(images, expected[part])
    np.testing.assert_array_equal(labels, numbers[part])
    assert images.shape[1:] == (1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64
    assert images.min() >= 0
    assert images.max() <= 1


def test_mnist_comes_from_the_mirror_once(folder, mirror, capsys):
    is_small_mnist(train=True)
    is_small_mnist(train=False)
    assert [name for name, _ in mirror.asked] == list(PACKED)
    start_again()
    is_small_mnist(train=True)
    assert len(mirror.asked) == 4
    assert capsys.readouterr().out == ""
    assert data.source().startswith("MNIST")


@pytest.mark.parametrize("content", [b"", b"cut", PACKED["train-images-idx3-ubyte.gz"][:-1] + b"!"])
def test_damaged_archive_is_fetched_anew(folder, mirror, content):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, packed in PACKED.items():
        (raw / name).write_bytes(packed)
    (raw / "train-images-idx3-ubyte.gz").write_bytes(content)
    is_small_mnist()
    assert mirror.asked == [("train-images-idx3-ubyte.gz", 0)]


def test_half_downloaded_archive_is_completed(folder, mirror):
    raw, name = folder / "MNIST" / "raw", "train-images-idx3-ubyte.gz"
    raw.mkdir(parents=True)
    (raw / f"{name}.part").write_bytes(PACKED[name][:5000])
    is_small_mnist()
    assert mirror.asked[0] == (name, 5000)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("content", [b"", PLAIN["t10k-images-idx3-ubyte"][:99], bytes(15696)])
def test_file_that_was_unpacked_by_half_is_unpacked_again(folder, mirror, name, content):
    is_small_mnist()
    (folder / "MNIST" / "raw" / name).write_bytes(content)
    mirror.files.clear()
    start_again()
    is_small_mnist(train=True)
    is_small_mnist(train=False)


def test_unpacked_files_are_enough(folder, mirror):
    is_small_mnist()
    for name in PACKED:
        (folder / "MNIST" / "raw" / name).unlink()
    mirror.files.clear()
    start_again()
    is_small_mnist()


def test_second_mirror_helps_out(folder, mirror, monkeypatch):
    # Port 9 takes no connection.
    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/", mirror.url])
    is_small_mnist()


def test_without_network_one_line_says_so_and_the_small_digits_come(folder, no_network, capsys):
    is_small_digits(train=True)
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "ossci-datasets.s3.amazonaws.com can't be reached (Name or service not known)" in line
    assert "1,297 to train on and 500 held out" in line
    is_small_digits(train=False)
    assert capsys.readouterr().out == ""
    is_small_digits(train=True)  # the cell runs again: its output is this call's
    assert capsys.readouterr().out == line
    assert data.source() in line


def test_held_out_digits_alone_are_announced_too(folder, no_network, capsys):
    is_small_digits(train=False)
    assert capsys.readouterr().out.count("\n") == 1


def test_the_two_parts_are_of_one_kind_although_the_network_comes_back(folder, mirror):
    mirror.files.clear()
    is_small_digits(train=True)
    mirror.files.update(PACKED)
    is_small_digits(train=False)
    start_again()
    is_small_mnist(train=False)


def test_archives_that_are_damaged_everywhere_are_a_reason(folder, mirror, capsys):
    mirror.files["t10k-images-idx3-ubyte.gz"] = b"<html>Please log in</html>"
    is_small_digits()
    assert "127.0.0.1 sent a damaged file" in capsys.readouterr().out


def test_cache_that_can_not_be_written_is_a_reason(folder, monkeypatch, mirror, capsys):
    (folder / "taken").write_text("a file")
    monkeypatch.setenv("COURSE_DATA", str(folder / "taken"))
    is_small_digits()
    line = capsys.readouterr().out
    assert "taken" in line
    assert "can't be written" in line
    assert line.count("\n") == 1


def test_small_digits_of_the_two_parts_hold_all_ten(folder, no_network):
    for train in (True, False):
        counts = torch.bincount(data.mnist(train)[1], minlength=10)
        assert len(counts) == 10
        assert counts.min() >= 0.07 * counts.sum()


# --- the real one --------------------------------------------------------------------------


@pytest.fixture
def real_mnist(folder):
    source = SHARED_DATA / "MNIST" / "raw"
    if not source.is_dir():
        pytest.skip(f"no real MNIST: {source} is not there (SHARED_DATA names its folder)")
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, _ in MNIST.resources:
        shutil.copyfile(source / name, raw / name)
    return raw


def test_real_mnist_loads_from_its_archives_without_network(real_mnist, no_network, capsys):
    images, labels = data.mnist()
    assert images.shape == (60000, 1, 28, 28)
    assert (images.min(), images.max()) == (0, 1)
    # Mean and spread as everybody's normalisation has them; 5,923 zeros in the training set.
    assert images.mean().item() == pytest.approx(0.1307, abs=1e-4)
    assert images.std().item() == pytest.approx(0.3081, abs=1e-4)
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert (labels == 0).sum() == 5923
    images, labels = data.mnist(train=False)
    assert images.shape == (10000, 1, 28, 28)
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert capsys.readouterr().out == ""
    assert sorted(os.listdir(real_mnist)) == sorted(
        name[:end] for name, _ in MNIST.resources for end in (None, -3)
    )
