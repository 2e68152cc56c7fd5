"""Time as limits count it: what a sandbox used, not what a busy host let it wait.

A second of a sandbox passes when its processes have computed for one, on however many cores, or
when they all have slept through one. A process that could go on, but gets no core, uses nothing:
so a busy host costs nobody points. Behind each limit stands one of wall time, several times as
long, which ends what is counted wrongly or can't be counted.
"""

import math
import time
from collections.abc import Callable
from contextlib import contextmanager

from coursekit.checks.limits import WALL_TIMES, StillRunning, time_taken

LEAST_WAIT = 0.01  # seconds; a sandbox's time is known to a tenth of a second


class Clock:
    """The time that one sandbox has used, from looks at its processes one after the other.

    `used` are its seconds, `cpu` those that its processes computed, all added up.
    """

    def __init__(self):
        self.used = self.cpu = 0.0
        self.last = None  # the last look

    def look(self, now: float, cpu: float | None, asleep: bool) -> None:
        """Take in a look at wall time `now`.

        cpu: seconds that the processes have computed so far, None where nobody can tell. asleep:
        whether all of them wait for something else than a core.
        """
        before, self.last = self.last, (now, cpu, asleep)
        if before is None:
            return
        wall = now - before[0]
        known = cpu is not None and before[1] is not None
        computed = max(0.0, cpu - before[1]) if known else wall  # one may take its own with it
        self.cpu += computed
        self.used += wall if asleep and before[2] else min(computed, wall)


class Allowance:
    """How long something may take, in seconds of a sandbox and in seconds of wall time.

    A `part` of it is charged to it, too. Time counts while `running`: what the grader itself does
    meanwhile is nobody's.
    """

    def __init__(
        self,
        seconds: float,
        wall: float | None = None,
        outer: "Allowance | None" = None,
        now: Callable[[], float] = time.monotonic,
    ):
        """wall: by default `WALL_TIMES` as many. outer: what this one is a part of."""
        self.outer, self.now = outer, now
        self.seconds = max(0.0, min(seconds, outer.own_left() if outer else math.inf))
        self.wall = WALL_TIMES * self.seconds if wall is None else wall
        self.clock = self.since = None
        self.before = (0.0, 0.0, 0.0)  # of the waits that have ended

    def part(self, seconds: float, wall: float | None = None) -> "Allowance":
        """An allowance within this one."""
        return Allowance(seconds, wall, self, self.now)

    @contextmanager
    def running(self, clock: Clock):
        """Let the time of a sandbox with this `clock` count."""
        self._begin(clock)
        try:
            yield self
        finally:
            self._end()

    def _begin(self, clock):
        self.clock, self.since = clock, self._read(clock)
        if self.outer:
            self.outer._begin(clock)

    def _end(self):
        self.before, self.clock = self.taken(), None
        if self.outer:
            self.outer._end()

    def _read(self, clock):
        return clock.used, clock.cpu, self.now()

    def taken(self) -> tuple[float, float, float]:
        """(seconds of the sandbox, seconds computed, seconds of wall time) so far."""
        if self.clock is None:
            return self.before
        parts = zip(self.before, self._read(self.clock), self.since, strict=True)
        return tuple(before + now - since for before, now, since in parts)

    def own_left(self) -> float:
        """Seconds of the sandbox that are left, whatever the wall time."""
        left = self.seconds - self.taken()[0]
        return min(left, self.outer.own_left()) if self.outer else left

    def wall_left(self) -> float:
        """Seconds of wall time that are left."""
        left = self.wall - self.taken()[2]
        return min(left, self.outer.wall_left()) if self.outer else left

    def left(self) -> float:
        """Seconds for which it can't run out; none where it has."""
        return max(0.0, min(self.own_left(), self.wall_left()))

    def wait(self) -> float:
        """Seconds to wait before the next look; raises `StillRunning` when it has run out."""
        if self.clock is None:
            raise RuntimeError("an allowance that doesn't run never ends")
        left = self.left()
        if left <= 0:
            raise self.error()
        return max(left, LEAST_WAIT)

    def error(self) -> StillRunning:
        return StillRunning(*self._numbers())

    def in_words(self) -> str:
        """What was taken, for a sentence: "stopped after ..."."""
        return time_taken(*self._numbers())

    def _numbers(self):
        used, cpu, wall = self.taken()
        return self.seconds, min(cpu, used), wall


def allowance_of(seconds: "Allowance | float") -> Allowance:
    """An allowance of so many seconds, if it isn't one already."""
    return seconds if isinstance(seconds, Allowance) else Allowance(seconds)


class Until(Allowance):
    """The outermost allowance: it ends at a wall time that is set once and never moves."""

    def __init__(self, wall, now=time.monotonic):
        super().__init__(math.inf, wall, None, now)
        self.at = now() + wall

    def wall_left(self):
        return self.at - self.now()
