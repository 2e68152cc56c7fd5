"""Hidden tests: one module per unit, one function per graded question.

A hidden test calls the student's answer on inputs the student hasn't seen, returns nothing
when all is right and raises `coursekit.checks.core.CheckFailed` with the message otherwise.
Expected values come from an oracle (torch, OpenCV, numpy) or from arithmetic written out
here, never from the solution cell.
"""

import importlib
import secrets
import zlib
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from autograder.engine.standins import StandIn

_seed = ContextVar("seed", default=None)


def fresh_seed():
    """A seed nobody can know beforehand."""
    return secrets.randbits(32)


@contextmanager
def seeded(seed):
    """Inside the block all generators come from `seed`; outside each is fresh."""
    token = _seed.set(seed)
    try:
        yield
    finally:
        _seed.reset(token)


def generator(question):
    """A random generator for one question, so that questions don't shift each other's inputs."""
    seed = _seed.get()
    seed = fresh_seed() if seed is None else seed
    return np.random.default_rng([seed, zlib.crc32(question.encode())])


def beside(answer, maker, *arguments, **options):
    """Return an object that lives where a student's answer does, for the answer to work with.

    A net, a loader or an optimizer isn't data that could be sent. `maker` names a function of
    `coursekit` that makes it from data and from objects made before, for instance
    "coursekit.checks.fixtures.net". In grading it runs in the student's kernel and the result is a
    stand-in; in a notebook everything is in one process.
    """
    if isinstance(answer, StandIn):
        return answer._channel.ask("make", maker, options, *arguments)
    module, _, name = maker.rpartition(".")
    return getattr(importlib.import_module(module), name)(*arguments, **options)
