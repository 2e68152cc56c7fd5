"""What stands for a notebook's page in tests of widgets, and how their pictures are read."""

import base64
import io

from PIL import Image

VIEW = "application/vnd.jupyter.widget-view+json"


class Notebook:
    """Stands for IPython in a notebook."""

    kernel = object()


def axes(figure, label):
    """The axes of a figure that have this label."""
    return next(panel for panel in figure.axes if panel.get_label() == label)


def still(bundle):
    """The bytes of the still picture in an output."""
    return base64.b64decode(bundle["image/png"])


def is_png(data):
    """Whether bytes are a picture in PNG."""
    return Image.open(io.BytesIO(data)).format == "PNG"
