"""What the widgets of all units share: grids of numbers, frames, and one output that is live.

Where widgets can't run (a web page, a viewer without Python) the still picture shows instead.
"""

import base64
import io

import numpy as np
from IPython import get_ipython
from IPython.display import display

from coursekit import drawing, style


def show(build, figure, words):
    """Display one output that holds the live widget, where it can run, and a still picture.

    Args:
        build: makes the live widget; called only where widgets can run.
        figure: a Matplotlib Figure that shows the widget's first state; None where words do.
        words: the same in one line, for the alt text and for plain Python.
    """
    shell = get_ipython()
    if shell is None:  # plain Python: nothing can show a picture
        print(words)
        return
    bundle, about = {"text/plain": words}, {}
    if figure is not None:
        bundle["image/png"] = base64.b64encode(png(figure)).decode()
        about = {"image/png": {"width": int(100 * figure.get_figwidth()), "alt": words}}
    if hasattr(shell, "kernel"):
        try:
            model = build().model_id
            # Written out because ipywidgets 7 has no method that returns it.
            view = {"version_major": 2, "version_minor": 0, "model_id": model}
            bundle["application/vnd.jupyter.widget-view+json"] = view
        except ImportError:  # no ipywidgets: the picture alone
            pass
    display(bundle, raw=True, metadata=about)


def live_picture(width):
    """An ipywidgets image for PNG bytes, at most `width` pixels wide, narrower on a narrow page."""
    import ipywidgets

    # PNG bytes redraw without flicker and leave no figure behind.
    layout = {"flex": "1 1 0%", "min_width": "320px", "max_width": f"{width}px"}
    return ipywidgets.Image(format="png", layout={**layout, "align_self": "flex-start"})


def png(figure):
    """The bytes of a figure as PNG."""
    file = io.BytesIO()
    fast = {"compress_level": 1}  # half the time, an eighth more bytes
    figure.savefig(file, format="png", dpi=120, facecolor=style.PAPER, pil_kwargs=fast)
    return file.getvalue()


def grid(figure, label, array, corner, cell, mask=False, scale=None):
    """Draw square cells of `cell` inches; `corner` is their left and top edge on the figure."""
    width, height = figure.get_size_inches()
    rows, columns = array.shape
    bottom = height - corner[1] - rows * cell
    place = (corner[0] / width, bottom / height, columns * cell / width, rows * cell / height)
    panel = figure.add_axes(place, label=label)
    fixed = (True, (-scale, scale)) if scale else (None, None)
    _, cmap, limits = drawing.prepare(array, label, *fixed)
    shown = np.ma.array(array, mask=mask)
    drawing.draw(panel, shown, cmap, limits, f"{label} ({rows} × {columns})", True, bar=False)
    if scale:
        panel.set(xticks=[], yticks=[], xlabel="", ylabel="")
        panel.set_title(label, fontsize=10, color=style.INK)
    else:
        panel.set(xlabel="column", ylabel="row")
    return panel


def frame(panel, corner, shape, color, **look):
    """Frame `shape` pixels from the pixel `corner` on, both (rows, columns)."""
    from matplotlib.patches import Rectangle

    row, column = corner[0] - 0.5, corner[1] - 0.5
    look = {"linewidth": 3, "zorder": 1.5 if "hatch" in look else 3, **look}
    box = Rectangle((column, row), shape[1], shape[0], fill=False, edgecolor=color, **look)
    box.set_clip_on("hatch" in look)  # a thick outline at the rim shows whole
    panel.add_patch(box)


def one_channel(array, name):
    """Return an image of one channel as H x W; or a ValueError that names it."""
    array = drawing.as_image(array, name)
    if array.ndim == 3:
        raise ValueError(f"{name}: expected one channel, got shape {array.shape}")
    return array
