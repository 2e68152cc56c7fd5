"""Draws the rooms of the code and their imports: `architecture.svg`, and the table of the page.

    .venv/bin/python docs/draw_architecture.py

The sources are read, never run. An arrow that follows from others (with A -> B and B -> C, A -> C)
stands in the table and is left out of the picture.
"""

from graphlib import TopologicalSorter
from math import hypot

from autograder.imports import PROJECT, imported

PICTURE, PAGE = (PROJECT / "docs" / f"architecture.{kind}" for kind in ("svg", "md"))
BEGIN, END = "<!-- begin: drawn -->\n", "<!-- end: drawn -->\n"
# A room: the modules in it (the longest name that a module's begins with decides), column and row
# of its place in the picture, what it is for.
ROOMS = {
    "the command": (["autograder"], 1, 0, "verbs, demo, nbgrader's configuration"),
    "classroom/": (["autograder.classroom"], 0, 1, "workers, the one writer"),
    "report/": (["autograder.report"], 1, 1, "tables, feedback pages"),
    "authoring/": (["autograder.authoring"], 2, 1, "begins units and questions"),
    "release/": (
        ["autograder.release", "autograder.student_version"], 0.5, 2, "source -> student version",
    ),
    "hidden/": (["autograder.hidden"], 0.27, 3, "hidden tests of each unit"),
    "the course": (
        [f"autograder.{name}" for name in ("course", "settings", "imports", "host_faults")],
        1.22, 3, "where things are, what may be set",
    ),
    "engine/": (["autograder.engine"], 3.2, 3, "grade, run: the stages in their order"),
    "mistakes/": (["autograder.mistakes"], 0, 4, "known mistakes of each unit"),
    "engine/walls/": (["autograder.engine.walls"], 3.1, 4, "sandboxes and kernels"),
    "engine/judging/": (["autograder.engine.judging"], 3.1, 5, "grade cells, on stand-ins"),
    "engine/reading/": (["autograder.engine.reading"], 2.6, 6, "a file -> the unit's cells"),
    "engine/inside/": (["autograder.engine.inside"], 3.6, 6.6, "the kernel's end of the line"),
    "the engine's facts": (
        [f"autograder.engine.{name}" for name in ("cells", "clock", "limits", "rules", "seeds")],
        2.2, 7, "cells, clock, limits, rules, seeds",
    ),
    "checks/": (["coursekit.checks"], 0, 8, "visible checks of each unit"),
    "checks/core.py": (
        [f"coursekit.checks.{name}" for name in ("core", "defaults", "limits", "results")],
        1, 9, "the comparisons behind every check",
    ),
    "widgets/": (["coursekit.widgets"], 2.6, 9, "things to play with, by unit"),
    "coursekit": (
        ["coursekit", "coursekit.widgets.live"], 1.8, 10, "pictures, data, nets, device",
    ),
}  # fmt: skip
ROOM_OF = {name: room for room, (names, *_) in ROOMS.items() for name in names}

PITCH_X, PITCH_Y, WIDTH, HEIGHT, MARGIN = 232, 84, 214, 48, 24
PANELS = {  # what is drawn around rooms: columns and rows from and to, colour
    "autograder: never reaches a student": (0, 0, 3.6, 7, "#f3f0ea"),
    "engine: knows no course": (2.2, 3, 3.6, 7, "#e3ebf3"),
    "coursekit: what students get": (0, 8, 3.6, 10, "#e6f0e6"),
}
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" \
font-family="sans-serif">
<rect width="100%" height="100%" fill="white"/>"""
PANEL = """\
<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="10" fill="{colour}"/>
<text x="{right:g}" y="{text:g}" font-size="13" fill="#556" text-anchor="end">{name}</text>"""
LINE = """<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" stroke="#445"/>"""
TIP = """<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}z" fill="#445"/>"""
LONG, WIDE = 10, 4  # of an arrow's tip
BOX = """\
<rect x="{x:g}" y="{y:g}" width="{width}" height="{height}" rx="6" fill="white" stroke="#445"/>
<text x="{middle:g}" y="{first:g}" font-size="14" font-weight="bold" {text}>{name}</text>
<text x="{middle:g}" y="{second:g}" font-size="11" {text}>{purpose}</text>"""
TEXT = 'text-anchor="middle" fill="#223"'


def modules(project=PROJECT):
    """{name: path} of all modules of both packages."""
    paths = sorted(
        path for top in ("autograder", "coursekit") for path in project.glob(f"{top}/**/*.py")
    )
    names = [".".join(path.relative_to(project).with_suffix("").parts) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def room_of(module):
    """The room that a module is in."""
    while module not in ROOM_OF:
        module = module.rpartition(".")[0]
    return ROOM_OF[module]


def arrows(project=PROJECT):
    """{room: the rooms that it imports from}."""
    known, found = modules(project), {room: set() for room in ROOMS}
    for module, path in known.items():
        names = imported(path.read_text(encoding="utf-8")) & known.keys()
        # `from package import module` is no import of what else the package holds.
        names -= {name.rpartition(".")[0] for name in names}
        found[room_of(module)] |= {room_of(name) for name in names} - {room_of(module)}
    return found


def without_detours(found):
    """The arrows that don't follow from others; raises `CycleError` where rooms form a circle."""
    below = {}
    for room in TopologicalSorter(found).static_order():
        below[room] = found[room].union(*(below[one] for one in found[room]))
    return {
        room: {to for to in targets if not any(to in below[other] for other in targets - {to})}
        for room, targets in found.items()
    }


def picture(found):
    """The text of the SVG file."""
    columns, rows = (max(place[axis] for place in ROOMS.values()) for axis in (1, 2))
    lines = [HEAD.format(width=_x(columns) + WIDTH + 2 * MARGIN, height=_y(rows) + HEIGHT + MARGIN)]
    lines += [_panel(name, *place) for name, place in PANELS.items()]
    for room, targets in without_detours(found).items():
        lines += [_arrow(room, to) for to in sorted(targets)]
    lines += [_box(room) for room in ROOMS]
    return "\n".join([*lines, "</svg>\n"])


def table(found):
    """The rows of the page: each room, its modules, what it imports from."""
    rows = ["| room | modules | imports from |", "|---|---|---|"]
    for room, (names, *_) in ROOMS.items():
        targets = ", ".join(to for to in ROOMS if to in found[room])
        rows.append(f"| {room} | {', '.join(f'`{name}`' for name in names)} | {targets} |")
    return "\n".join(rows) + "\n"


def page(text, found):
    """The text of the page with its table drawn anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table(found) + END + after


def _x(column):
    return 2 * MARGIN + column * PITCH_X


def _y(row):
    # The two sides of the wall have a gap between them.
    return 2 * MARGIN + row * PITCH_Y + (MARGIN if row > 7 else 0)


def _panel(name, column, row, to_column, to_row, colour):
    x, y = _x(column) - MARGIN / 2, _y(row) - MARGIN
    width, height = _x(to_column) + WIDTH + MARGIN / 2 - x, _y(to_row) + HEIGHT + MARGIN / 2 - y
    inner = {"right": x + width - 8, "text": y + 17, "name": name, "colour": colour}
    return PANEL.format(x=x, y=y, width=width, height=height, **inner)


def _arrow(room, to):
    (_, column, row, _), (_, to_column, to_row, _) = ROOMS[room], ROOMS[to]
    x, y, to_x, to_y = (
        _x(column) + WIDTH / 2,
        _y(row) + HEIGHT,
        _x(to_column) + WIDTH / 2,
        _y(to_row),
    )
    length = hypot(to_x - x, to_y - y)
    along_x, along_y = LONG * (to_x - x) / length, LONG * (to_y - y) / length
    aside_x, aside_y = along_y * WIDE / LONG, -along_x * WIDE / LONG
    back_x, back_y = to_x - along_x, to_y - along_y
    sides = (back_x + aside_x, back_y + aside_y, back_x - aside_x, back_y - aside_y)
    return LINE.format(x=x, y=y, to_x=to_x, to_y=to_y) + "\n" + TIP.format(to_x, to_y, *sides)


def _box(room):
    _, column, row, purpose = ROOMS[room]
    x, y = _x(column), _y(row)
    texts = {
        "name": room,
        "purpose": purpose.replace(">", "&gt;"),
        "middle": x + WIDTH / 2,
        "text": TEXT,
    }
    return BOX.format(x=x, y=y, width=WIDTH, height=HEIGHT, first=y + 20, second=y + 37, **texts)


def main():
    """Write the picture and the table."""
    found = arrows()
    PICTURE.write_text(picture(found), encoding="utf-8", newline="\n")
    PAGE.write_text(page(PAGE.read_text("utf-8"), found), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
