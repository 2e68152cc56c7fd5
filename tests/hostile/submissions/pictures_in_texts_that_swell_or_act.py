"""Puts pictures that act, swell or fill the page into texts and attachments; all are right."""

import base64
import struct
import zlib

from nbformat.v4 import new_markdown_cell

PLAIN = "not measured"

BASE = "full"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'><script>hostile()</script></svg>"


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, more=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", zlib.compress(bytes(72)))
    return base64.b64encode(data + chunk(b"IEND")).decode()


BOMB = chunk(b"zTXt", b"hostile\0\0" + zlib.compress(bytes(10**8)))
BILLION, MANY = png(60_000, 60_000), png(3000, 3000)
SWELLS = png(8, 8, BOMB + chunk(b"iCCP", b"hostile\0\0" + zlib.compress(bytes(10**8))))
TEXT = "\n\n".join(
    [
        f"![hostile](data:image/png;base64,{BILLION})",
        f"![hostile](data:image/png;base64,{SWELLS})",
        f"![hostile](data:image/png;base64,{base64.b64encode(SVG.encode()).decode()})",
        f'![a](data:image/png;base64,{MANY}" onerror="hostile())',
        f'![a"onerror="hostile()](data:image/png;base64,{MANY} \'x" onerror="hostile()\')',
        f"<img onerror='hostile()' src='data:image/png;base64,{MANY}' onload='hostile()'>",
        "<img src='javascript:hostile()'> ![x](javascript:hostile()) ![x](file:///hostile)",
        "![hostile](attachment:x.svg) ![hostile](attachment:../../hostile)",
        "![hostile](https://example.org/hostile.png) <img src=//example.org/hostile.png>",
        "![x](attachment:many)\n" * 300,
    ]
)
ATTACHED = {"x.svg": {"image/svg+xml": SVG, "image/png": SVG}, "many": {"image/png": MANY}}


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source += TEXT
            cell["attachments"] = ATTACHED
    for _ in range(20):
        nb.cells.insert(5, new_markdown_cell(TEXT, attachments=ATTACHED))
    return nb
