"""What somebody types into cells that aren't theirs is kept where other cells may need it."""

import pytest
from support.course import COURSE
from support.honest import KINDS, graded, lost, place, right

from autograder.engine.reading.additions import Added, added
from autograder.submissions import released

IMPORT, HELPER = "from math import fsum", "def doubled(x):\n    return fsum([x, x])"
CELLS = {
    "coursekit": "that holds the helpers",
    "setup": "that sets up",
    "image-colour": "that shows",
    "check_derivative_mask": "that checks an earlier answer",
    "derivative_mask": "that grades an earlier answer",
    "check_conv1d": "that checks the answer",
    "conv1d": "that grades the answer",
}


def use(nb, answer, line):
    cell = nb.cells[place(nb, f"solution_{answer}")]
    cell.source += (
        f"\n\nplain_{answer} = {answer}\n\n\ndef {answer}(*given):\n"
        f"    {line}\n    return plain_{answer}(*given)"
    )


def add(nb, name, text, above=False):
    cell = nb.cells[place(nb, name)]
    cell.source = f"{text}\n\n{cell.source}" if above else f"{cell.source}\n\n{text}"


def told(result, name):
    return [one for one in [*result.repairs, *result.notes] if name in one]


@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("kind", KINDS)
def test_definition_in_a_cell_of_the_lesson_is_kept(kind, name, above):
    nb = right("convolution")
    add(nb, name, f"{IMPORT}\n\n\n{HELPER}", above)
    use(nb, "conv1d", "assert doubled(2) == 4")
    result = graded(nb, "convolution", kind)
    assert lost(result, "convolution") == {}, result.messages
    assert told(result, name)


ADDITIONS = {  # what is typed into a cell -> what an answer does with it
    "%matplotlib inline\nimport math, sys\n!ls": "math.pi",
    "@np.vectorize\ndef half(x):\n    return x / 2": "half([1, 2])",
    "class Box:\n    size = 3": "assert Box().size == 3",
    "gain = np.sqrt(4)": "assert gain == 2",
    "%time gain = np.sqrt(4)": "assert gain == 2",
    "table = {}\nfor k in range(3):\n    table[k] = k": "assert len(table) == 3",
    "names = []\nnames.append('a'); names.append('b')": "assert len(names) == 2",
    "try:\n    import absent\nexcept ImportError:\n    absent = None": "assert absent is None",
    "low, high = smooth.min(), smooth.max()": "assert high > low",
}


@pytest.mark.parametrize("text", ADDITIONS)
@pytest.mark.parametrize(
    "name", ["moving-average-check", "check_derivative_mask", "derivative_mask"]
)
def test_what_answers_use_is_kept_whatever_makes_it(name, text):
    nb = right("convolution")
    add(nb, name, text)
    use(nb, "conv1d", ADDITIONS[text])
    result = graded(nb, "convolution")
    assert lost(result, "convolution") == {}, result.messages


OTHER_UNITS = [
    ("filter_design", "four-times", "oriented_edge"),
    ("cnn_layers", "train", "max_pool2d"),
    ("mnist_training", "check_accuracy", "train_one_epoch"),
    ("feature_visualization", "pixels", "top_k"),
]


@pytest.mark.parametrize(("topic", "name", "answer"), OTHER_UNITS)
@pytest.mark.parametrize("kind", ["warm", pytest.param("cold", marks=pytest.mark.thorough)])
def test_same_in_other_units(kind, topic, name, answer):
    nb = right(topic)
    add(nb, name, f"{IMPORT}\n\n\n{HELPER}")
    use(nb, answer, "assert doubled(2) == 4")
    result = graded(nb, topic, kind)
    assert lost(result, topic) == {}, result.messages
    assert told(result, name)


@pytest.mark.parametrize("name", ["check_conv2d", "conv2d_shape", "conv2d_strides", "sobel-photo"])
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
@pytest.mark.parametrize("kind", KINDS)
def test_answer_in_another_cell_than_its_own_counts_and_is_told(kind, above, name):
    nb = right("convolution")
    stub = released(COURSE, COURSE.unit("convolution"))
    cell = nb.cells[place(nb, "solution_conv2d")]
    add(nb, name, cell.source, above)
    cell.source = stub.cells[place(stub, "solution_conv2d")].source
    result = graded(nb, "convolution", kind)
    assert lost(result, "convolution") == {}, result.messages
    assert told(result, "solution_conv2d")


def test_what_is_left_out_is_told_with_its_cell():
    nb = right("convolution")
    add(nb, "check_conv1d", f"{IMPORT}\nprint('right!')")
    add(nb, "stepper", "print('played')")
    result = graded(nb, "convolution")
    assert lost(result, "convolution") == {}
    assert result.repairs == [
        "restored stepper, which differed from the release",
        "restored check_conv1d; of what the student's version adds, imports and definitions stand "
        "beside it as a cell of its own, the rest was left out",
    ]
    sources = [cell.source for cell in result.notebook.cells if cell.id.startswith("own-")]
    assert sources == [IMPORT]


def test_untouched_answer_gains_nothing_by_what_stands_around():
    nb = released(COURSE, COURSE.unit("convolution"))
    for name in ("check_conv1d", "conv1d", "coursekit"):
        add(nb, name, f"{IMPORT}\n{HELPER}\nclass checks:\n    conv1d = print", above=True)
    result = graded(nb, "convolution")
    assert set(result.scores.values()) == {0}


# --- what is kept of a text ----------------------------------------------------------------

RELEASED = "import numpy as np\n\nchecks.conv2d(conv2d)"


@pytest.mark.parametrize(
    ("source", "kept", "left_out"),
    [
        (RELEASED, "", False),
        ("import numpy as np  # numbers\nchecks.conv2d( conv2d )", "", False),
        (f"import os\n{RELEASED}", "import os", False),
        (f"import os; import sys\n{RELEASED}", "import os\nimport sys", False),
        (f"{RELEASED}; x = 1", "x = 1", False),
        ("checks.conv2d(mine)", "", True),
        ("%matplotlib inline\nx = 1", "x = 1", True),
        ("x = print()", "", True),
        (
            "used = print()\nused[0] = 2\nused.sort()",
            "used = print()\nused[0] = 2\nused.sort()",
            False,
        ),
        ("broken (", "", True),
        ("", "", False),
        ("x" * 200_000, "", True),
        ("-" * 4000 + "1", "", True),
    ],
    ids=range(13),
)
def test_statements_that_are_kept(source, kept, left_out):
    assert added(source, RELEASED, frozenset({"used"})) == Added(kept, left_out)


def test_long_cells_are_compared_by_their_lines():
    released = "\n".join(f"x_{number} = {number}" for number in range(2000))
    assert added(released, released, frozenset()) == Added()
    assert added(f"import os\n{released}", released, frozenset()) == Added("import os", False)
