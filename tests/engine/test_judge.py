"""The judge: what a grade cell does becomes the outputs that nbgrader scores."""

import math

import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.utils import determine_grade

from autograder.engine.judging.judge import judge
from autograder.engine.seeds import generator
from coursekit.checks.core import CheckFailed, WrongValues

CHECK = "from coursekit.checks.core import expect_array\n"


def judged(source, points=3, seed=0, **names):
    """(score as nbgrader reads it, outputs, the exception that ended the cell)."""
    outputs, failure = judge(source, lambda: names, points, seed)
    details = {"grade": True, "solution": False, "points": points, "grade_id": "q"}
    cell = new_code_cell(source, outputs=outputs, metadata={"nbgrader": details})
    return determine_grade(cell)[0], outputs, failure


@pytest.mark.parametrize(
    ("last", "score"),
    [
        ("None", 3),
        ("1.5", 1.5),
        ("2", 2),
        ("np.float32(0.5)", 0.5),
        ("0", 0),
        ("7", 3),
        ("-2", 0),
        ("math.nan", 0),
        ("math.inf", 0),
        ("True", 3),
        ("'2'", 3),
        ("[1]", 3),
        ("x = 1", 3),
    ],
)
def test_number_as_last_expression_is_that_many_points_and_no_more(last, score):
    assert judged(last, np=np, math=math)[0] == score


def test_failed_check_scores_nothing_and_shows_its_message_only():
    score, outputs, failure = judged(
        "def f():\n    raise E('q: wrong\\n  at 0')\nf()", E=CheckFailed
    )
    assert score == 0
    assert isinstance(failure, CheckFailed)
    assert outputs[0].traceback == ["q: wrong", "  at 0"]


def test_points_shown_before_a_failure_count_for_nothing():
    score, _, _ = judged("print(3)\n3\nraise E('no')", E=CheckFailed)
    assert score == 0


def test_error_of_the_test_itself_scores_nothing_and_says_so():
    score, outputs, failure = judged("1 / 0")
    assert score == 0
    assert type(failure) is ZeroDivisionError
    assert "could not be judged: ZeroDivisionError" in outputs[0].traceback[0]


@pytest.mark.filterwarnings("ignore:w")
def test_warnings_and_stderr_of_a_right_answer_cost_nothing():
    source = "import sys, warnings\nwarnings.warn('w')\nprint('e', file=sys.stderr)"
    score, outputs, _ = judged(source)
    assert score == 3
    assert [one.name for one in outputs] == ["stdout"]


def test_wrong_values_come_with_a_picture():
    source = "from coursekit import pictures\npictures.show_comparison(a, b)\nraise E('x', a, b)"
    a, b = np.zeros((3, 3)), np.eye(3)
    score, outputs, _ = judged(source, E=WrongValues, a=a, b=b)
    assert score == 0
    assert "image/png" in outputs[0].data
    assert outputs[-1].output_type == "error"


def test_message_with_half_a_character_of_the_student_can_be_written():
    _, outputs, _ = judged("print('\\ud800')\nraise E('got \\ud800')", E=CheckFailed)
    assert "".join([outputs[0].text, *outputs[1].traceback]).encode()


def test_inputs_come_from_the_seed_of_the_run():
    drawn = []
    source = "drawn.append(generator('q').random())"
    for seed in (1, 1, 2):
        judged(source, seed=seed, generator=generator, drawn=drawn)
    assert drawn[0] == drawn[1] != drawn[2]


def test_interrupt_of_the_grader_is_no_verdict():
    with pytest.raises(KeyboardInterrupt):
        judge("raise KeyboardInterrupt", dict, 1, 0)


def test_own_lines_that_led_to_a_failure_are_told():
    error = ValueError("no")
    error.lines = ["line 1 of the cell: f()", "line 2 of the cell: g()", "line 3 of the cell: h()"]
    source = "try:\n    raise e\nexcept ValueError as x:\n    raise E('q: no\\n  at 3') from x"
    _, outputs, _ = judged(source, e=error, E=CheckFailed)
    assert outputs[0].traceback[2:] == [
        "  called from line 2 of the cell: g()",
        "  called from line 1 of the cell: f()",
    ]
