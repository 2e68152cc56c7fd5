"""Unit 02: right answers of many kinds pass; scenes and visible checks keep their promises."""

from itertools import permutations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import binary_dilation, label
from scipy.stats import norm
from support.course import COURSE
from support.units import grade_cells, names_taken, namespace

from autograder.engine.seeds import seeded
from autograder.hidden import filter_design as hidden
from autograder.mistakes.filter_design import BANK
from coursekit import scenes
from coursekit.checks import filter_design as checks
from coursekit.checks.core import CheckFailed

UNIT = COURSE.unit("filter_design")
NAMES = ("k11", "k12", "k13", "k14")
CORNERS = [np.rot90([[1, 1, 1], [1, -1, -1], [1, -1, -1]], k) for k in range(4)]
ORDERS = list(permutations(range(4)))
STARTS = [(0, 0), (1, 0), (1, 1), (0, 1)]  # of the same corners, counter-clockwise from top left


@pytest.fixture(scope="module")
def right():
    """The names of the reference solution."""
    return namespace(UNIT)


TAKEN = {cell.metadata["nbgrader"]["grade_id"]: names_taken(cell) for cell in grade_cells(UNIT)}


def lost_with(right, **answers):
    """What a notebook loses whose other answers are right: (questions, messages)."""
    lost, messages, names = set(), [], {**right, **answers}
    for question, taken in TAKEN.items():
        if answers.keys() & set(taken):
            try:
                getattr(hidden, question)(*(names[name] for name in taken))
            except CheckFailed as failure:
                lost.add(question)
                messages.append(str(failure))
    return lost, messages


# --- profiles ------------------------------------------------------------------------------

RIGHT_PROFILES = {
    "gaussian": [
        lambda n: norm.pdf(np.linspace(-3, 3, n)),
        lambda n: [
            np.exp(-((-3 + 6 * i / (n - 1)) ** 2) / 2) / (2 * np.pi) ** 0.5 for i in range(n)
        ],
        lambda n: norm.pdf(np.linspace(-3, 3, n)).astype(np.float32),
    ],
    "d_gaussian": [
        lambda n: -np.linspace(-3, 3, n) * norm.pdf(np.linspace(-3, 3, n)),
        lambda n: [-x * norm.pdf(x) for x in np.linspace(-3, 3, n)],
        lambda n: np.float32(-np.linspace(-3, 3, n) * norm.pdf(np.linspace(-3, 3, n))),
    ],
    "dd_gaussian": [
        lambda n: (np.linspace(-3, 3, n) ** 2 - 1) * norm.pdf(np.linspace(-3, 3, n)),
        lambda n: [x * x * norm.pdf(x) - norm.pdf(x) for x in np.linspace(-3, 3, n)],
    ],
}


@pytest.mark.parametrize(
    ("name", "function"), [(n, f) for n, functions in RIGHT_PROFILES.items() for f in functions]
)
def test_independent_right_profile_gets_full_marks(right, name, function):
    lost, messages = lost_with(right, **{name: function})
    assert not lost, messages


# --- oriented edges ------------------------------------------------------------------------


def coordinates(n, theta):
    """The directions across and along an edge, and the distance, in pixels."""
    rows, columns = np.mgrid[:n, :n] - (n - 1) / 2
    across = columns * np.cos(theta) - rows * np.sin(theta)
    along = columns * np.sin(theta) + rows * np.cos(theta)
    return across, along, np.hypot(rows, columns)


def gabor(n, theta, waves=0.5, longer=1.0):
    across, along, _ = coordinates(n, theta)
    bell = np.exp(-(across**2 + (along / longer) ** 2) / (2 * (n / 5) ** 2))
    return np.sin(2 * np.pi * waves * across / (n / 2)) * bell


def steered(n, theta):
    x, y = (coordinates(n, t)[0] for t in (0, np.pi / 2))
    bell = np.exp(-(x**2 + y**2) / (2 * (n / 6) ** 2)) / n
    return (np.cos(theta) * x * bell + np.sin(theta) * y * bell).astype(np.float32)


def two_bells(n, theta):
    row, column = np.sin(theta) * -n / 8, np.cos(theta) * n / 8
    rows, columns = np.mgrid[:n, :n] - (n - 1) / 2

    def bell(sign):
        squares = (rows - sign * row) ** 2 + (columns - sign * column) ** 2
        return np.exp(-squares / (2 * (n / 7) ** 2))

    return bell(1) - bell(-1)


def one_side_minus_the_other(n, theta):
    across, _, far = coordinates(n, theta)
    return np.sign(np.round(across, 9)) * (far <= n / 2)


def ramp_minus_mean(n, theta):
    across, _, far = coordinates(n, theta)
    kernel = np.tanh(across / 2) * np.exp(-(far**2) / (2 * (n / 5) ** 2)) + 0.01
    return kernel - kernel.mean()


RIGHT_EDGES = {
    "gabor": gabor,
    "gabor_long": lambda n, theta: gabor(n, theta, longer=1.5),
    "gabor_many_waves": lambda n, theta: gabor(n, theta, waves=0.8),
    "steered_float32": steered,
    "two_bells": two_bells,
    "one_side_minus_the_other": one_side_minus_the_other,
    "ramp_minus_mean": ramp_minus_mean,
    "list_of_lists": lambda n, theta: gabor(n, theta).tolist(),
    "large_numbers": lambda n, theta: 1e6 * gabor(n, theta),
    "tiny_numbers": lambda n, theta: 1e-6 * gabor(n, theta),
    "linear_ramp": lambda n, theta: coordinates(n, theta)[0],
}


@pytest.mark.parametrize("name", RIGHT_EDGES)
@pytest.mark.parametrize("seed", range(3))
def test_independent_right_oriented_edge_gets_full_marks(right, name, seed):
    with seeded(seed):
        lost, messages = lost_with(right, oriented_edge=RIGHT_EDGES[name])
    assert not lost, messages


@pytest.mark.parametrize("off", [30, -30, 60, 90, 135, 180])
def test_filter_turned_away_from_its_angle_loses_the_angle_only(right, off):
    lost, _ = lost_with(right, oriented_edge=lambda n, t: gabor(n, t + np.deg2rad(off)))
    assert lost == {"oriented_edge_angle"}


# --- spots ---------------------------------------------------------------------------------


def laplacian(n):
    x = np.linspace(-3, 3, n)
    return np.outer((x**2 - 1) * norm.pdf(x), norm.pdf(x))


def balanced(n):
    """The positive weights are scaled until the sum is 0."""
    kernel = laplacian(n) + laplacian(n).T
    plus, minus = kernel.clip(min=0), kernel.clip(max=0)
    return plus * -minus.sum() / plus.sum() + minus


RIGHT_SPOTS = {
    "outer_products": lambda n: laplacian(n) + laplacian(n).T - 2 * laplacian(n).mean(),
    "balanced": balanced,
    "scaled_float32": lambda n: np.float32(40 * balanced(n)),
    "list": lambda n: balanced(n).tolist(),
}


@pytest.mark.parametrize("name", RIGHT_SPOTS)
def test_independent_right_spot_filter_gets_full_marks(right, name):
    lost, messages = lost_with(right, laplacian_of_gaussian=RIGHT_SPOTS[name])
    assert not lost, messages


# --- corners and layer 2 -------------------------------------------------------------------


def answers(order, weights=1.0):
    """Four kernels in some order of corners, and the layer 2 that suits them."""
    second = np.zeros((2, 2, 4))
    for channel, corner in enumerate(order):
        second[(*STARTS[corner], channel)] = weights
    kernels = {name: CORNERS[corner] for name, corner in zip(NAMES, order, strict=True)}
    return {**kernels, "k2": second}


@pytest.mark.parametrize("order", ORDERS)
def test_every_assignment_of_the_corners_gets_full_marks(right, order):
    lost, messages = lost_with(right, **answers(order))
    assert not lost, messages


@pytest.mark.parametrize("order", ORDERS)
def test_layer_2_of_another_assignment_is_refused(right, order):
    if order != (0, 1, 2, 3):
        mixed = {**answers((0, 1, 2, 3)), "k2": answers(order)["k2"]}
        assert lost_with(right, **mixed)[0] == {"k2", "detector"}


def test_other_right_weights_get_full_marks(right):
    order = (2, 0, 3, 1)
    for weights in (0.9, 1.1, np.float32(1)):
        assert not lost_with(right, **answers(order, weights))[0]
    wary = answers(order)
    wary["k2"] = wary["k2"] * 2 - 1  # a minus for every corner elsewhere
    assert not lost_with(right, **wary)[0]
    loose = answers(order)
    for free in ([(0, 0)], [(1, 1)], [(0, 0), (0, 1), (1, 0)]):  # of the four pixels of paper
        for name, corner in zip(NAMES, order, strict=True):
            kernel = np.array(CORNERS[0])
            for i, j in free:
                kernel[1 + i, 1 + j] = 0
            loose[name] = np.rot90(kernel, corner).tolist()
        assert not lost_with(right, **loose)[0], free
    deep = answers(order)
    deep = {name: deep[name][:, :, None] if name != "k2" else deep[name] for name in deep}
    assert not lost_with(right, **deep)[0]


@pytest.mark.parametrize("wrong", [None, np.ones((3, 3)), np.zeros((3, 3)), "no kernel", [[1, 2]]])
@pytest.mark.parametrize("missing", [("k11",), ("k13",), ("k12", "k14")])
def test_wrong_corner_kernels_leave_layer_2_its_points(right, missing, wrong):
    """With one or two kernels wrong, a k2 that suits the right ones is right."""
    given = answers((1, 3, 0, 2)) | dict.fromkeys(missing, wrong)
    lost, messages = lost_with(right, **given)
    assert lost == {*missing, "detector"}, messages
    for other in ORDERS:
        taken = zip((1, 3, 0, 2), other, NAMES, strict=True)
        if any(one != two for one, two, name in taken if name not in missing):
            with pytest.raises(CheckFailed, match="k2"):
                hidden.k2(answers(other)["k2"], *(given[name] for name in NAMES))


def test_same_slip_in_all_four_kernels_leaves_layer_2_its_points(right):
    given = answers((3, 0, 1, 2))
    for name in NAMES:
        given[name] = np.maximum(0, given[name])  # 0 on paper
    assert lost_with(right, **given)[0] == {*NAMES, "detector"}
    given["k2"] = answers((0, 3, 1, 2))["k2"]
    assert "k2" in lost_with(right, **given)[0]


@pytest.mark.parametrize("value", [None, np.ones((3, 3)), np.full((3, 3), np.nan)])
def test_layer_2_cannot_be_right_without_kernels(right, value):
    lost, messages = lost_with(right, **dict.fromkeys(NAMES, value))
    assert {"k2", "detector", *NAMES} <= lost
    if value is not None:
        assert any("can't be judged yet" in message for message in messages)


def test_two_names_of_one_corner_cost_the_later_one_and_the_detector(right):
    given = answers((0, 1, 2, 3)) | {"k14": CORNERS[1]}
    assert lost_with(right, **given)[0] == {"k14", "detector"}


def test_one_right_kernel_and_the_leaning_of_the_others_decide_layer_2(right):
    given = answers((0, 1, 2, 3))
    given |= {"k11": np.maximum(0, CORNERS[0]), "k12": CORNERS[2]}  # 0 on paper; twice a corner
    assert lost_with(right, **given)[0] == {"k11", "k13", "detector"}
    given["k2"] = answers((3, 1, 2, 0))["k2"]
    assert "k2" in lost_with(right, **given)[0]


def test_detector_says_what_it_waits_for(right, capsys):
    values = [right[name] for name in (*NAMES, "k2")]
    checks.detector(*values[:3], None, None)
    assert capsys.readouterr().out == "detector: it waits for k14, k2\n"
    checks.detector(*[None] * 5)
    assert capsys.readouterr().out == "detector: not attempted yet\n"


@pytest.mark.parametrize("seed", range(200, 210))
def test_layer_2_that_misses_a_corner_or_counts_it_elsewhere_never_passes(right, seed):
    """Random kernels of zeros and ones: right only where each map has its one place."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        second = (rng.random((2, 2, 4)) < 0.35).astype(float)
        given = answers((0, 1, 2, 3))
        if not np.array_equal(second, given["k2"]):
            with pytest.raises(CheckFailed):
                hidden.k2(second, *(given[name] for name in NAMES))


# --- your own filter -----------------------------------------------------------------------


def long_diagonal(n):
    kernel = -np.ones((n, n))
    kernel[np.arange(n), np.arange(n)[::-1]] = n - 1
    return kernel


def diagonal_wave(n):
    across, along, _ = coordinates(n, np.deg2rad(135))
    kernel = np.cos(1.9 * across) * np.exp(-(across**2) / 2 - along**2 / (n * 2))
    return kernel - kernel.mean()


@pytest.mark.parametrize(
    "kernel",
    [
        [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]],
        -np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]),
        long_diagonal(4),
        long_diagonal(5),
        long_diagonal(15).astype(np.float32) / 15,
        diagonal_wave(9),
        long_diagonal(7)[:, :, None],
    ],
    ids=["three", "negative", "four", "five", "fifteen", "wave", "with_channel"],
)
def test_right_diagonal_kernels_get_full_marks(right, kernel):
    for seed in range(3):
        with seeded(seed):
            lost, messages = lost_with(right, diagonal_line_kernel=kernel)
        assert not lost, messages


# --- what never passes ---------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_answers_of_nan_or_infinity_lose_every_question(bad):
    def flat(n, *_):
        return np.full(n, bad)

    def square(n, *_):
        return np.full((n, n), bad)

    kernels, second = [np.full((3, 3), bad)] * 4, np.full((2, 2, 4), bad)
    calls = [(f, flat) for f in (hidden.gaussian, hidden.d_gaussian, hidden.dd_gaussian)]
    calls += [(f, square) for f in (hidden.oriented_edge_shape, hidden.oriented_edge_angle)]
    calls += [(hidden.laplacian_of_gaussian, square), (hidden.diagonal_line_kernel, kernels[0])]
    calls += [(getattr(hidden, name), *kernels[: i + 1]) for i, name in enumerate(NAMES)]
    calls += [(hidden.k2, second, *CORNERS), (hidden.detector, *CORNERS, second)]
    for test, *given in calls:
        with pytest.raises(CheckFailed, match="not a finite number"):
            test(*given)


@pytest.mark.parametrize("value", ["a text", 3, [[1, 2], [3]], {}, object()])
def test_odd_values_are_told_and_never_crash_a_test(right, value):
    names = ("gaussian", "oriented_edge", "laplacian_of_gaussian", *NAMES, "k2")
    lost, messages = lost_with(right, **dict.fromkeys((*names, "diagonal_line_kernel"), value))
    assert {*NAMES, "k2", "detector", "gaussian", "diagonal_line_kernel"} <= lost
    assert all("Traceback" not in message for message in messages)


# --- visible checks ------------------------------------------------------------------------


def test_visible_profiles_are_right():
    x = np.array([-3.0, 0, 3])
    np.testing.assert_allclose(checks.PROFILES["gaussian"], norm.pdf(x), atol=1e-9)
    np.testing.assert_allclose(checks.PROFILES["d_gaussian"], -x * norm.pdf(x), atol=1e-9)
    expected = (x**2 - 1) * norm.pdf(x)
    np.testing.assert_allclose(checks.PROFILES["dd_gaussian"], expected, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [(name, *row) for name, table in checks.WRONG_PROFILES.items() for row in table],
)
def test_visible_table_holds_what_the_mistake_really_gives(name, wrong, message):
    told = checks.MESSAGES[message]
    mistake = next(m for m in BANK if m.answer == name and m.message == told)
    np.testing.assert_allclose(mistake.outcome((3,)), wrong, atol=1e-9)


def visible(name, *given, capsys):
    getattr(checks, name)(*given)
    return capsys.readouterr().out


def test_visible_checks_pass_right_answers(right, capsys):
    names = ("gaussian", "d_gaussian", "dd_gaussian", "oriented_edge", "oriented_edge_shape")
    names += ("oriented_edge_angle", "laplacian_of_gaussian", "diagonal_line_kernel", "k2", *NAMES)
    for name in names:
        given = right["oriented_edge" if name.startswith("oriented") else name]
        out = visible(name, given, capsys=capsys)
        assert "public checks passed" in out, out
    given = (right[name] for name in (*NAMES, "k2"))
    assert "public checks passed" in visible("detector", *given, capsys=capsys)


@pytest.mark.parametrize("order", ORDERS[::5])
def test_visible_checks_pass_other_assignments(order, capsys):
    given = answers(order)
    for name, value in given.items():
        assert "public checks passed" in visible(name, value, capsys=capsys)
    assert "public checks passed" in visible("detector", *given.values(), capsys=capsys)


def test_visible_checks_tell_the_commonest_slips(capsys):
    told = {
        "k2": [
            (np.ones((2, 2, 4)), "any_place"),
            (1.5 * answers((0, 1, 2, 3))["k2"], "three_corners"),
            (np.moveaxis(answers((0, 1, 2, 3))["k2"], 2, 0), "channels_first"),
        ],
        "k13": [(np.maximum(0, CORNERS[0]), "ink_only")],
        "diagonal_line_kernel": [
            (-np.eye(3)[::-1], "not_zero_mean"),
            (long_diagonal(3)[::-1], "other_diagonal"),
        ],
        "oriented_edge": [
            (lambda n, t: gabor(n, t + np.pi), "edge_sign"),
            (lambda n, t: gabor(n, -t), "rows_down"),
            (lambda n, t: gabor(n, t) + 1, "not_zero_mean"),
        ],
        "laplacian_of_gaussian": [
            (lambda n: laplacian(n) + laplacian(n).T, "not_zero_mean"),
            (lambda n: -balanced(n), "spot_sign"),
        ],
    }
    for name, slips in told.items():
        for wrong, message in slips:
            assert checks.MESSAGES[message] in visible(name, wrong, capsys=capsys), message


def test_two_layers_is_what_scipy_computes(right):
    image, _ = scenes.scene(5)
    kernels = [right[name] for name in NAMES]
    maps = [np.maximum(0, hidden._respond(image[:, :, 0], k) - 4.5) for k in kernels]
    expected = sum(hidden._respond(one, right["k2"][:, :, c]) for c, one in enumerate(maps))
    assert expected.shape == (29, 29)
    np.testing.assert_allclose(checks.two_layers(image, kernels, right["k2"]), expected)


# --- scenes --------------------------------------------------------------------------------


def hollow_squares(image):
    """Places where 6 x 6 pixels around are a hollow square on empty paper (or the rim)."""
    square = np.pad(np.pad(np.zeros((2, 2)), 1, constant_values=1), 1)
    windows = sliding_window_view(np.pad(image[:, :, 0], 1), (6, 6))
    return [tuple(place) for place in np.argwhere((windows == square).all(axis=(2, 3))).tolist()]


@pytest.mark.parametrize("seed", range(25))
def test_scene_has_its_squares_at_their_places_and_no_others(seed):
    squares = seed % 5
    image, places = scenes.scene(seed, squares)
    assert image.shape == (32, 32, 1)
    assert set(np.unique(image)) <= {0, 1}
    assert len(places) == squares
    assert hollow_squares(image) == places


@pytest.mark.parametrize("seed", range(25))
def test_shapes_keep_two_empty_pixels_apart_and_none_is_missing(seed):
    image, _ = scenes.scene(seed)
    ink = image[:, :, 0] > 0
    labels, shapes = label(ink, np.ones((3, 3)))
    assert shapes == 3 + len(scenes.KINDS)
    for one in range(1, shapes + 1):
        around = binary_dilation(labels == one, np.ones((5, 5)))
        np.testing.assert_array_equal(around & ink, labels == one)


def test_every_kind_of_distractor_is_drawn_in_all_its_directions():
    def shapes(kind):
        seen = set()
        for seed in range(60):
            image = scenes.scene(seed, squares=0, distractors=(kind,))[0][:, :, 0]
            rows, columns = np.nonzero(image)
            cut = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            seen.add((cut.shape, cut.astype(int).tobytes()))
        return seen

    alone = {kind: shapes(kind) for kind in dict.fromkeys(scenes.KINDS)}
    assert {kind: len(alone[kind]) for kind in ("5x5 box", "3x3 box", "cross")} == {
        "5x5 box": 1,
        "3x3 box": 1,
        "cross": 1,
    }
    assert len(alone["broken square"]) == len(alone["T-piece"]) == 4
    assert len(alone["horizontal line"]) == len(alone["vertical line"]) == 4
    assert len(alone["block"]) == 6
    assert len(alone["corner"]) >= 4 * 5
    broken = [np.frombuffer(data, dtype=int) for _, data in alone["broken square"]]
    assert all(one.sum() == 11 for one in broken)
    assert {tuple(one[[0, 3, 12, 15]]) for one in broken} == set(permutations((0, 1, 1, 1)))


def test_scene_is_the_same_for_the_same_seed_and_a_generator_goes_on():
    first, again = scenes.scene(7), scenes.scene(7)
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1]
    rng = np.random.default_rng(7)
    same, other = scenes.scene(rng), scenes.scene(rng)
    np.testing.assert_array_equal(same[0], first[0])
    assert not np.array_equal(other[0], first[0])


def test_impossible_scenes_are_explained():
    with pytest.raises(ValueError, match="no distractor is called 'circle'"):
        scenes.scene(0, distractors=("circle",))
    with pytest.raises(ValueError, match="don't fit into 12x12"):
        scenes.scene(0, squares=9, size=12)
    with pytest.raises(ValueError, match="don't fit into 3x3"):
        scenes.scene(0, squares=1, size=3)


def test_found_squares_are_framed_beside_the_expected_ones(shown):
    image, places = scenes.scene(1)
    scenes.show_squares(image, places, places[:2])
    panels = shown[-1].axes
    assert [len(panel.patches) for panel in panels] == [3, 2]
    assert [panel.get_title() for panel in panels] == [
        "expected: 3 squares",
        "found by your detector: 2",
    ]
    row, column = places[0]
    left, bottom = panels[0].patches[0].get_xy()
    assert (left, bottom) == (column - 1.5, row - 1.5)  # a pixel of air around
    scenes.show_squares(image, places, None)
    assert "waiting for your code" in [text.get_text() for text in shown[-1].axes[1].texts]


def test_row_shows_every_image_beside_the_others_on_one_scale(shown):
    images = {str(i): np.full((4, 6), i) for i in range(5)}
    scenes.show_row(images, limits=(-2, 2))
    panels = shown[-1].axes
    assert [panel.get_title() for panel in panels] == list(images)
    assert len({panel.get_position().y0 for panel in panels}) == 1
    assert {panel.images[0].get_clim() for panel in panels} == {(-2, 2)}


# --- the notebook --------------------------------------------------------------------------


def test_scene_of_the_notebook_is_the_one_of_the_visible_check():
    assert f"scenes.scene({checks.SCENE})" in UNIT.source.read_text()
