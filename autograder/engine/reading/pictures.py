"""A picture as a page may show it: its size is read from its header, nothing is decoded.

A hundred kilobytes can hold a picture for which a browser needs gigabytes.
"""

import re
import struct

MOST_PIXELS = 16 * 2**20  # 64 MiB in a browser
LONGEST_SIDE = 16_384
MOST_SCANS = 100  # of a JPEG; each costs a look at all pixels, a progressive one has about ten
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# What shows a PNG. The rest goes: texts and colour profiles may be compressed, and swell when they
# are read; further frames of an animation have sizes of their own.
SHOWN_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT"),
    *(b"bKGD", b"hIST", b"pHYs", b"tEXt", b"tIME"),
}
SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a JPEG's frame header
SCAN = 0xDA
# A picture that stands within a text itself; many are longer than any text of a person's.
WITHIN = re.compile(r"data:image/[a-z.+-]{1,20};base64,[A-Za-z0-9+/=]*")
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}


class Refused(ValueError):
    """A picture that is not shown; the message says why."""


def text_length(text: str) -> int:
    """Characters of a text without those of the pictures within it."""
    return len(text) - sum(len(one[0]) for one in WITHIN.finditer(text))


def cut(text: str, most: int) -> str:
    """The beginning of a text: `most` characters, and the pictures within these."""
    if len(text) <= most:
        return text
    end, left = 0, most
    for one in WITHIN.finditer(text):
        if one.start() - end >= left:
            break
        left -= one.start() - end
        end = one.end()
    return text[: end + left]


def showable(form: str, data: bytes) -> tuple[bytes, int]:
    """(what of a picture's bytes is shown, its pixels); raises `Refused`."""
    try:
        data, (width, height) = READERS[form](data)
    except (struct.error, IndexError):
        raise Refused("a picture that is not whole was left out") from None
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE) or (
        width * height > MOST_PIXELS
    ):
        raise Refused(f"a picture of {width} x {height} pixels was left out")
    return data, width * height


def _png(data):
    """(the chunks that show it, its size)."""
    kept, size, place, kind = [PNG], None, len(PNG), None
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data) or (size is None) != (kind == b"IHDR"):
            raise struct.error
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data, place + 8)
        if kind in SHOWN_CHUNKS:
            kept.append(data[place:end])
        place = end
    return b"".join(kept), size


def _jpeg(data):
    """(it, its size): markers are followed up to the first scan."""
    place, size, kind = 2, None, None
    while kind != SCAN:
        if data[place] != 0xFF:
            raise struct.error
        kind = data[place + 1]
        if kind == 0xFF:  # a marker may be filled up
            place += 1
        elif kind in WITHOUT_LENGTH:
            place += 2
        else:
            if kind in SIZES:
                if size:
                    raise struct.error
                size = struct.unpack_from(">HH", data, place + 5)[::-1]
            place += 2 + struct.unpack_from(">H", data, place + 2)[0]
    if size is None:
        raise struct.error
    if data.count(bytes([0xFF, SCAN])) > MOST_SCANS:
        raise Refused("a picture of too many scans was left out")
    return data, size


READERS = {"image/png": _png, "image/jpeg": _jpeg}
