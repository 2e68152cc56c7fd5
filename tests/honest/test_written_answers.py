"""A written answer beside its cell waits for a person who sees its text; an empty one is zero."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.utils import compute_checksum
from support.course import COURSE, UNITS
from support.honest import KINDS, graded, lost, place, put_after, put_before, right
from support.tiers import first_of

from autograder.submissions import released

SAYS = "The horizontal kernel detects horizontal lines: its upper side answers most."
WRITTEN = [
    ("convolution", "line_kernels"),
    ("filter_design", "corners_meet"),
    ("cnn_layers", "equivariance_and_depth"),
    ("mnist_training", "overfitting"),
    ("feature_visualization", "random_and_trained"),
    ("feature_visualization", "texture_bias"),
]


def untouched(topic, answer):
    """A right notebook but for one written answer, which is as it was released."""
    nb = right(topic)
    stub = released(COURSE, COURSE.unit(topic))
    nb.cells[place(nb, answer)].source = stub.cells[place(stub, answer)].source
    return nb


def of(nb, answer):
    return next(cell for cell in nb.cells if cell.id == answer)


WAYS = {}


def way(function):
    WAYS[function.__name__] = function
    return function


@way
def in_a_new_cell_behind_it(nb, answer):
    put_after(nb, answer, SAYS, "markdown")


@way
def in_a_new_cell_before_it(nb, answer):
    put_before(nb, answer, f"## My answer\n\n{SAYS}", "markdown")


@way
def in_raw_text(nb, answer):
    nb.cells.insert(place(nb, answer) + 1, new_raw_cell(SAYS))


@way
def in_comments(nb, answer):
    put_after(nb, answer, f"# {SAYS}\n#\n# The other one: vertical lines.")


@way
def in_a_text_of_code(nb, answer):
    put_after(nb, answer, f'"""\n{SAYS}\n"""')


@way
def in_a_value(nb, answer):
    put_after(nb, answer, f"my_answer = '{SAYS}'\nprint(my_answer)")


@way
def as_no_python_in_a_code_cell(nb, answer):
    put_after(nb, answer, SAYS)


@way
def in_a_magic(nb, answer):
    put_after(nb, answer, f"%%markdown\n{SAYS}")


@way
def below_the_task(nb, answer):
    nb.cells[place(nb, answer) - 1].source += f"\n\n{SAYS}"


@way
def behind_the_last_word_of_the_task(nb, answer):
    cell = nb.cells[place(nb, answer) - 1]
    cell.source = cell.source.rstrip() + f" {SAYS}"


@way
def within_the_task(nb, answer):
    cell = nb.cells[place(nb, answer) - 1]
    heading, _, rest = cell.source.partition("\n")
    cell.source = f"{heading}\n{SAYS}\n{rest}"


@way
def below_the_task_without_metadata(nb, answer):
    below_the_task(nb, answer)
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)


@way
def on_top_of_the_next_cell(nb, answer):
    cell = nb.cells[place(nb, answer) + 1]
    cell.source = f"{SAYS}\n\n{cell.source}"


@way
def in_a_cell_in_place_of_it(nb, answer):
    nb.cells[place(nb, answer)] = new_markdown_cell(SAYS)


@way
def at_the_end_in_place_of_it(nb, answer):
    del nb.cells[place(nb, answer)]
    nb.cells.append(new_markdown_cell(SAYS))


@way
def at_the_end_by_its_number(nb, answer):
    number = nb.cells[place(nb, answer) - 1].source.split()[2].strip(":")
    nb.cells.append(new_markdown_cell(f"# Answers\n\nExercise {number}: {SAYS}"))


@way
def in_several_cells(nb, answer):
    words = SAYS.split(": ")
    put_after(nb, answer, words[1], "markdown")
    put_after(nb, answer, "x = 1")
    put_after(nb, answer, words[0] + ":", "markdown")


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_text_beside_its_cell_is_the_answer_and_waits_for_a_person(name, kind):
    nb = untouched("convolution", "line_kernels")
    WAYS[name](nb, "line_kernels")
    result = graded(nb, "convolution", kind)
    assert result.scores["line_kernels"] is None
    assert lost(result, "convolution") == {}
    shown = " ".join(of(result.notebook, "line_kernels").source.replace("\u2060", "").split())
    assert SAYS in shown
    assert any("line_kernels" in sentence for sentence in [*result.repairs, *result.notes])


IN_EVERY_UNIT = ("in_a_new_cell_behind_it", "below_the_task", "in_comments")


@pytest.mark.parametrize(("topic", "answer"), WRITTEN[1:])
@pytest.mark.parametrize("name", first_of({name: name for name in IN_EVERY_UNIT}))
def test_same_in_every_unit(topic, answer, name):
    nb = untouched(topic, answer)
    WAYS[name](nb, answer)
    result = graded(nb, topic)
    assert result.scores[answer] is None
    assert SAYS in of(result.notebook, answer).source.replace("\u2060", "")
    assert [one for one in result.repairs if answer in one and "left empty" in one]


def test_answer_in_two_parts_is_whole():
    nb = right("convolution")
    own = nb.cells[place(nb, "line_kernels")].source
    below_the_task(nb, "line_kernels")
    result = graded(nb, "convolution")
    text = of(result.notebook, "line_kernels").source.replace("\u2060", "")
    assert SAYS in text
    assert own.split("\n")[0] in text
    assert "to line_kernels was added what stood in exercise_line_kernels" in result.repairs


# --- what is no answer ---------------------------------------------------------------------


def nothing(nb, answer):
    pass


def emptied(nb, answer):
    nb.cells[place(nb, answer)].source = " \n"


def notes_elsewhere(nb, answer):
    nb.cells.insert(0, new_markdown_cell("TODO later: read sections 1.2 and 1.3 once more, slowly"))
    nb.cells.append(new_markdown_cell("Questions for the tutor: what is padding for, and why odd?"))
    nb.cells.insert(
        20, new_code_cell("# a comment that says a lot about nothing in particular here")
    )


def code_beside_it(nb, answer):
    put_after(nb, answer, "x = np.arange(3)  # try\nprint('x', x)")


def headings_and_rules_beside_it(nb, answer):
    put_after(nb, answer, "---", "markdown")
    put_after(nb, answer, "", "markdown")


def deleted(nb, answer):
    del nb.cells[place(nb, answer)]


def deleted_with_a_short_note_elsewhere(nb, answer):
    deleted(nb, answer)
    nb.cells.insert(0, new_markdown_cell("TODO later"))


def twice(nb, answer):
    cell = nb.cells[place(nb, answer)]
    put_after(nb, answer, cell.source, "markdown")


NOTHINGS = [nothing, emptied, notes_elsewhere, code_beside_it, headings_and_rules_beside_it]
NOTHINGS += [deleted, deleted_with_a_short_note_elsewhere, twice]


@pytest.mark.parametrize("change", NOTHINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_empty_answer_gets_zero_by_itself(change, kind):
    nb = untouched("convolution", "line_kernels")
    change(nb, "line_kernels")
    result = graded(nb, "convolution", kind)
    assert result.scores["line_kernels"] == 0
    assert lost(result, "convolution") == {}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.topic)
def test_untouched_notebook_gets_nothing_by_itself(unit):
    result = graded(released(COURSE, unit), unit.topic)
    assert set(result.scores.values()) == {0}


def test_words_of_an_older_release_are_no_answer():
    nb = untouched("convolution", "line_kernels")
    task, after = (nb.cells[place(nb, "line_kernels") + step] for step in (-1, 1))
    task.source = task.source.replace("Four to six sentences", "At most ten sentences, or fewer")
    task.metadata.nbgrader.checksum = compute_checksum(task)
    after.source += "\n\nA sentence of eight words that no longer stands here."
    result = graded(nb, "convolution")
    assert result.scores["line_kernels"] == 0
