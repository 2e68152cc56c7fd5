"""Who uses what a lesson cell tagged `exploration` defines loses nothing: such a cell then runs."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from support.honest import KINDS, graded, lost, place, put_after, put_before, right

from autograder.engine.limits import Limits
from autograder.engine.reading.explorations import needed_explorations
from autograder.engine.reading.uses import python_of, uses_of

# topic, a function that is an answer, what its body now does, lesson cells that this needs
IN_AN_ANSWER = [
    ("convolution", "conv1d", "assert smooth.shape == (200,)", {"moving-average"}),
    ("filter_design", "oriented_edge", "assert len(curves)", {"profiles-picture"}),
    ("cnn_layers", "max_pool2d", "assert callable(train)", {"train"}),
    ("mnist_training", "accuracy", "assert len(thousand) == 1000", {"data"}),
    ("feature_visualization", "filters_to_images", "assert len(net) > 3", {"row", "row-net"}),
]
# topic, an answer, an own cell before it, what the answer's body now does, lesson cells
IN_AN_OWN_CELL = [
    (
        *(
            "convolution",
            "conv2d",
            "quiet = noisy.mean()\ndef same(x):\n    return x + 0 * red[0, 0]",
        ),
        *("same(quiet)", {"moving-average", "image-colour"}),
    ),
    (
        "filter_design",
        "oriented_edge",
        "%time k = bell.max()",
        "assert k > 0",
        {"profiles-picture"},
    ),
    (
        *(
            "cnn_layers",
            "max_pool2d",
            "class Mine:\n    size = len(twelve)",
            "Mine.size > 0 or 1 / 0",
        ),
        {"shift-data"},
    ),
    (
        *("mnist_training", "SmallCNN", "made = head(4, 20)\n!ls"),
        *(
            "class SmallCNN(SmallCNN):\n    parts = 4 / len(made)",
            {"data", "loader", "fit", "conv"},
        ),
    ),
    (
        *("feature_visualization", "top_k", "found_stages = globals()['stages']"),
        *("assert found_stages", {"net-load", "row", "row-net", "pixels", "stages"}),
    ),
]


def by_kind(cases):
    """Each case warm and cold; the units that train and search for long are of the second tier."""
    made = []
    for kind in KINDS:
        for case in cases:
            slow = case[0] in ("mnist_training", "feature_visualization")
            marks = pytest.mark.thorough if slow else ()
            made.append(pytest.param(kind, *case, marks=marks, id=f"{kind}-{case[0]}"))
    return made


def make_use(nb, answer, line):
    """Let the function of an answer begin with `line`, or a class follow it."""
    cell = nb.cells[place(nb, f"solution_{answer}")]
    if line.startswith("class"):
        cell.source += f"\n\n\n{line}"
        return
    cell.source += (
        f"\n\nplain_{answer} = {answer}\n\n\ndef {answer}(*given, **named):\n"
        f"    {line}\n    return plain_{answer}(*given, **named)"
    )


def ran(result):
    """Ids of the exploration cells that were run."""
    tagged = {c.id for c in result.notebook.cells if "exploration" in c.metadata.get("tags", [])}
    return tagged & result.seconds.keys()


@pytest.mark.parametrize(("kind", "topic", "answer", "line", "cells"), by_kind(IN_AN_ANSWER))
def test_answer_uses_a_name_of_an_exploration_cell(kind, topic, answer, line, cells):
    nb = right(topic)
    make_use(nb, answer, line)
    result = graded(nb, topic, kind)
    assert lost(result, topic) == {}, (result.messages, result.notes)
    assert result.notes == result.repairs == []
    assert cells <= ran(result)


@pytest.mark.parametrize(
    ("kind", "topic", "answer", "own", "line", "cells"), by_kind(IN_AN_OWN_CELL)
)
def test_own_cell_uses_a_name_of_an_exploration_cell(kind, topic, answer, own, line, cells):
    nb = right(topic)
    put_before(nb, f"solution_{answer}", own)
    make_use(nb, answer, line)
    result = graded(nb, topic, kind)
    assert lost(result, topic) == {}, (result.messages, result.notes)
    assert result.notes == []
    assert cells <= ran(result)


@pytest.mark.parametrize("kind", KINDS)
def test_net_of_the_helpers_of_the_lesson_gets_its_points(kind):
    nb = right("mnist_training")
    cell = nb.cells[place(nb, "solution_SmallCNN")]
    cell.source = (
        "class SmallCNN(nn.Module):\n    def __init__(self, num_classes=10):\n"
        "        super().__init__()\n"
        "        maps = [nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.MaxPool2d(2)]\n"
        "        more = [nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]\n"
        "        ends = [nn.Dropout(0.3), *head(16 * 49, 50)[:-1], nn.Linear(50, num_classes)]\n"
        "        self.net = nn.Sequential(*maps, *more, *ends)\n\n"
        "    def forward(self, x):\n        return self.net(x)"
    )
    result = graded(nb, "mnist_training", kind)
    assert lost(result, "mnist_training") == {}, result.messages
    assert result.notes == []


def test_nothing_of_the_kind_runs_where_nobody_asks(unit):
    result = graded(right(unit.topic), unit.topic)
    assert ran(result) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_fails_costs_what_needs_it_and_is_named(kind):
    nb = right("convolution")
    put_after(
        nb, "setup", "def no(*_, **__):\n    raise OSError('no such photo')\n\nphotos.color = no"
    )
    make_use(nb, "conv1d", "red")
    result = graded(nb, "convolution", kind)
    assert lost(result, "convolution") == {"conv1d": (0, 2)}
    (note,) = result.notes
    assert note.startswith("image-colour: failed with OSError: no such photo; the student's code")


ENDINGS = {
    "time.sleep(1000)": "stopped after",
    "os.kill(os.getpid(), 9)": "ended the kernel",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_one_that_hangs_or_dies_costs_what_needs_it_and_is_named(kind, ending):
    nb = right("convolution")
    patch = f"import os, time\n\n\ndef no(*_, **__):\n    {ending}\n\n\nphotos.color = no"
    put_after(nb, "setup", patch)
    make_use(nb, "conv1d", "red")
    limits = Limits(call_seconds=5, cell_seconds=5, notebook_seconds=300, grace_seconds=5)
    result = graded(nb, "convolution", kind, limits)
    assert lost(result, "convolution") == {"conv1d": (0, 2)}
    (note,) = result.notes
    assert note.startswith(f"image-colour: {ENDINGS[ending]}")
    assert note.endswith("the student's code uses red of it")


# --- which cells are needed ----------------------------------------------------------------


def code(source, tag=None, name=None):
    metadata = {"tags": ["exploration"]} if tag else {}
    return new_code_cell(source, id=name or "own-1", metadata=metadata)


def needed(*cells):
    """Ids of the needed ones of cells; a text alone is a cell of the student's."""
    made = [
        code(one, name=f"own-{number}") if isinstance(one, str) else one
        for number, one in enumerate(cells)
    ]
    return set(needed_explorations(new_notebook(cells=made)))


A = code("a = 1", "x", "A")
B = code("b = a", "x", "B")


def test_cells_that_a_needed_one_needs_are_needed():
    assert needed(A, B, "print(b)") == {"A", "B"}
    assert needed(A, B, "print(c)") == set()


def test_name_comes_from_the_last_cell_before():
    assert needed(A, "a = 2", "print(a)") == set()
    assert needed("a = 2", A, "print(a)") == {"A"}
    assert needed(A, code("a = 2", "x", "C"), "print(a)") == {"C"}


def test_name_within_a_function_may_come_from_any_cell():
    assert needed("def f():\n    return a", A) == {"A"}
    assert needed(A, "def f(a):\n    return a") == set()
    assert needed(A, "def f():\n    a = 3\n    return lambda: a") == set()


def test_what_changes_a_value_belongs_to_it():
    grow = code("a[0] = 1", "x", "C")
    fit = code("def fit(name):\n    a[name] = 1", "x", "F")
    assert needed(A, grow, "print(a)") == {"A", "C"}
    assert needed(A, fit, code("fit(3)", "x", "D"), B, "print(a)") == {"A", "D", "F"}


@pytest.mark.parametrize(
    "source",
    ["print(a)", "%time print(a)", "%%time\nprint(a)", "x = a\n!ls", "%matplotlib inline\na + 1"]
    + [
        "a += 1",
        "a = a + 1",
        "for a in a: pass",
        "[a for a in a.b]",
        "class X(a): pass",
        "@a\ndef b(): pass",
    ]
    + [
        "if a: a = 2",
        "await a",
        "f'{a}'",
        "globals()['a']",
        "eval('a + 1')",
        "from __main__ import a",
    ]
    + [
        "with a as a: pass",
        "def f(x=a): pass",
        "class X:\n    b = a",
        "lambda: a",
        "a?",
        "(a",
        "x = %timeit a",
    ],
)
def test_use_is_seen(source):
    assert needed(A, source) == {"A"}


@pytest.mark.parametrize(
    "source",
    ["a = 1\nprint(a)", "for a in b: print(a)", "[a for a in b]", "lambda a: a", "b.a", "f(a=1)"]
    + [
        "import a\na.b",
        "with b as a:\n    a.c",
        "def a(): return a",
        "%%bash\necho a",
        "'a'",
        "# a",
    ],
)
def test_name_of_ones_own_is_no_use(source):
    assert needed(A, source) == set()


@pytest.mark.parametrize(
    "source",
    [
        "(" * 4000,
        "if x: 0\n" + "elif x: 0\n" * 450,
        "x" * 200_000,
        "-" * 4000 + "1",
        "\0",
        "%%",
        "=",
    ],
)
def test_no_text_is_too_much(source):
    assert uses_of(source).binds == frozenset()


def test_own_syntax_of_notebooks_leaves_the_rest_where_it_was():
    source = "%matplotlib inline\n%time x = 1\nfiles = !ls\nx?\nif x:\n    !pip install y\nz = 2"
    assert python_of(source) == "pass\nx = 1\nfiles = None\npass\nif x:\n    pass\nz = 2"
    assert python_of("%%timeit -n 3\nf()") == "pass\nf()"
    assert python_of("%%bash\nls\nls") == "pass\n\n"
