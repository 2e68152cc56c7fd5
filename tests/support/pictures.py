"""Pictures as bytes, of any size in their headers and without what would fill it."""

import base64
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data=b""):
    """One chunk of a PNG."""
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width=8, height=8, more=b"", filling=None):
    """A PNG of zeros; `more`: chunks after its header, `filling`: in place of its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 1) * height)) if filling is None else filling
    parts = chunk(b"IHDR", header), more, chunk(b"IDAT", pixels), chunk(b"IEND")
    return SIGNATURE + b"".join(parts)


def jpeg(width=8, height=8, scans=1):
    """What a JPEG begins with, and so many scans of nothing."""
    frame = struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)
    start = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return start + b"\xff\xda\0\x08\1\1\0\0?\0\0" * scans + b"\xff\xd9"


def text(data):
    """Bytes as outputs hold them."""
    return base64.b64encode(data).decode()
