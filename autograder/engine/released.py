"""A released unit as the engine needs it: the notebook students got, hidden tests included."""

import ast
from dataclasses import dataclass, field
from functools import cached_property

import nbformat

from autograder.engine.cells import is_exploration, is_grade, is_solution, question_points
from autograder.engine.limits import Limits
from autograder.engine.reading.names import names_in
from autograder.engine.rules import Rules
from autograder.engine.walls.sandbox import AUTO, PACKAGES, Settings
from autograder.engine.walls.warm import LATER


@dataclass(frozen=True)
class ReleasedUnit:
    """One unit, ready to grade against; plain data that can be sent to another process.

    `notebook` is the student version with the hidden tests back in its grade cells; `hidden`
    are the folders that no student's kernel may see, `rules` what answers may not use, `makers`
    the source of the functions with which tests make objects of their own beside an answer.
    """

    assignment: str
    topic: str
    notebook: nbformat.NotebookNode
    hidden: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    makers: str = ""

    def settings(
        self, limits: Limits | None = None, preload: tuple[str, ...] = (), walls: str = AUTO
    ) -> Settings:
        """What the unit's kernels are started with."""
        limits = limits or Limits()
        return Settings(limits, self.rules, self.hidden, preload, walls, self.makers, self.imports)

    @cached_property
    def points(self) -> dict[str, float]:
        """{question: points}, in the order of the notebook."""
        return question_points(self.notebook)

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Modules that the cells of the lesson use in grading, sorted; not our own."""
        found = set()
        for cell in self.notebook.cells:
            skipped = is_exploration(cell) or is_grade(cell)
            if cell.cell_type == "code" and not skipped and not is_solution(cell):
                found |= {one for one in LATER if one in cell.source}
                for node in ast.walk(ast.parse(cell.source)):
                    if isinstance(node, ast.Import):
                        found |= {alias.name for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and not node.level:
                        found.add(node.module)
        return tuple(sorted(one for one in found if one.partition(".")[0] not in PACKAGES))

    @cached_property
    def answers(self) -> dict[str, str]:
        """{name: id of the solution cell that binds it}: all that tests take from a student.

        A name that one of our own cells binds is never taken from the student.
        """
        ours, theirs = set(), {}
        for cell in self.notebook.cells:
            if cell.cell_type != "code":
                continue
            names = set(names_in(ast.parse(cell.source)))
            if is_solution(cell):
                theirs |= dict.fromkeys(names, cell.id)
            else:
                ours |= names
        return {name: cell for name, cell in theirs.items() if name not in ours}
