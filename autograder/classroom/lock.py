"""One grading run at a time in a course."""

import os
import socket
from contextlib import contextmanager

from filelock import FileLock, Timeout

from autograder.course import CourseError

LOCK = "grading.lock"
HOLDER = "grading.holder"  # a file of its own: on Windows nobody else can read a locked one


@contextmanager
def only_run(course):
    """Inside the block no other process grades in this course; raises `CourseError` if one does.

    The lock is the operating system's and ends with the process, whatever ends it. Where a file
    system has none, filelock would take the mere existence of a file for one; that would outlive
    a kill -9, and the gradebook, SQLite's, needs real locks as well. So there is no run there.
    """
    course.work.mkdir(parents=True, exist_ok=True)
    holder = course.work / HOLDER
    lock = FileLock(course.work / LOCK, blocking=False, preserve_lock_file=True)
    try:
        lock.acquire()
    except Timeout:
        raise CourseError(
            f"another run is grading in this course: process {_text(holder)}\n"
            "  wait until it is done, or stop it with Ctrl-C; what it has done stays"
        ) from None
    except OSError as error:
        raise CourseError(
            f"{course.work} can't be locked: {error}\n"
            "  keep the course where you may write and where files can be locked"
        ) from None
    try:
        holder.write_text(f"{os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")
        yield
    finally:
        lock.release()


def _text(path):
    """The text of a file that is about to be written, perhaps."""
    return path.read_text(encoding="utf-8").strip() if path.exists() else "unknown"
