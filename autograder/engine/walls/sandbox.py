"""What a student's kernel is started with, whatever walls stand around it."""

from dataclasses import dataclass, field

from autograder.engine.limits import Limits
from autograder.engine.rules import Rules

PACKAGES = ("autograder", "coursekit")  # never in view, wherever they are installed
AUTO, BUBBLEWRAP, FENCE, NONE = "auto", "bubblewrap", "landlock", "none"
HOME = "/home/student"  # inside, behind the first tier
IN_MEMORY = ("/dev/shm", "/tmp", HOME)  # the folders that can be written to there
WALLS = (AUTO, BUBBLEWRAP, FENCE, NONE)  # what `Settings.walls` may be


class SandboxError(Exception):
    """A sandbox can't be made on this host; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """All that a sandboxed kernel is started with.

    `walls` names a tier (`tiers.py`); "auto" is the strongest that the host has.
    """

    limits: Limits = field(default_factory=Limits)
    rules: Rules = field(default_factory=Rules)
    hidden: tuple[str, ...] = ()  # folders not to be in view even where the system's are
    preload: tuple[str, ...] = ()  # modules of a warm start (`warm.py`); () is a cold one
    walls: str = AUTO
    makers: str = ""  # source of the functions that make a test's own objects inside
    lesson: tuple[str, ...] = ()  # modules that the lesson imports: no file of a student's is one


def environment(home: str) -> dict[str, str]:
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
        # Who asks for more gets them. Where they have one core they must not burn it while they
        # wait for each other. (OMP_THREAD_LIMIT would do, but oneDNN hangs then.)
        "OMP_WAIT_POLICY": "passive",
    }
