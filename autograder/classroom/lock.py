"""One run of a kind at a time in a course: of grading, of writing feedback pages."""

import os
import socket
from contextlib import contextmanager

from filelock import FileLock, Timeout

from autograder.course import CourseError

GRADING, FEEDBACK = "grading", "feedback"  # name the files of their locks
DOES = {GRADING: "is grading", FEEDBACK: "writes feedback pages"}


@contextmanager
def only_run(course, kind=GRADING):
    """Inside the block no other process does the same in this course; raises `CourseError` if so.

    The lock is the operating system's and ends with the process, whatever ends it. Where a file
    system has none, filelock would take the mere existence of a file for one; that would outlive
    a kill -9, and the gradebook, SQLite's, needs real locks as well. So there is no run there.
    """
    course.work.mkdir(parents=True, exist_ok=True)
    # A file of its own: on Windows nobody else can read a locked one.
    holder = course.work / f"{kind}.holder"
    lock = FileLock(course.work / f"{kind}.lock", blocking=False, preserve_lock_file=True)
    try:
        lock.acquire()
    except Timeout:
        raise CourseError(
            f"another run {DOES[kind]} in this course: process {_text(holder)}\n"
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
