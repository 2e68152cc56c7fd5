"""Faults of the host, in words: a disk, a file's rights, the files of the gradebook."""

import errno
import sqlite3
import sys
from collections.abc import Iterator

DISK_FULL = "database or disk is full"  # says SQLite
MAKE_ROOM = "the disk is full: make room"
OF_FILES = {  # number of an `OSError`: what helps
    errno.ENOSPC: MAKE_ROOM,
    errno.EDQUOT: "your quota is used up: make room",
    errno.EROFS: "the disk can only be read: is it the right folder",
    errno.EACCES: "you may not write there: change its rights",
}
OF_BASES = (
    "where another program holds it (formgrader, a second run), let that finish; where it is "
    "damaged, put a copy of it back"
)
OF_DISKS = {  # what SQLite says: what helps
    DISK_FULL: MAKE_ROOM,
    "disk I/O error": "the disk is full or faulty: make room, or look after it",
    "readonly database": OF_FILES[errno.EROFS],
}
NOTHING_LOST = "what was recorded before stays, and the same command goes on"


def told(error: Exception, course=None) -> str | None:
    """What is wrong, where, and what to do; None where an exception is no fault of the host.

    course: names the file, or at least the folder, where the exception doesn't.
    """
    for one in _causes(error):
        if isinstance(one, OSError) and one.errno in OF_FILES:
            where = one.filename or (course.work if course else "")
            return _sentence(f"{where}: {one.strerror}".lstrip(": "), OF_FILES[one.errno])
        if isinstance(one, sqlite3.Error):
            where = f"{course.work}: " if course else ""
            return _sentence(f"{where}its database can't be used: {one}", _remedy(one))
        if _is_of_the_gradebook(one):
            where = course.coursedir.db_url if course else "it"
            what = f"the gradebook can't be used: {one.orig}"
            return _sentence(what, f"{where}: {_remedy(one.orig)}")
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that it was raised for: nbgrader wraps what SQLAlchemy says."""
    seen = []
    while error is not None and error not in seen:
        yield error
        seen.append(error)
        error = error.__cause__ or error.__context__


def _is_of_the_gradebook(error):
    if "sqlalchemy" not in sys.modules:  # which takes long to import
        return False
    from sqlalchemy.exc import DatabaseError, IntegrityError

    return isinstance(error, DatabaseError) and not isinstance(error, IntegrityError)


def _remedy(error):
    found = [remedy for text, remedy in OF_DISKS.items() if text in str(error)]
    return found[0] if found else OF_BASES


def _sentence(what, remedy):
    return f"{what}\n  {remedy}; {NOTHING_LOST}"
