"""What the answers of a unit may not use."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rules:
    """What a unit's students may not use in their answers, and the sentence that says so.

    `absent`: modules that aren't in the sandbox's view of the files. `refused`: functions that
    raise while a test calls the student's code; lesson cells may use them. `refused_for`:
    {question: functions that raise in the test of this one}.
    """

    rule: str = "the unit's rules don't allow it"
    absent: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    refused_for: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def refusals(self) -> list[list]:
        """[function, the question it is refused in or None for all] of every refused function."""
        everywhere = [[function, None] for function in self.refused]
        return everywhere + [
            [function, question]
            for question, functions in self.refused_for.items()
            for function in functions
        ]
