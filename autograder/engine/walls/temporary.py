"""This process's temporary folder, which goes with it, however it ends.

It holds a file whose lock the process keeps (flock(2)): Linux opens a lock when its process is
gone. So the next one knows which folders are nobody's any more, and removes them.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none: there each folder lies for itself
    fcntl = None

PREFIX, LOCK = "autograder-", "lock"
_own = {}  # process id -> its folder and the open lock


def new_folder(kind: str) -> str:
    """A new folder for this process's user alone, within this process's own."""
    return tempfile.mkdtemp(prefix=f"{kind}-", dir=_folder() if fcntl else None)


def remove_folder(path: str) -> None:
    """Remove a folder, whatever rights and links a student's code left in it.

    Links aren't followed. What can't be removed even so stays: it must not stop anybody.
    """
    _remove(path)
    folder, lock = _own.get(os.getpid(), (None, None))
    if folder and os.listdir(folder) == [LOCK]:  # it was the last one
        del _own[os.getpid()]
        _remove(folder)
        os.close(lock)


def sweep() -> None:
    """Remove what killed processes of this user have left in the system's temporary folder."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
                with _locked(path / LOCK):
                    _remove(path)


def _folder():
    """Made when it is first needed; a forked process makes its own."""
    if os.getpid() not in _own:
        sweep()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        folder.chmod(0o711)  # a kernel is another user and reaches its own folder by name
        # It gets its name when it is locked: no sweep finds it open.
        lock = _lock(folder / "new", os.O_CREAT)
        (folder / "new").rename(folder / LOCK)
        _own[os.getpid()] = folder, lock
    return _own[os.getpid()][0]


@contextlib.contextmanager
def _locked(path):
    """The lock of a folder; raises `OSError` where somebody else has it, or there is none."""
    number = _lock(path)
    try:
        yield
    finally:
        os.close(number)


def _lock(path, flags=0):
    number = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(number)
        raise
    return number


def _remove(path):
    shutil.rmtree(path, onerror=_open_and_again)


def _open_and_again(function, path, _):
    """A folder that its owner has closed to himself is opened."""
    closed = path if function in (os.scandir, os.open) else os.path.dirname(path)
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(os.lstat(closed).st_mode):
            os.chmod(closed, 0o700)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                shutil.rmtree(path)
            else:
                os.unlink(path)
