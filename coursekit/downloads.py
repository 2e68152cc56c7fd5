"""Files from the network that are fetched once: where they are kept, and how they come.

The folder is the one that the environment variable COURSE_DATA names, or one for each user.
A network that is blocked is given up within seconds, for there is always something to go on with.
"""

import hashlib
import http.client
import os
import queue
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

VARIABLE = "COURSE_DATA"
ANSWER_SECONDS = 3.0  # until an address answers; the look-up of its name included
SILENT_SECONDS = 8.0  # without a byte
SLOWEST = 1000  # bytes a second, over SILENT_SECONDS
ATTEMPTS = 5  # at one address, each going on where the last one stopped
CHUNK = 1 << 16


class Unavailable(Exception):
    """A file can't be had now; the text says why, in one line for a notebook."""


class _Broken(Exception):
    """The network failed; the text says how."""


def cache_folder():
    """Return the folder for data: COURSE_DATA, or ~/.cache/convnet-workbook; it may not exist."""
    given = os.environ.get(VARIABLE, "").strip()
    return Path(given or "~/.cache/convnet-workbook").expanduser()


def fetch(urls, path, is_right):
    """Bring a file from the first of several addresses that has it; a bar shows the progress.

    What came before a connection broke is kept beside it, as `<name>.part`, and the next
    attempt or call asks for the rest only. The file gets its name when it is whole and right.

    Args:
        urls: the addresses, tried in this order.
        path: where the file goes.
        is_right: takes the path of a file and returns whether its content is the right one.

    Raises:
        Unavailable: no address gave the right file, or it can't be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        reasons = []
        for url in urls:
            reasons.append(_fetch_from(url, part, is_right))
            if not reasons[-1]:
                part.replace(path)
                return
    except OSError as error:
        raise Unavailable(f"{path.parent} can't be written ({_line(error)})") from error
    raise Unavailable(reasons[0])  # the first address is the one that should have it


def has_hash(path, kind, start):
    """Return whether the hash of a file's content, "md5" or "sha256", begins with `start`."""
    digest = hashlib.new(kind, usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest().startswith(start)


def _fetch_from(url, part, is_right):
    """Bring the rest of a file from one address; "" when it is right, else what is wrong."""
    for _ in range(ATTEMPTS):
        before = _size(part)
        try:
            _append(url, part, before)
        except _Broken as broken:
            reason = f"{urlsplit(url).hostname} {broken}"
            if _size(part) <= before:  # nothing came: asking again won't help
                break
            continue
        if is_right(part):
            return ""
        part.unlink()
        reason = f"{urlsplit(url).hostname} sent a damaged file"
        if before == 0:  # otherwise the part from before may have been the damaged one
            break
    return reason


def _size(path):
    return path.stat().st_size if path.exists() else 0


def _append(url, part, start):
    """Write what comes from an address behind the first `start` bytes of a file."""
    from tqdm.auto import tqdm

    with closing(_answer(url, start)) as answer:
        if answer.status == 416:  # no byte is left to come
            return
        start = start if answer.status == 206 else 0  # 200: all of it comes, from the start
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length else None
        look = {"desc": part.name.removesuffix(".part"), "unit": "B", "unit_scale": True}
        mode = "ab" if start else "wb"
        with open(part, mode) as file, tqdm(total=total, initial=start, **look) as bar:
            for chunk in _chunks(answer):
                file.write(chunk)
                bar.update(len(chunk))
            if total is not None and file.tell() < total:
                raise _Broken("ended the connection early")


def _answer(url, start):
    """The answer of an address to the request for its file from byte `start` on.

    A thread waits for it, because no time-out covers the look-up of a name.
    """
    headers = {"User-Agent": "convnet-workbook"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)
    answers = queue.Queue()

    def ask():
        try:
            answers.put(urllib.request.urlopen(request, timeout=SILENT_SECONDS))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        raise _Broken("doesn't answer") from None
    if isinstance(answer, urllib.error.HTTPError) and answer.code == 416:
        return answer
    if isinstance(answer, Exception):
        reason = getattr(answer, "reason", answer)
        raise _Broken(f"can't be reached ({_line(reason)})") from answer
    return answer


def _chunks(answer):
    """The bytes of an answer as they come; `_Broken` when they stop or drip."""
    since, came = time.monotonic(), 0
    try:
        while chunk := answer.read1(CHUNK):
            yield chunk
            came += len(chunk)
            if time.monotonic() - since > SILENT_SECONDS:
                if came < SLOWEST * SILENT_SECONDS:
                    raise _Broken("is too slow")
                since, came = time.monotonic(), 0
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"broke off ({_line(error)})") from error


def _line(error):
    """What an error says, in one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
