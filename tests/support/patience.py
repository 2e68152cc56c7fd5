"""Time limits of tests, in seconds of wall time.

A limit that is reached only where something is broken costs nothing, so it is far from what a
busy host takes. What never ends gets a short one.
"""

import time
from dataclasses import replace

from autograder.engine.limits import MIB, Limits

PATIENCE = 120
PATIENT = Limits(
    call_seconds=PATIENCE,
    cell_seconds=PATIENCE,
    notebook_seconds=10 * PATIENCE,
    own_seconds=10 * PATIENCE,
    grace_seconds=PATIENCE,
)
SMALL = replace(PATIENT, memory=600 * MIB, processes=100)  # for tests of what is used too much
HASTY = replace(SMALL, call_seconds=1, grace_seconds=0.5)  # for what takes no interrupt


def wait_until(condition, seconds=60):
    """Wait for another process; a test that has to wait longer has failed."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
