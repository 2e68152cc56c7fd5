"""Fetching a file: it comes whole and right, goes on where it stopped, or gives up soon."""

import hashlib
import socket
import threading
import time
from pathlib import Path

import pytest
from support.mirror import running_mirror

from coursekit import downloads
from coursekit.downloads import Unavailable, cache_folder, fetch, has_hash

CONTENT = bytes(range(256)) * 2000


def is_right(path):
    return path.read_bytes() == CONTENT


@pytest.fixture
def mirror():
    with running_mirror() as one:
        one.files["file"] = CONTENT
        yield one


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "folder" / "file"


def test_file_comes_whole_under_its_name(mirror, path):
    fetch([mirror.url + "file"], path, is_right)
    assert path.read_bytes() == CONTENT
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_progress_is_shown_in_bytes(mirror, path, capfd):
    fetch([mirror.url + "file"], path, is_right)
    shown = capfd.readouterr().err
    assert "file: 100%" in shown
    assert "512k/512k" in shown


def test_broken_connection_goes_on_where_it_stopped(mirror, path):
    mirror.cuts["file"] = [1000, 2000]
    fetch([mirror.url + "file"], path, is_right)
    assert path.read_bytes() == CONTENT
    assert mirror.asked == [("file", 0), ("file", 1000), ("file", 3000)]


def test_part_of_an_earlier_call_is_completed(mirror, path):
    mirror.cuts["file"] = [5000, 0]
    with pytest.raises(Unavailable, match="ended the connection early"):
        fetch([mirror.url + "file"], path, is_right)
    assert not path.exists()
    mirror.asked.clear()
    fetch([mirror.url + "file"], path, is_right)
    assert mirror.asked == [("file", 5000)]
    assert path.read_bytes() == CONTENT


def test_server_without_ranges_starts_again(mirror, path):
    mirror.whole, mirror.cuts["file"] = True, [1000]
    fetch([mirror.url + "file"], path, is_right)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "part",
    [b"wrong", CONTENT[:-1] + b"x", CONTENT + b"more"],
    ids=["short", "last byte", "too long"],
)
def test_damaged_part_is_thrown_away_and_the_file_fetched_anew(mirror, path, part):
    path.parent.mkdir(parents=True)
    path.with_name("file.part").write_bytes(part)
    fetch([mirror.url + "file"], path, is_right)
    assert path.read_bytes() == CONTENT
    assert mirror.asked[-1] == ("file", 0)


def test_whole_part_needs_no_second_download(mirror, path):
    path.parent.mkdir(parents=True)
    path.with_name("file.part").write_bytes(CONTENT)
    fetch([mirror.url + "file"], path, is_right)
    assert path.read_bytes() == CONTENT
    assert mirror.asked == [("file", len(CONTENT))]


def test_next_address_is_asked_where_the_first_sends_a_damaged_file(mirror, path):
    mirror.files["page"] = b"<html>Please log in</html>"
    fetch([mirror.url + "page", mirror.url + "file"], path, is_right)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "reason"), [("page", "sent a damaged file"), ("nothing", "can't be reached")]
)
def test_reason_is_told_and_nothing_is_left_behind(mirror, path, name, reason):
    mirror.files["page"] = b"<html>Please log in</html>"
    with pytest.raises(Unavailable, match=f"^127.0.0.1 {reason}"):
        fetch([mirror.url + name], path, is_right)
    assert list(path.parent.iterdir()) == []


def test_old_file_stays_while_a_new_one_can_not_be_had(mirror, path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"old")
    with pytest.raises(Unavailable):
        fetch([mirror.url + "nothing"], path, is_right)
    assert path.read_bytes() == b"old"


def test_folder_that_can_not_be_made_is_a_reason(mirror, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(Unavailable, match="taken.* can't be written"):
        fetch([mirror.url + "file"], tmp_path / "taken" / "file", is_right)


def test_silent_server_is_given_up_in_time(mirror, path, monkeypatch):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    mirror.silent = threading.Event()
    start = time.monotonic()
    with pytest.raises(Unavailable, match="doesn't answer"):
        fetch([mirror.url + "file"], path, is_right)
    assert time.monotonic() - start < 2


def test_name_look_up_that_hangs_is_given_up_in_time(path, monkeypatch):
    # No time-out of a socket covers it.
    hanging = threading.Event()
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: hanging.wait(20))
    start = time.monotonic()
    with pytest.raises(Unavailable, match="mirror.example doesn't answer"):
        fetch(["http://mirror.example/file"], path, is_right)
    hanging.set()
    assert time.monotonic() - start < 2


def test_dripping_server_is_given_up(monkeypatch):
    class Dripping:
        def read1(self, size):
            time.sleep(0.02)
            return b"."

    monkeypatch.setattr(downloads, "SILENT_SECONDS", 0.1)
    with pytest.raises(downloads._Broken, match="too slow"):
        list(downloads._chunks(Dripping()))


def test_two_dead_mirrors_cost_seconds_not_minutes():
    assert 2 * downloads.ANSWER_SECONDS <= 6


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_hash_is_that_of_the_content(tmp_path, kind):
    (tmp_path / "file").write_bytes(CONTENT)
    digest = hashlib.new(kind, CONTENT).hexdigest()
    assert has_hash(tmp_path / "file", kind, digest)
    assert has_hash(tmp_path / "file", kind, digest[:8])
    assert not has_hash(tmp_path / "file", kind, "0" + digest)


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ("/data/course", "/data/course"),
        ("~/here", "HOME/here"),
        ("", "HOME/.cache/convnet-workbook"),
    ],
)
def test_folder_is_the_one_of_the_variable_or_the_users(monkeypatch, tmp_path, given, folder):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", given)
    assert cache_folder() == Path(folder.replace("HOME", str(tmp_path)))
