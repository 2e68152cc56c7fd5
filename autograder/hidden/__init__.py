"""Hidden tests: one module per unit, one function per graded question.

A hidden test calls the student's answer on inputs the student hasn't seen, returns nothing
when all is right and raises `coursekit.checks.core.CheckFailed` with the message otherwise.
Expected values come from an oracle (torch, OpenCV, numpy) or from arithmetic written out
here, never from the solution cell.
"""

import os
import secrets
import zlib

import numpy as np

SEED_VARIABLE = "AUTOGRADER_SEED"


def fresh_seed():
    """A seed nobody can know beforehand."""
    return secrets.randbits(32)


def grading_seed():
    """The seed of this grading run: recorded by the grader, or fresh where nobody set one."""
    return int(os.environ.get(SEED_VARIABLE) or fresh_seed())


def generator(question):
    """A random generator for one question, so that questions don't shift each other's inputs."""
    return np.random.default_rng([grading_seed(), zlib.crc32(question.encode())])
