"""Results that come in files, so that a worker which ends while it sends one holds up nobody.

A pipe takes 64 KiB at once. Where a worker is killed while the rest of a longer result waits, the
executor's thread in this process would wait for that rest for ever, and so would the end of the
process: it holds the pipe's other end itself and sees no end of file. The few bytes that say
where a file is are written in one step or not at all.
"""

import os
import pickle
import tempfile
from concurrent.futures import CancelledError, Future


def pack(folder, function, *arguments):
    """In a worker: what a function returns as (the path of its file, None), or (None, itself)."""
    value = function(*arguments)
    try:
        number, path = tempfile.mkstemp(dir=folder)
        with open(number, "wb") as file:
            pickle.dump(value, file)
    except OSError:  # no room there
        return None, value
    return path, None


def unpacked(future: Future) -> Future:
    """A `Future` of what is in the parcel that comes from a worker."""
    made = Future()
    made.set_running_or_notify_cancel()
    future.add_done_callback(lambda done: _unpack(done, made))
    return made


def _unpack(done, made):
    try:
        path, value = done.result()
        made.set_result(_content(path) if path else value)
    except (Exception, CancelledError) as error:
        made.set_exception(error)


def _content(path):
    with open(path, "rb") as file:
        value = pickle.load(file)
    os.unlink(path)
    return value
