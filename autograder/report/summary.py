"""A class in numbers: a row per question, and what to look at."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text
from sqlalchemy import case, func

from autograder.engine.reading.files import shown
from autograder.engine.reading.inert import plain
from autograder.report.rows import questions

SHOWN = 20  # notes and kinds of repairs in a summary
LEFT = 10  # places that are named of what isn't graded
SLOW = 3  # questions named as the slowest


@dataclass
class Question:
    """How a class did on one question."""

    points: float
    submissions: int = 0
    waiting: int = 0  # for a person
    mean: float | None = None  # points of those that don't wait
    full: int = 0  # of those, with all points or more
    seconds: float = 0.0  # sum over the submissions whose time is known
    timed: int = 0
    longest: float = 0.0  # seconds

    @property
    def usual(self):
        """Mean time in seconds."""
        return self.seconds / self.timed if self.timed else 0.0


def question_numbers(course, unit, seconds):
    """{name: `Question`}, from all recorded grades of a unit.

    seconds: {question: how long it took}, of each submission whose times are known.
    """
    asked = {name: Question(points) for name, points in questions(course, unit).items()}
    with course.gradebook() as gradebook:
        for name, *numbers in _grades(gradebook, unit):
            one = asked[name]
            one.submissions, one.waiting, one.mean, one.full = numbers
    for one in seconds:
        for name in one.keys() & asked.keys():
            asked[name].seconds += one[name]
            asked[name].timed += 1
            asked[name].longest = max(asked[name].longest, one[name])
    return asked


def _grades(gradebook, unit):
    """Per question: its name, submissions, how many wait; of the rest mean and full scores."""
    waits = case((Grade.needs_manual_grade, 1), else_=0)
    full = case((~Grade.needs_manual_grade & (Grade.score >= Grade.max_score), 1), else_=0)
    judged = case((~Grade.needs_manual_grade, Grade.score))  # NULL for the others
    query = gradebook.db.query(
        BaseCell.name, func.count(), func.sum(waits), func.avg(judged), func.sum(full)
    )
    query = query.select_from(Grade).join(Grade.cell).join(Grade.notebook)
    query = query.join(SubmittedNotebook.assignment).join(SubmittedAssignment.assignment)
    return query.filter(Assignment.name == unit.assignment).group_by(BaseCell.name).all()


def print_questions(console, unit, asked):
    """Print the rows of `question_numbers`, and which questions take the time."""
    title = f"{unit.assignment}: the questions"
    table = Table(title=title, box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("question")
    for header in ("points", "mean", "full marks", "seconds", "longest"):
        table.add_column(header, justify="right", no_wrap=True)
    for name, one in asked.items():
        judged = one.submissions - one.waiting
        full = f"{one.full / judged:.0%}" if judged else "?"
        mean = "?" if one.mean is None else f"{one.mean:.1f}"
        table.add_row(name, f"{one.points:g}", mean, full, f"{one.usual:.2f}", f"{one.longest:.1f}")
    console.print(table)
    slowest = sorted(asked, key=lambda name: asked[name].usual, reverse=True)[:SLOW]
    shown = ", ".join(f"{name} ({asked[name].usual:.2f} s)" for name in slowest)
    console.print(f"slowest questions: {shown}", soft_wrap=True)
    waiting = sum(one.waiting for one in asked.values())
    if waiting:
        console.print(f"{waiting} answers wait for a person; grade them in formgrader")


def print_what_to_look_at(console, gradings):
    """Print the first notes of a class, and how often each kind of repair was made.

    gradings: {student: what `grading_of` tells}.
    """
    noted = [(student, one["notes"]) for student, one in gradings.items() if one["notes"]]
    for student, notes in islice(noted, SHOWN):
        for note in notes:
            line = Text.assemble((plain(student), "bold"), f": {plain(note)}")
            console.print(line, soft_wrap=True)
    if len(noted) > SHOWN:
        console.print(f"and {len(noted) - SHOWN} more with notes")
    repairs = Counter(repair for one in gradings.values() for repair in one["repairs"])
    for repair, times in repairs.most_common(SHOWN):
        console.print(Text(f"repaired in {times}: {repair}"), soft_wrap=True)


def print_what_is_left(console, folder, left):
    """Print the first of what lies beside the submissions; left: (place in `folder`, why)."""
    if left:
        console.print(f"not graded, in {folder}:")
    for place, why in left[:LEFT]:
        console.print(Text(f"  {shown(place)}: {why}"), soft_wrap=True)
    if len(left) > LEFT:
        console.print(f"  and {len(left) - LEFT} more")
