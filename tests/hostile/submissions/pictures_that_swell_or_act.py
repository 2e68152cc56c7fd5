"""Hides gigabytes in a picture's texts and profile, and scripts in SVG of every kind; all right."""

import base64

from nbformat.v4 import new_markdown_cell

PLAIN = "what it deserves"

BASE = "full"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'><script>hostile()</script></svg>"
DATA = base64.b64encode(SVG.encode()).decode()
FIRST_CELL = f"""
import struct, zlib
from IPython.display import HTML, SVG, Image, Markdown, display
def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
zeros = zlib.compress(bytes(10**8))
header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
bombs = [chunk(b"zTXt", b"hostile\\0\\0" + zeros), chunk(b"iCCP", b"hostile\\0\\0" + zeros)]
bombs += [chunk(b"iTXt", b"hostile\\0\\1\\0\\0\\0" + zeros)]
parts = [header, *bombs, chunk(b"IDAT", zlib.compress(bytes(72))), chunk(b"IEND")]
display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + b"".join(parts)))
svg = {SVG!r}
display(SVG(svg), HTML(svg), HTML("<img src='data:image/svg+xml;base64,{DATA}'>"))
display(Markdown("![hostile](data:image/svg+xml;base64,{DATA})"))
display({{"image/svg+xml": svg, "image/png": {DATA!r}}}, raw=True)
"""


def change(nb):
    text = f"![hostile](attachment:x.svg) ![hostile](data:image/svg+xml;base64,{DATA})\n\n{SVG}\n"
    text += f"<img src='data:image/svg+xml;base64,{DATA}'>"
    kept = {"x.svg": {"image/svg+xml": SVG}, "x.png": {"image/png": DATA}}
    nb.cells.append(new_markdown_cell(text, attachments=kept))
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell["attachments"] = kept
    return nb
