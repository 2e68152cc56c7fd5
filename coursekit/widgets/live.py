"""What the widgets of all units share: one output that is live, and the axes of their pictures.

Where widgets can't run (a web page, a viewer without Python) the still picture shows instead.
"""

from contextlib import contextmanager

from IPython import get_ipython
from IPython.display import display

from coursekit import drawing

WIDE = {"description_width": "initial"}  # style: room for the whole name of a control
WRAP = {"flex_flow": "row wrap"}  # layout: what has no room goes to the next line


def show(build, figure, words):
    """Display one output that holds the live widget, where it can run, and a still picture.

    Args:
        build: makes the live widget; called only where widgets can run.
        figure: a Matplotlib Figure that shows the widget's first state; None for words alone.
        words: the same in one line, for the alt text and for plain Python.
    """
    shell = get_ipython()
    if shell is None:  # plain Python: nothing can show a picture
        print(words)
        return
    bundle, about = {"text/plain": words}, {}
    if figure is not None:
        bundle["image/png"], about["image/png"] = drawing.embedded(figure, words)
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


@contextmanager
def unwatched(control, callback):
    """Change a control without a call of what observes its value."""
    control.unobserve(callback, "value")
    yield
    control.observe(callback, "value")


def add_axes(figure, corner, size, **look):
    """Return new axes, their `corner` (from the left, from the top) and `size` in inches."""
    (width, height), (left, top), (wide, tall) = figure.get_size_inches(), corner, size
    place = (left / width, 1 - (top + tall) / height, wide / width, tall / height)
    return figure.add_axes(place, **look)


def set_title(panel, text):
    """Write the title of one panel in a picture that is redrawn often."""
    # A title with a height of its own saves the search for room above the axes.
    drawing.set_title(panel, text, y=1.01)
