"""What the first tier tries of what the second tries whole, and what a run has chosen of both."""

from autograder.submissions import bank_of
from support.tiers import parameters


def one_for_each_question(unit):
    """The names of mistakes that lose every question between them, each as alone as it can be."""
    bank = bank_of(unit)
    asked = {question for mistake in bank for question in mistake.loses}
    losing = [[mistake for mistake in bank if question in mistake.loses] for question in asked]
    return {min(some, key=lambda mistake: len(mistake.loses)).name for some in losing}


def chosen(session, argument, **others):
    """The values of one argument in this run's tests, where other arguments have given values.

    Costly fixtures prepare for these tests only; `-m` and `-k` leave others out.
    """
    found = []
    for given in map(parameters, session.items):
        if argument in given and others.items() <= given.items() and given[argument] not in found:
            found.append(given[argument])
    return found
