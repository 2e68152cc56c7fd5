"""The two tiers of the tests, and which unit a test is about.

Tests with the mark `thorough` are the second tier: what the first proves on a sample, or without
a sandbox, and they on everything. A run without them says how many it left out.
"""

from pathlib import Path

import pytest

from support.course import UNITS

TOPICS = {unit.topic: f"unit{unit.assignment.partition('_')[0]}" for unit in UNITS}


def parameters(item):
    """{argument: value} that a test was parametrised with."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def topic_of(item):
    """The topic a test is about, by its unit, its file or another of its parameters; or None."""
    values = parameters(item)
    if hasattr(values.get("unit"), "topic"):
        return values["unit"].topic
    paths = [value for value in values.values() if isinstance(value, str | Path)]
    names = [item.path.stem.removeprefix("test_"), *(Path(path).stem for path in paths)]
    return next((name for name in names if name in TOPICS), None)


def mark_unit(item):
    """Let `-m unit01` and `-k convolution` find a test of that unit."""
    if topic := topic_of(item):
        item.add_marker(TOPICS[topic])
        item.extra_keyword_matches.add(topic)


def thorough_for(*topics):
    """A mark for a test of each unit: for the units of these topics it is of the second tier."""
    units = [
        pytest.param(
            unit, marks=pytest.mark.thorough if unit.topic in topics else (), id=unit.topic
        )
        for unit in UNITS
    ]
    return pytest.mark.parametrize("unit", units, indirect=True, scope="session")


def first_of(cases, many=1):
    """Parameters of {name: value}; those after the first ones are of the second tier."""
    return [
        pytest.param(value, id=name, marks=pytest.mark.thorough if number >= many else ())
        for number, (name, value) in enumerate(cases.items())
    ]


def register_units(config):
    """Make the units' marks known; there is no list of units but the course's."""
    for topic, mark in TOPICS.items():
        config.addinivalue_line("markers", f"{mark}: tests about {topic.replace('_', ' ')}")


class LeftOut:
    """A plugin that tells at the end of a run how much of the second tier it left out."""

    def __init__(self, config):
        self.config, self.count = config, 0

    def pytest_deselected(self, items):
        self.count += sum(item.get_closest_marker("thorough") is not None for item in items)

    def pytest_sessionfinish(self):
        if hasattr(self.config, "workeroutput"):  # a process of pytest-xdist, which prints nothing
            self.config.workeroutput["left_out"] = self.count

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.count = max(self.count, getattr(node, "workeroutput", {}).get("left_out", 0))

    def pytest_terminal_summary(self, terminalreporter):
        if self.count:
            line = f"{self.count} tests of the second tier were left out; `make test-all` runs them"
            terminalreporter.write_line(line, yellow=True)
