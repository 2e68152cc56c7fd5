"""How long a check waits; apart from the checks, for who starts a grading needs no numpy."""

CALL_SECONDS = 5.0  # longest time one call of a student's function may compute
WALL_TIMES = 4  # as many times longer it may take by the clock on the wall: computers are busy
WAITED = 0.02  # what computes for a smaller part of its time waits

ENDLESS = (
    "a loop that never ends (does its index grow on every turn?), or more than a slow computer"
    " can do in this time."
)
WAITS = "it stands still: it waits for something that doesn't come."
SLOW = "a slow or very busy computer, or a loop that never ends."


class StillRunning(TimeoutError):
    """A call is out of time. `told` says so in words, `hint` what that looks like."""

    def __init__(self, seconds: float, computed: float, wall: float):
        """seconds: what it was allowed. computed, wall: what it took of CPU and wall time, in s."""
        self.told = f"still running after {time_taken(seconds, computed, wall)}"
        super().__init__(self.told)
        self.hint = ENDLESS
        if computed < 0.9 * seconds:
            self.hint = WAITS if computed < WAITED * wall else SLOW


def time_taken(seconds: float, computed: float, wall: float) -> str:
    """In words what something took that was stopped; arguments as of `StillRunning`."""
    if computed >= 0.9 * seconds:  # as exactly as it is measured
        return f"{seconds:.3g} s of computing"
    if computed < WAITED * wall and wall < 2 * seconds:
        return f"{seconds:.3g} s of waiting"
    return f"{wall:.3g} s, of which it computed {computed:.2g} s"
