"""The settings of grading that an instructor may change in `nbgrader_config.py`."""

from traitlets import Bool, Enum, Float, Integer
from traitlets.config import LoggingConfigurable

from autograder.engine.limits import Limits
from autograder.engine.walls.sandbox import AUTO, WALLS, Settings
from autograder.engine.walls.warm import preloaded


class Grading(LoggingConfigurable):
    """What `c.Grading` in `nbgrader_config.py` sets."""

    sandbox = Enum(
        WALLS,
        AUTO,
        help="walls around a student's kernel; 'auto' takes the strongest that the host has, "
        "'none' lets student code do all that you may do",
    ).tag(config=True)
    cell_seconds = Float(
        Limits.cell_seconds, help="longest time for one cell, as its sandbox uses it"
    ).tag(config=True)
    notebook_seconds = Float(
        Limits.notebook_seconds,
        help="time for the cells of the lesson and all that is judged together; the wall time of a "
        "whole submission stays below twice as much",
    ).tag(config=True)
    own_seconds = Float(
        Limits.own_seconds, help="time for all cells of the student's own together"
    ).tag(config=True)
    memory_gib = Float(
        Limits.memory / 2**30, help="memory of all processes of one submission, in GiB"
    ).tag(config=True)
    warm = Bool(True, help="fork kernels from a process that has imported the unit's modules").tag(
        config=True
    )
    seed = Integer(
        None, allow_none=True, help="seed of the hidden tests' inputs; None: a fresh one"
    ).tag(config=True)

    def settings(self, unit) -> Settings:
        """What the kernels of one unit are started with, here or on another host."""
        limits = Limits(
            cell_seconds=self.cell_seconds,
            notebook_seconds=self.notebook_seconds,
            own_seconds=self.own_seconds,
            memory=int(self.memory_gib * 2**30),
        )
        preload = preloaded(unit.imports, unit.rules) if self.warm else ()
        return unit.settings(limits, preload, self.sandbox)
