"""One call makes one plot: curves, points with names, bars. Axes always say what they measure."""

import numpy as np

from coursekit import style
from coursekit.drawing import (
    WAITING,
    legend_beside,
    list_awaited,
    numbers,
    open_axes,
    shown_figure,
    whole_numbers,
)

SIZE = (7.0, 3.2)  # inches


def show_curves(curves, xlabel, ylabel, x=None, log="", title=""):
    """Show curves, each a list of values over one axis.

    Args:
        curves: {"label": y}, or {"label": (x, y)} for curves with their own x; None in a curve's
            place: it is listed as waiting for your code.
        xlabel, ylabel: what the axes measure, with the unit.
        x: the x of all curves without their own; None counts from 0.
        log: the axes that are logarithmic: "", "x", "y" or "xy".
        title: text above the plot.

    Raises:
        ValueError: a curve that is not one-dimensional, or with fewer or more places than values.
    """
    with shown_figure([None], size=SIZE, title=title) as (panel,):
        for place, (label, curve) in enumerate(curves.items()):
            if curve is None:
                list_awaited(panel, label)
                continue
            places, values = _curve(label, curve, x)
            look = {"color": style.CYCLE[place % 5], "linestyle": ("-", "--", ":")[place // 5 % 3]}
            mark = style.MARKS[place % 5] if values.size <= 25 else None
            panel.plot(places, values, marker=mark, ms=4, label=label, **look)
        _finish(panel, xlabel, ylabel, log)
        if x is None and not any(isinstance(curve, tuple) for curve in curves.values()):
            panel.xaxis.set_major_locator(whole_numbers())
        if "y" not in log:
            panel.axhline(0, color=style.GRID, linewidth=0.8, zorder=0)
        if curves:
            legend_beside(panel)


def show_points(points, xlabel, ylabel, log="", title=""):
    """Show points with their names beside them.

    Args:
        points: {"name": (x, y)}, or {"name": (x, y, amount)} where the disc's area is the amount.
        xlabel, ylabel: what the axes measure, with the unit.
        log: the axes that are logarithmic: "", "x", "y" or "xy".
        title: text above the plot.
    """
    table = np.array([[*point, 1.0][:3] for point in points.values()], dtype=float)
    with shown_figure([None], size=(7.0, 4.0), title=title) as (panel,):
        area = 30 + 600 * table[:, 2] / table[:, 2].max() if len(set(table[:, 2])) > 1 else 45
        panel.scatter(*table[:, :2].T, s=area, color=style.KERNEL, alpha=0.6, linewidth=0)
        for (x, y, _), name in zip(table, points, strict=True):
            look = {"xytext": (6, 5), "textcoords": "offset points", "fontsize": 8.5}
            panel.annotate(name, (x, y), color=style.INK, **look)
        panel.margins(0.12)
        _finish(panel, xlabel, ylabel, log)


def show_bars(bars, ylabel, log=False, title=""):
    """Show amounts as bars, with the number above each.

    Args:
        bars: {"name": amount}; None in an amount's place: it is waiting for your code.
        ylabel: what the bars measure, with the unit.
        log: a logarithmic axis.
        title: text above the plot.
    """
    with shown_figure([None], size=SIZE, title=title) as (panel,):
        for place, (name, amount) in enumerate(bars.items()):
            height = 0 if amount is None else amount
            drawn = panel.bar([name], [height], color=style.CYCLE[place % 5], width=0.6)
            label = WAITING if amount is None else _amount(amount)
            panel.bar_label(drawn, [label], fontsize=9, padding=2, color=style.INK)
        panel.margins(y=0.12)
        _finish(panel, "", ylabel, "y" if log else "")


def _amount(amount):
    whole = float(amount).is_integer()
    return f"{int(amount):,}" if whole else f"{amount:.3g}"


def _curve(label, curve, x):
    given, values = curve if isinstance(curve, tuple) else (x, curve)
    values = numbers(values, label)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"{label}: expected a list of numbers, got shape {values.shape}")
    places = np.arange(values.size) if given is None else numbers(given, f"x of {label}")
    if places.shape != values.shape:
        raise ValueError(f"{label}: {values.size} values at {places.size} places")
    return places, values


def _finish(panel, xlabel, ylabel, log):
    panel.set(xlabel=xlabel, ylabel=ylabel)
    if "x" in log:
        panel.set_xscale("log")
    if "y" in log:
        panel.set_yscale("log")
    open_axes(panel)
