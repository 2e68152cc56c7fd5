"""One grading run at a time in a course."""

import fcntl
import os
import socket
from contextlib import contextmanager

from autograder.course import CourseError


@contextmanager
def only_run(course):
    """Inside the block no other process grades in this course; raises `CourseError` if one does.

    The lock ends with the process, whatever ends it.
    """
    path = course.work / "grading.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CourseError(
                f"another run is grading in this course: process {file.read().strip()}\n"
                "  wait until it is done, or stop it with Ctrl-C; what it has done stays"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
