"""The comparisons behind every check: what passes, what fails, and what the student reads."""

import doctest
import time

import numpy as np
import pytest
import torch

from coursekit import pictures
from coursekit.checks import core


def fails(function, *arguments, **options):
    with pytest.raises(core.CheckFailed) as caught:
        function(*arguments, **options)
    return str(caught.value)


EXAMPLES = {test.name.rpartition(".")[2]: test for test in doctest.DocTestFinder().find(core)}


@pytest.mark.parametrize("name", [*(name for name in EXAMPLES if EXAMPLES[name].examples)])
def test_example_of_a_docstring_is_true(name):
    results = doctest.DocTestRunner(verbose=False).run(EXAMPLES[name])
    assert (results.failed, results.attempted > 0) == (0, True)


def test_every_comparison_has_an_example():
    names = [name for name in vars(core) if name.startswith("expect_")]
    assert len(names) >= 4
    assert [name for name in names if not EXAMPLES[name].examples] == []


@pytest.mark.parametrize(
    "got",
    [
        np.array([[1.0, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], dtype=np.float32),
        [[1, 2], [3, 4]],
        ((1.0, 2.0), (3.0, 4.0)),
    ],
    ids=["float64", "int", "float32", "list", "tuple"],
)
def test_right_numbers_pass_whatever_holds_them(got):
    core.expect_array("x", got, [[1, 2], [3, 4]])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_never_pass(bad):
    for expected in (bad, 2.0):
        text = fails(core.expect_array, "x", [1.0, bad], [1.0, expected])
        assert "x: not a finite number" in text
        assert "at [1]" in text


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_nothing_is_compared_with_what_is_not_finite(bad, shape):
    with pytest.raises(ValueError, match="what is expected is not finite"):
        core.expect_array("x", np.zeros(shape), np.full(shape, bad))


@pytest.mark.parametrize("got", ["12", object(), {"a": 1}, [[1, 2], [3]], np.array([1j, 2])])
def test_what_is_not_numbers_is_named(got):
    assert "expected an array of real numbers" in fails(core.expect_array, "x", got, [1, 2])


def test_message_of_wrong_values_says_case_place_expected_and_got():
    text = fails(
        core.expect_array,
        "conv2d",
        [[1, 2], [3, 5]],
        [[1, 2], [3, 4]],
        case="image 3x3x1",
        looks_like=lambda got: "an odd number.",
    )
    assert text.splitlines() == [
        "conv2d: wrong values  (image 3x3x1)",
        "  at [1, 1]: expected 4.0, got 5.0",
        "  Looks like: an odd number.",
    ]


def test_shape_is_told_before_values():
    assert "expected shape 2 x 1, got shape 2" in fails(core.expect_array, "x", [9, 9], [[1], [1]])


def test_float32_rounding_passes_and_cutting_to_integers_does_not():
    expected = np.random.default_rng(0).normal(size=100) * 3
    core.expect_array("x", expected.astype(np.float32), expected)
    fails(core.expect_array, "x", expected.astype(int), expected)


@pytest.mark.parametrize("answer", [None, ...])
def test_empty_answer_is_not_attempted(answer):
    with pytest.raises(core.NotAttempted, match="x: not attempted yet"):
        core.expect_array("x", answer, [1])
    with pytest.raises(core.NotAttempted):
        core.expect_int("x", answer, 1)
    with pytest.raises(core.NotAttempted):
        core.call("x", answer)


def test_stub_function_is_not_attempted():
    def stub():
        raise NotImplementedError()

    with pytest.raises(core.NotAttempted):
        core.call("x", stub)


def test_exception_in_an_answer_becomes_a_message_without_a_traceback():
    text = fails(core.call, "x", lambda a: a[5], np.zeros(2), case="two zeros")
    assert text.startswith("x: your code raised IndexError: ")
    assert "(two zeros)" in text
    assert "Traceback" not in text


def test_system_exit_in_an_answer_is_a_failure_like_any_other():
    assert "raised SystemExit" in fails(core.call, "x", lambda: exit())


def test_exception_from_another_process_is_told_in_its_own_words_and_lines():
    error = ValueError("no")
    error.told, error.lines = "your code raised Refused: no", ["line 1: f()", "line 7: g()"]

    def answer():
        raise error

    with pytest.raises(core.CheckFailed) as caught:
        core.call("x", answer, case="two zeros")
    assert str(caught.value).splitlines() == [
        "x: your code raised Refused: no  (two zeros)",
        "  at line 7: g()",
    ]
    assert caught.value.__cause__ is error
    core.expect_raises("x", answer, case="")


def test_function_that_keeps_its_time_is_not_timed_twice(monkeypatch):
    monkeypatch.setattr(core, "CALL_SECONDS", 0.05)

    class StandIn:
        keeps_time = True

        def __call__(self):
            time.sleep(0.2)
            return 3

    assert core.call("x", StandIn()) == 3
    with pytest.raises(core.TimedOut):
        core.call("x", lambda: time.sleep(0.2))


def test_object_that_refuses_to_be_an_array_is_no_answer():
    class Refusing:
        def __array__(self, *_):
            raise TypeError("expected data")

    assert "expected an array of real numbers" in fails(core.as_numbers, "x", Refusing())


def test_answer_without_return_is_told_so():
    assert "ends without a `return`" in fails(core.call, "x", lambda: None)


def test_value_in_the_place_of_a_function_is_named():
    assert "expected a function, got int 3" in fails(core.call, "x", 3)


def test_endless_loop_is_stopped_and_named(monkeypatch):
    monkeypatch.setattr(core, "CALL_SECONDS", 0.05)

    def endless():
        while True:
            pass

    with pytest.raises(core.TimedOut, match="a loop that never ends"):
        core.call("x", endless)


def test_time_limit_gives_the_alarm_back():
    import signal

    before = signal.getsignal(signal.SIGALRM)
    with core.time_limit(5):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize("got", [3.0, np.float64(3), True, "3", [3]])
def test_whole_number_of_another_type_is_refused(got):
    assert "expected an int" in fails(core.expect_int, "x", got, 3)


@pytest.mark.parametrize("got", [3, np.int64(3)])
def test_whole_numbers_of_python_and_numpy_pass(got):
    core.expect_int("x", got, 3)


def test_refusing_bad_input_means_value_error_and_nothing_else():
    def refuses(a):
        raise ValueError("no")

    core.expect_raises("x", refuses, 1, case="one")
    assert "raised ZeroDivisionError" in fails(core.expect_raises, "x", lambda a: 1 / 0, 1, case="")
    assert "returned int 1" in fails(core.expect_raises, "x", lambda a: 1, 1, case="")


def test_changing_an_input_is_seen_even_where_the_result_is_right():
    def sums_and_clears(a):
        total = a.sum()
        a[:] = 0
        return total

    assert "changed its input" in fails(
        core.expect_unchanged, "x", sums_and_clears, np.ones(3), case="ones"
    )
    core.expect_unchanged("x", np.sum, np.ones(3), case="ones")


def test_visible_check_prints_one_screen_and_never_raises(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(pictures, "show_comparison", lambda *both: shown.append(both))

    @core.visible
    def question(answer):
        core.expect_array("question", answer, np.eye(2))

    question(np.eye(2))
    question(np.ones((2, 2)))
    question(None)
    printed = capsys.readouterr().out
    assert f"question: {core.PASSED}" in printed
    assert "expected 0.0, got 1.0" in printed
    assert "question: not attempted yet" in printed
    assert len(shown) == 1, "wrong values of an image are shown beside the right ones"


@pytest.mark.parametrize("answer", ["three", {"a": 1}, [[1], [2, 3]], object(), (), 1j])
def test_answer_that_is_no_number_is_said_to_be_none_and_no_known_one(answer):
    known = core.Messages(off="one too few.").known([(2, "off")])
    with pytest.raises(core.CheckFailed, match="size: expected an int, got") as caught:
        core.expect_int("size", answer, 3, case="size(5, 3)", looks_like=known)
    assert "Looks like" not in str(caught.value)


def test_known_wrong_result_is_named_as_far_as_it_is_the_same():
    messages = core.Messages(twice="it is doubled.", sign="the sign is flipped.")
    message_of = messages.known([([2.0, 4.0], "twice"), ([-1.0, -2.0], "sign")])
    assert message_of(np.array([-1, -2])) == "the sign is flipped."
    assert message_of(np.array([2, 4], dtype=np.float32) * (1 + core.SAME / 2)) == "it is doubled."
    for other in ([2.001, 4.0], [2.0, 4.0, 6.0], 2.0, [np.nan, 4.0], ValueError):
        assert message_of(other) is None


def small(answer):
    """The shape."""
    core.expect_array("numbers", np.shape(answer), [2])


def first_is(number, answer):
    """The first number."""
    core.expect_array("numbers", answer[0], number)
    return core.FORM_IS_RIGHT


def test_visible_check_of_several_stops_at_the_first_that_fails(capsys):
    shape = core.visible_as("shape", small)
    first = core.visible_as("first", first_is, 7, doc="It is 7.")
    both = core.together("numbers", shape, first)
    both([7, 1])
    both([1, 1])
    both([1, 1, 1])
    passed, wrong_first, wrong_shape = capsys.readouterr().out.split("numbers: ")[1:]
    assert passed.strip() == core.FORM_IS_RIGHT, "what one of them left open is said"
    assert "expected 7.0, got 1.0" in wrong_first
    assert "expected 2.0, got 3.0" in wrong_shape
    assert [check.__name__ for check in (shape, first, both)] == ["shape", "first", "numbers"]
    assert (shape.__doc__, first.__doc__) == ("The shape.", "It is 7.")
    assert both.__doc__ == "The cases of shape, first."


def test_step_with_an_answer_is_timed_as_the_answer_is():
    class StandIn:
        keeps_time = True

    def step(answer, factor, number):
        return factor * number

    assert core.calling(step, StandIn(), 3)(4) == 12
    assert hasattr(core.calling(step, StandIn(), 3), "keeps_time")
    assert not hasattr(core.calling(step, abs, 3), "keeps_time")


def test_a_failed_check_is_rendered_as_its_text_alone():
    assert core.CheckFailed("one\ntwo")._render_traceback_() == ["one", "two"]


def test_attempt_gives_the_result_or_a_note(capsys):
    def stub(a):
        raise NotImplementedError()

    assert core.attempt(abs, -2) == 2
    assert core.attempt(stub, 1) is None
    assert "stub: not attempted yet" in capsys.readouterr().out
    with pytest.raises(ZeroDivisionError):
        core.attempt(lambda a: 1 / 0, 1)


def test_tensors_are_numbers_also_in_sequences_and_with_gradients():
    weight = torch.ones(2, 3, requires_grad=True)
    np.testing.assert_array_equal(core.as_numbers("net", weight), np.ones((2, 3)))
    np.testing.assert_array_equal(core.as_numbers("net", (weight, weight)), np.ones((2, 2, 3)))
    text = fails(core.as_numbers, "net", (weight, weight[0]))
    assert "net: expected an array of real numbers, got tuple" in text


def test_answer_gets_copies_of_tensors_and_of_what_lists_hold():
    given = [torch.zeros(2), [torch.zeros(2), np.zeros(2)]]

    def spoil(tensor, pair):
        tensor += 1
        pair[0] += 1
        pair[1][:] = 7
        return 1

    core.call("spoil", spoil, *given)
    assert not given[0].any()
    assert not given[1][0].any()
    assert not given[1][1].any()


def test_tensor_changed_in_place_is_told():
    def doubled(tensor):
        tensor *= 2
        return tensor

    text = fails(core.expect_unchanged, "doubled", doubled, torch.ones(2), case="two ones")
    assert "your function changed its input" in text
