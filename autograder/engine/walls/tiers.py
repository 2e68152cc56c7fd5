"""The tiers of walls, strongest first, each behind the same few methods."""

from functools import lru_cache
from typing import Protocol

from autograder.engine.walls import bare, bubblewrap, hosts
from autograder.engine.walls.sandbox import AUTO, BUBBLEWRAP, FENCE, NONE, SandboxError, Settings
from autograder.engine.walls.started import Started, StartedWarm, launch, new_line
from autograder.engine.walls.warm import warm_process


class Backend(Protocol):
    """Walls of one kind."""

    name: str  # as in `Settings.walls`
    title: str  # what they are, for a person
    forks: bool  # whether kernels are forked from a template (`warm.py`)

    def ensure(self) -> None:
        """Raise `SandboxError` unless kernels can be started behind them on this host."""

    def start(self, settings: Settings) -> Started:
        """Start a kernel; returns its `Started`."""

    def lacks(self) -> tuple[str, ...]:
        """What these walls don't hold, in words."""


class Bubblewrap:
    """Namespaces of its own for each kernel."""

    name, title, forks = BUBBLEWRAP, "bubblewrap makes sandboxes", True

    def ensure(self):
        if not hosts.is_linux():
            raise SandboxError("grading needs Linux")
        bubblewrap.way()

    def start(self, settings):
        return self._warm(settings) or self._cold(settings)

    def lacks(self):
        return ()

    def _warm(self, settings):
        line, theirs = new_line()
        with theirs:
            process = warm_process(settings, theirs)
        if process is None:
            line.close()
            return None
        return StartedWarm(process, line)

    def _cold(self, settings):
        line, theirs = new_line()
        with theirs:
            process = launch(bubblewrap.kernel_command(settings, theirs.fileno()), theirs)
        return Started(process, line)


class Fence:
    """Landlock and a filter of system calls, where namespaces are refused."""

    name, title = FENCE, "the second tier of walls, Landlock, fences kernels in"
    forks = False

    @property
    def walls(self):
        """The module; it can be imported on Linux only."""
        from autograder.engine.walls import fence

        return fence

    def ensure(self):
        if not hosts.is_linux():
            raise SandboxError("grading needs Linux")
        self.walls.kept_rights()

    def start(self, settings):
        return self.walls.start(settings)

    def lacks(self):
        return self.walls.lacks()


class Bare:
    """None."""

    name, title, forks = NONE, "no walls", False

    def ensure(self):
        """Nothing is needed."""

    def start(self, settings):
        return bare.start(settings)

    def lacks(self):
        return ("a student's code can read, change and send whatever you can",)


STRONGEST_FIRST = (Bubblewrap(), Fence())
BACKENDS = {backend.name: backend for backend in (*STRONGEST_FIRST, Bare())}


def backend_of(walls: str = AUTO) -> Backend:
    """The `Backend` of a name in `Settings.walls`, tried on this host.

    Raises `SandboxError` with the reasons and the remedy for this host where it can't be.
    """
    return _strongest() if walls == AUTO else _tried(walls)


def ensure_walls(settings: Settings) -> None:
    """Raise `SandboxError` where this host can't make the sandbox that `settings` ask for."""
    backend_of(settings.walls)


@lru_cache(maxsize=1)
def _strongest():
    reasons = []
    for backend in STRONGEST_FIRST if hosts.is_linux() else STRONGEST_FIRST[:1]:
        try:
            backend.ensure()
            return backend
        except SandboxError as problem:
            reasons.append(str(problem))
    raise SandboxError("\n  ".join([*reasons, hosts.remedy(reasons[0])]))


@lru_cache(maxsize=4)
def _tried(walls):
    backend = BACKENDS[walls]
    try:
        backend.ensure()
    except SandboxError as problem:
        raise SandboxError(f"{problem}\n  {hosts.remedy(str(problem))}") from None
    return backend


def forget():
    """Look again next time: what was found is remembered for the whole process."""
    for cache in (_strongest, _tried, bubblewrap.way, bubblewrap.bubblewrap_program):
        cache.cache_clear()
