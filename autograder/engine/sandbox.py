"""What a student's kernel is started with, whatever walls stand around it."""

from dataclasses import dataclass, field

from autograder.engine.limits import Limits

PACKAGES = ("autograder", "coursekit")  # never in view, wherever they are installed
AUTO, BUBBLEWRAP, FENCE, NONE = "auto", "bubblewrap", "landlock", "none"
WALLS = (AUTO, BUBBLEWRAP, FENCE, NONE)  # what `Settings.walls` may be


class SandboxError(Exception):
    """A sandbox can't be made on this host; the message says why and what to do."""


@dataclass(frozen=True)
class Rules:
    """What a unit's students may not use in their answers, and the sentence that says so.

    `absent`: modules that aren't in the sandbox's view of the files. `refused`: functions that
    raise while a test calls the student's code; lesson cells may use them. `refused_for`:
    {question: functions that raise in the test of this one}.
    """

    rule: str = "the unit's rules don't allow it"
    absent: tuple = ()
    refused: tuple = ()
    refused_for: dict = field(default_factory=dict)

    def refusals(self):
        """[function, the question it is refused in or None for all] of every refused function."""
        everywhere = [[function, None] for function in self.refused]
        return everywhere + [
            [function, question]
            for question, functions in self.refused_for.items()
            for function in functions
        ]


@dataclass(frozen=True)
class Settings:
    """All that a sandboxed kernel is started with.

    `walls` names a tier (`engine/walls/`); "auto" is the strongest that the host has.
    """

    limits: Limits = field(default_factory=Limits)
    rules: Rules = field(default_factory=Rules)
    hidden: tuple = ()  # folders that must not be in view even where the system's are
    preload: tuple = ()  # modules of a warm start (`warm.py`); () is a cold one
    walls: str = AUTO


def environment(home):
    """The variables a kernel sees: nothing of the grader's own."""
    return {
        "COURSE_DEVICE": "cpu",  # what coursekit.device reads
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        # One thread each: more make small arrays slower and use up the processes.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
