"""The bank of known mistakes: wrong answers, what they cost and what the student is told.

One module per unit. Each mistake is a real wrong implementation. A hidden test that sees a
wrong outcome runs the mistakes of the question on the same input; the one with the same
outcome gives the message. The tests of the project hand each mistake in as a submission.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mistake:
    """A wrong answer to one question.

    `answer` is the student's name it stands for, `loses` the points it costs by grade cell,
    `message` what follows "Looks like:". For an answer that is a value and not a function,
    `function` takes no argument and returns the value.
    """

    answer: str
    message: str
    loses: dict[str, float]
    function: Callable
    is_value: bool

    @property
    def name(self):
        return self.function.__name__

    def cell(self):
        """The source of a solution cell that makes this mistake, helpers included."""
        names, known = self.function.__code__.co_names, self.function.__globals__
        helpers = [known[name] for name in names if inspect.isfunction(known.get(name))]
        parts = ["import numpy as np", *map(_definition, [*helpers, self.function])]
        value = f"{self.name}()" if self.is_value else self.name
        return "\n\n".join([*parts, f"{self.answer} = {value}"])

    def outcome(self, arguments):
        """What the mistake returns for `arguments`, or the class of what it raises."""
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        try:
            return self.function(*copies)
        except Exception as error:
            return type(error)


class Bank(list):
    """The mistakes of one unit, in the order in which they are tried on a wrong outcome.

    `typical` names the ones that the sample class makes.
    """

    def __init__(self, typical):
        super().__init__()
        self.typical = typical

    def mistake(self, answer, message, loses, is_value=False):
        """Decorator that adds a function to the bank."""

        def add(function):
            self.append(Mistake(answer, message, loses, function, is_value))
            return function

        return add

    def looks_like(self, answer, *arguments):
        """Return a function from a wrong outcome to the message of the mistake that gives it."""

        def name_it(outcome):
            for mistake in self:
                if mistake.answer == answer and _same(outcome, mistake.outcome(arguments)):
                    return mistake.message
            return None

        return name_it


def _definition(function):
    """The source of a function without its decorators."""
    source = inspect.getsource(function)
    return source[source.index("def ") :].rstrip()


def _same(one, other):
    """Whether two outcomes (values, or exception classes) can't be told apart."""
    if isinstance(one, type) or isinstance(other, type):
        return one is other
    if other is None or np.shape(one) != np.shape(other):
        return False
    return np.allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-4, atol=1e-4)
