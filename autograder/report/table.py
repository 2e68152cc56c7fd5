"""The class table: students down, questions across."""

from rich.table import Table

from autograder.engine.grade import questions


def print_table(console, course, unit, rows):
    """Print one table, the questions behind its column numbers, and what to look at."""
    points = questions(course, unit)
    # A pipe or a log has no width of its own; a folded table is no table.
    if not console.is_terminal:
        console.width = max(console.width, 40 + 5 * len(points))
    console.print(_table(unit, points, rows))
    legend = (f"{n}={name} ({value:g})" for n, (name, value) in enumerate(points.items(), 1))
    console.print("Questions (points): " + ", ".join(legend), style="dim")
    if any(score is None for row in rows for score in row.scores.values()):
        console.print("?: waits for a person; grade it with `make formgrader`", style="dim")
    for row in rows:
        for note in row.notes:
            console.print(f"[bold]{row.student}[/]: {note}", highlight=False, soft_wrap=True)


def _table(unit, points, rows):
    table = Table(title=unit.assignment, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("student", no_wrap=True)
    for number in range(1, len(points) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    table.add_column(f"of {sum(points.values()):g}", justify="right", style="bold", no_wrap=True)
    for row in rows:
        scores = ("?" if score is None else f"{score:g}" for score in row.scores.values())
        table.add_row(row.student, *scores, f"{row.total:g}")
    return table
