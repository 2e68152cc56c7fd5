"""Shows small files of pictures that a browser needs gigabytes for; all answers are right."""

PLAIN = "what it deserves"

BASE = "full"
FIRST_CELL = r"""
import struct, zlib
from IPython.display import Image, display
def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(width, height, *more):
    squeeze = zlib.compressobj(9)
    lines = b"".join(squeeze.compress(bytes(width + 1)) for _ in range(height)) + squeeze.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    parts = [header, *more, chunk(b"IDAT", lines), chunk(b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
def show(data, form="png"):
    display(Image(data=data, format=form, width=10, height=10))
show(png(20_000, 20_000))
show(png(2_000_000, 20))
for _ in range(5):
    show(png(4_000, 4_000))  # each may be shown, all of them may not
frame = b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", 40_000, 40_000) + b"\1\1\x11\0"
show(b"\xff\xd8\xff\xe0\0\2" + frame + b"\xff\xda\0\x08\1\1\0\0?\0\0\xff\xd9", "jpeg")
"""
