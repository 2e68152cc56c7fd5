"""Pictures travel inside the notebook."""

import base64
import mimetypes
import re
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor

# ![alt](../../assets/...): the only kind of picture a source notebook has.
# The alt text may hold brackets, [1, 2], so it ends at the first "](".
PICTURE = re.compile(r"!\[(?P<alt>.*?)\]\((?P<path>[^)\s:]+)\)")


KINDS = mimetypes.MimeTypes()  # Python's own table; the host's may say otherwise


class MissingFigure(Exception):
    """A markdown cell shows a picture that isn't there, or says nothing about it."""


class InlineFigures(NbGraderPreprocessor):
    """Replaces relative picture paths by `data:` URIs.

    Colab shows neither attachments nor relative paths, but it does show `data:` URIs.
    """

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown":
            folder = Path(resources["metadata"]["path"])
            cell.source = PICTURE.sub(lambda match: _inline(match, folder, cell.id), cell.source)
        return cell, resources


def _inline(match, folder, cell_id):
    path, alt = folder / match["path"], match["alt"]
    if not path.is_file():
        raise MissingFigure(f"cell {cell_id!r} shows {match['path']}, which doesn't exist")
    if not alt.strip():
        raise MissingFigure(f"cell {cell_id!r}: {match['path']} has no alt text")
    kind, _ = KINDS.guess_type(path.name)
    data = base64.b64encode(path.read_bytes()).decode()
    return f"![{alt}](data:{kind};base64,{data})"
