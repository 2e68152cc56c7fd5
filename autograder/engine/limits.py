"""How much time, memory and output a submission may use."""

from dataclasses import dataclass

from coursekit.checks.limits import CALL_SECONDS, WALL_TIMES

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of one submission; seconds are those that its sandbox uses (`clock.py`)."""

    call_seconds: float = CALL_SECONDS  # one call of a student's function by a test
    cell_seconds: float = 20  # one cell, or all calls of one grade cell
    notebook_seconds: float = 120  # all but own cells, restarts of the kernel included
    own_seconds: float = 60  # all of the student's own cells
    grace_seconds: float = 1  # from an interrupt to the end of the sandbox
    memory: int = 3 * 2**30  # bytes of all processes of the sandbox together
    processes: int = 200  # threads included
    file: int = 64 * MIB  # bytes of one file
    scratch: int = 128 * MIB  # bytes of the home folder, of /tmp and of /dev/shm, each
    output: int = 100_000  # characters of text of one cell
    picture: int = 3 * MIB  # bytes of one cell's pictures
    notebook_output: int = 24 * MIB  # characters of all cells' outputs, base64 ones among them
    answer: int = 64 * MIB  # bytes that all results of one grade cell take in the grader
    answers: int = 256 * MIB  # the same of all grade cells
    message: int = 4 * MIB  # bytes of one message of the kernel; a larger one is lost

    @property
    def wall_seconds(self) -> float:
        """Wall time of the whole submission: less than two of its `notebook_seconds`."""
        return 1.9 * self.notebook_seconds

    @property
    def own_wall_seconds(self) -> float:
        """Wall time of all own cells, so that what is judged has its own in any case."""
        return min(WALL_TIMES * self.own_seconds, self.wall_seconds - self.notebook_seconds)

    def of_a_process(self) -> dict[str, int]:
        """The limits that each process carries, by their names in `resource`."""
        return {
            "RLIMIT_CORE": 0,
            "RLIMIT_CPU": int(2 * self.notebook_seconds) + 10,
            "RLIMIT_DATA": self.memory,
            "RLIMIT_FSIZE": self.file,
            "RLIMIT_NOFILE": 512,
            "RLIMIT_NPROC": self.processes,
        }


class Room:
    """How much of a submission the grader still keeps.

    left: characters of outputs. answers: bytes of what judged calls give.
    """

    def __init__(self, limits):
        self.left, self.answers = limits.notebook_output, limits.answers
