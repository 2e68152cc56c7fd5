"""What an instructor sees while a class is graded: a live bar, or a line now and then."""

import time

from rich.progress import BarColumn, Progress, TextColumn

LINE_SECONDS = 10  # between two lines where there is no terminal


class Tally:
    """Counts the outcomes of one unit's run and says so; a context manager.

    On a terminal as one live bar, elsewhere as plain lines, quietly not at all.
    """

    def __init__(self, console, title, total, quiet=False):
        self.console, self.title, self.total, self.quiet = console, title, total, quiet
        self.graded = self.unchanged = self.noted = 0
        self.problems = []  # what could not be recorded, in words
        self.start = self.line_at = time.monotonic()
        state = TextColumn("{task.fields[state]}")
        columns = (TextColumn("{task.description}"), BarColumn(), state)
        hidden = quiet or not console.is_terminal
        self.bar = Progress(*columns, console=console, transient=True, disable=hidden)
        self.task = self.bar.add_task(title, total=total, state="starting")

    def __enter__(self):
        self.bar.start()
        return self

    def __exit__(self, *_):
        self.bar.stop()
        if not self.quiet:
            self._print("done" if self.done == self.total else "stopped")

    def add(self, outcome):
        """Count one outcome, and show it."""
        self.noted += outcome.to_look_at
        if outcome.problem:
            self.problems.append(f"{outcome.student}: {outcome.problem}")
        self.unchanged += outcome.unchanged
        self.graded += not outcome.unchanged
        self.bar.update(self.task, completed=self.done, state=self.text())
        lines = not (self.quiet or self.console.is_terminal)
        if lines and time.monotonic() > self.line_at + LINE_SECONDS:
            self._print()

    @property
    def done(self):
        """How many need no more grading."""
        return self.graded + self.unchanged

    def text(self):
        """Done of all, how fast, how long still, and what went wrong, as one line."""
        seconds = time.monotonic() - self.start
        parts = [f"{self.done}/{self.total}"]
        if self.graded:
            parts.append(f"{self.graded / seconds:.2g}/s")
            left = (self.total - self.done) * seconds / self.graded
            parts += [f"{_clock(left)} left" if left else f"in {_clock(seconds)}"]
        if self.unchanged:
            parts.append(f"{self.unchanged} unchanged")
        parts.append(f"{self.noted} to look at")
        return ", ".join(parts)

    def _print(self, state="so far"):
        self.console.print(f"{self.title} {state}: {self.text()}", soft_wrap=True)
        self.line_at = time.monotonic()


def _clock(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
