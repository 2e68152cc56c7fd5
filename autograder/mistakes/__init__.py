"""The bank of known mistakes: wrong answers, what they lose and what the student is told.

One module per unit. Each mistake is a real wrong implementation. A hidden test that sees a
wrong outcome runs the mistakes of the question on the same input; the one with the same
outcome gives the message. The tests of the project hand each mistake in as a submission.
"""

import ast
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from coursekit.checks.core import copied, plain


@dataclass(frozen=True)
class Mistake:
    """A wrong answer to one question.

    `answer` is the student's name it stands for, `loses` the questions (grade cells) that get no
    points for it, `message` what follows "Looks like:". `function` is the wrong function or class;
    for an answer that is a value it takes no argument and returns the value.
    """

    answer: str
    message: str
    loses: tuple[str, ...]
    function: Callable
    is_value: bool

    @property
    def name(self):
        return self.function.__name__

    def cell(self):
        """The source of a solution cell that makes this mistake, imports and helpers included."""
        imports, definitions = {}, {}
        _collect(self.function, imports, definitions)
        value = f"{self.name}()" if self.is_value else self.name
        parts = ["\n".join(imports.values()), *definitions.values(), f"{self.answer} = {value}"]
        return "\n\n".join(part for part in parts if part)

    def outcome(self, arguments, using=None):
        """What the mistake returns for `arguments`, or the class of what it raises."""
        copies = [copied(argument) for argument in arguments]
        try:
            return using(self.function, *copies) if using else self.function(*copies)
        except Exception as error:
            return type(error)


class Bank(list):
    """The mistakes of one unit, in the order in which they are tried on a wrong outcome.

    `typical` names the ones that the sample class makes.
    """

    def __init__(self, typical):
        super().__init__()
        self.typical = typical

    def mistake(self, answer, message, *loses, is_value=False):
        """Decorator that adds a function or a class to the bank.

        Without `loses` it loses the question that is named like the answer.
        """

        def add(function):
            self.append(Mistake(answer, message, loses or (answer,), function, is_value))
            return function

        return add

    def looks_like(self, answer, *arguments, using=None):
        """Return a function from a wrong outcome to the message of the mistake that gives it.

        A mistake's outcome is `mistake(*arguments)`, or `using(mistake, *arguments)` where the
        test does more than call the answer, as with a class that it builds, loads and runs.
        """

        def name_it(outcome):
            for mistake in self:
                if mistake.answer == answer and _same(outcome, mistake.outcome(arguments, using)):
                    return mistake.message
            return None

        return name_it


def edited(right, delete="", replace=None):
    """Decorator: turns an empty function into a copy of `right` with some of its text changed.

    `delete` is a text to leave out, `replace` {text: other text}. Raises ValueError for a text that
    doesn't stand in `right` exactly once.
    """

    def change(empty):
        edits = {f"def {right.__name__}(": f"def {empty.__name__}("}
        edits |= ({delete: ""} if delete else {}) | (replace or {})
        text = _text(right)
        for old, new in edits.items():
            if text.count(old) != 1:
                raise ValueError(f"{empty.__name__}: not exactly once in its text: {old!r}")
            text = text.replace(old, new)
        return _function(empty.__name__, text, right.__module__)

    return change


def _function(name, text, module):
    """The function that `text` defines among the names of a module."""
    file, names = f"<{module}.{name}>", {}
    exec(compile(text, file, "exec"), vars(sys.modules[module]), names)
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # for inspect
    return names[name]


def _collect(definition, imports, definitions):
    """Add the source of a function or class, and of all of its module that it uses."""
    source = _definition(definition)
    known = vars(sys.modules[definition.__module__])
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    for name in sorted(used & known.keys() - {definition.__name__} - definitions.keys()):
        value = known[name]
        if isinstance(value, ModuleType):
            imports[name] = f"import {value.__name__} as {name}"
        elif getattr(value, "__module__", None) == definition.__module__:
            _collect(value, imports, definitions)
        else:
            raise ValueError(f"{definition.__name__} uses {name}, which no cell can bring along")
    definitions[definition.__name__] = source


def _definition(function):
    """The source of a function or class as `ast` writes it, without decorators and comments."""
    return ast.unparse(ast.parse(_text(function)))


def _text(function):
    """The source of a function or class without its decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    return ast.get_source_segment(source, ast.parse(source).body[0])


def _same(one, other):
    """Whether two outcomes (values, or exception classes) can't be told apart."""
    if isinstance(one, type) or isinstance(other, type):
        return one is other
    one, other = plain(one), plain(other)
    if other is None or np.shape(one) != np.shape(other):
        return False
    return np.allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-4, atol=1e-4)
