"""The class table: students down, questions across."""

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.engine.reading.inert import plain
from autograder.report.rows import questions

NARROWEST_NAME = 12  # columns of a screen; longer names are folded before a number is lost


def print_table(console, course, unit, rows):
    """Print one table, the questions behind its column numbers, and what to look at."""
    points = questions(course, unit)
    columns = _columns(points, rows)
    numbers = sum(3 + max(map(len, column)) for column in columns)
    # A pipe or a log has no width of its own: names stay whole there.
    name = NARROWEST_NAME if console.is_terminal else max(len(row.student) for row in rows)
    console.width = max(console.width, numbers + name + 3)
    console.print(_table(unit, columns, rows))
    legend = (f"{n}={name} ({value:g})" for n, (name, value) in enumerate(points.items(), 1))
    console.print("Questions (points): " + ", ".join(legend), style="dim", highlight=False)
    if any(score is None for row in rows for score in row.scores.values()):
        console.print("?: waits for a person; grade it in formgrader", style="dim")
    for row in rows:
        for note in [*row.notes, *(f"repaired: {repair}" for repair in row.repairs)]:
            # Names and notes may quote what was handed in: no markup in them counts.
            line = Text.assemble((plain(row.student), "bold"), f": {plain(note)}")
            console.print(line, soft_wrap=True)


def _columns(points, rows):
    """The numbers as texts, a list per question with its column number first, then the total."""
    columns = [[str(number)] for number in range(1, len(points) + 1)]
    for row in rows:
        for column, score in zip(columns, row.scores.values(), strict=True):
            column.append("?" if score is None else f"{score:g}")
    total = [f"of {sum(points.values()):g}", *(f"{row.total:g}" for row in rows)]
    return [*columns, total]


def _table(unit, columns, rows):
    table = Table(title=unit.assignment, box=SIMPLE_HEAD, header_style="bold")
    table.padding = (0, 1, 0, 0)
    table.add_column("student", overflow="fold", min_width=NARROWEST_NAME)
    for header, *_ in columns:
        table.add_column(header, justify="right", no_wrap=True)
    for number, row in enumerate(rows, 1):
        table.add_row(Text(plain(row.student)), *(column[number] for column in columns))
    return table
