"""Hidden tests of unit 02, one function per grade cell.

The corner kernels and layer 2 are tested by what they do. Any of the four corners may go by any of
the four names, as long as no two names share one and `k2` looks for each corner in the map of its
kernel. `k2` is tested on maps, not on drawings, so that a wrong corner kernel costs its points
once; the detector is the question that needs them all.
"""

from itertools import permutations

import numpy as np
from scipy.ndimage import correlate
from scipy.stats import norm

from autograder.engine.seeds import generator
from autograder.mistakes.filter_design import BANK
from coursekit.checks.core import (
    CheckFailed,
    answered,
    as_numbers,
    call,
    expect_array,
    failed,
    hint,
    number,
)
from coursekit.checks.filter_design import (
    BIAS,
    MESSAGES,
    THRESHOLD,
    as_corner_kernel,
    as_layers,
    expect_finite,
    expect_kernel,
    expect_square,
    squares_found,
    sums_to_zero,
    windows,
)
from coursekit.scenes import KINDS, scene

TOP_LEFT = np.array([[1.0, 1, 1], [1, 0, 0], [1, 0, 0]])
# The corners of a hollow 4x4 square, and where its 3x3 windows on them start.
CORNERS = {
    "top left": TOP_LEFT,
    "top right": TOP_LEFT[:, ::-1],
    "bottom left": TOP_LEFT[::-1],
    "bottom right": TOP_LEFT[::-1, ::-1],
}
STARTS = [(0, 0), (0, 1), (1, 0), (1, 1)]
LEVEL = np.array([[0.0, 0, 0], [1, 1, 1], [0, 0, 0]])
OTHERS = {  # what a corner kernel sees besides corners
    "a horizontal line": LEVEL,
    "a vertical line": LEVEL.T,
    "a line at the upper rim": np.roll(LEVEL, -1, axis=0),
    "a line at the left rim": np.roll(LEVEL, -1, axis=0).T,
    "the middle of a cross": np.maximum(LEVEL, LEVEL.T),
    "a 3x3 box": 1 - np.pad([[1.0]], 1),
    "a filled block": np.ones((3, 3)),
}


# --- 1-D profiles --------------------------------------------------------------------------


def gaussian(function):
    """The density of the normal distribution, as scipy computes it."""
    _expect_profile("gaussian", function, norm.pdf)


def d_gaussian(function):
    """Its slope, by Richardson's extrapolation of central differences."""
    _expect_profile("d_gaussian", function, _slope)


def dd_gaussian(function):
    """The slope of its slope."""
    _expect_profile("dd_gaussian", function, lambda x: _slope(x, _slope))


def _slope(x, curve=norm.pdf, h=0.01):
    narrow, wide = ((curve(x + s) - curve(x - s)) / (2 * s) for s in (h, 2 * h))
    return (4 * narrow - wide) / 3


def _expect_profile(name, function, curve):
    rng = generator(name)
    for n in (9, 3, 2, 4, 25, *(int(n) for n in rng.integers(5, 120, size=5))):
        places = [-3 + 6 * i / (n - 1) for i in range(n)]
        case, looks_like = f"{name}({n})", BANK.looks_like(name, n)
        got = call(name, function, n, case=case, looks_like=looks_like)
        expect_array(name, got, curve(np.array(places)), case=case, looks_like=looks_like)


# --- oriented_edge -------------------------------------------------------------------------


def oriented_edge_shape(function):
    """n x n, finite, not all zero, silent on every even grey, at any angle."""
    rng = generator("oriented_edge_shape")
    sizes = (9, 5, 15, *(int(2 * n + 1) for n in rng.integers(3, 12, size=4)))
    angles = (0.0, np.pi / 2, *rng.uniform(-7, 7, size=5))
    for n, theta in zip(sizes, angles, strict=True):
        case = _edge_case(n, theta)
        kernel = _oriented(function, n, theta, case)
        if not kernel.any():
            raise failed("oriented_edge", "no filter", case, "all weights are 0")
        if not sums_to_zero(kernel):
            grey = rng.uniform(0.2, 1)
            text = f"expected a response of 0 to an even grey, got {number(grey * kernel.sum())}"
            message = MESSAGES["not_zero_mean"]
            raise failed("oriented_edge", "wrong response", case, text, message)


def oriented_edge_angle(function):
    """Strongest on edges that rise in the direction theta, silent on edges at right angles."""
    rng = generator("oriented_edge_angle")
    unseen = np.deg2rad([rng.uniform(low, low + 25) for low in (10, 55, 100, 145, 200, 290)])
    cases = [(9, 0.0), (9, np.pi / 2), (9, np.pi), *((9, theta) for theta in unseen)]
    cases.append((9, 22.5))  # several turns; as degrees it would be a small angle
    cases += [(int(2 * rng.integers(3, 11) + 1), theta) for theta in (*unseen[:2], -unseen[3])]

    def directions(answer):
        return [_strongest_direction(np.asarray(answer(n, theta))) for n, theta in cases]

    def message_of(_):
        outcome = directions(lambda *case: _oriented(function, *case, ""))
        return BANK.looks_like("oriented_edge", using=directions)(outcome)

    for n, theta in cases:
        case = _edge_case(n, theta)
        kernel = _oriented(function, n, theta, case)
        for softness in (0.5, n / 8):
            _expect_direction(kernel, theta, softness, case, message_of)


def _expect_direction(kernel, theta, softness, case, message_of):
    def to_edge(direction):
        return float((kernel * _edge(len(kernel), direction, softness)).sum())

    along, steps = to_edge(theta), np.deg2rad(np.arange(15, 360, 15))
    best = max([0.0, *steps], key=lambda turn: to_edge(theta + turn))
    strongest = to_edge(theta + best)
    asked = f"expected the strongest response to an edge that rises towards {_degrees(theta)}"
    if max(along, strongest) <= 1e-6 * np.abs(kernel).sum():
        text = f"{asked},\n  got none to an edge of any direction"
        raise failed("oriented_edge", "wrong response", case, text, message_of(kernel))
    if np.cos(best) < 0.95 or along < 0.9 * strongest:  # 15 degrees are left to coarse pixels
        got = f"{_rounded(along)} there and {_rounded(strongest)} towards {_degrees(theta + best)}"
        text = f"{asked},\n  got {got}"
        raise failed("oriented_edge", "wrong response", case, text, message_of(kernel))
    for turn in (np.pi / 2, -np.pi / 2):
        across = to_edge(theta + turn)
        if abs(across) > 0.15 * along:
            text = f"expected near 0 for an edge that rises towards {_degrees(theta + turn)}, got "
            text += f"{_rounded(across)}; towards {_degrees(theta)} it is {_rounded(along)}"
            raise failed("oriented_edge", "wrong response", case, text, message_of(kernel))


def _rounded(response):
    return number(round(response, 6) + 0.0)


def _edge(n, direction, softness):
    """A round picture of an edge, from -1 to 1, that rises in a direction (radians)."""
    side = np.arange(n) - (n - 1) / 2
    x, y = np.meshgrid(side, -side)  # y upwards, as seen on screen
    rise = np.tanh((x * np.cos(direction) + y * np.sin(direction)) / softness)
    return rise * (np.hypot(x, y) <= n / 2)


def _strongest_direction(kernel):
    """In steps of 15 degrees: the edges that a kernel answers to most; -1 where it never does."""
    directions = np.deg2rad(np.arange(0, 360, 15))
    answers = [(kernel * _edge(len(kernel), one, 0.5)).sum() for one in directions]
    return int(np.argmax(answers)) if max(answers) > 1e-6 * np.abs(kernel).sum() else -1


def _oriented(function, n, theta, case):
    got = call("oriented_edge", function, n, float(theta), case=case)
    looks_like = BANK.looks_like("oriented_edge", n, float(theta))
    return expect_kernel("oriented_edge", got, (n, n), case, looks_like)


def _edge_case(n, theta):
    return f"n = {n}, theta = {theta:.3g}, that is {_degrees(theta)}"


def _degrees(theta):
    return f"{np.rad2deg(theta) % 360:.0f} degrees"


# --- laplacian_of_gaussian -----------------------------------------------------------------


def laplacian_of_gaussian(function):
    """Zero mean, symmetric, and the Laplacian of the round density but for a factor."""
    rng = generator("laplacian_of_gaussian")
    for n in (7, 9, *(int(2 * n + 1) for n in rng.integers(4, 15, size=4))):
        _expect_laplacian(function, n)


def _expect_laplacian(function, n):
    name, case = "laplacian_of_gaussian", f"laplacian_of_gaussian({n})"
    known = BANK.looks_like(name, using=lambda mistake: _scaled(mistake(n)))
    kernel = call(name, function, n, case=case)
    kernel = expect_kernel(name, kernel, (n, n), case, lambda wrong: known(_scaled(wrong)))
    message = known(_scaled(kernel))
    if not kernel.any() or not sums_to_zero(kernel):
        text = f"expected weights that sum up to 0 and aren't all 0, got {number(kernel.sum())}"
        raise failed(name, "wrong values", case, text, message)
    for mirrored in (kernel.T, kernel[::-1], kernel[:, ::-1]):
        if np.abs(kernel - mirrored).max() > 1e-5 * np.abs(kernel).max():
            text = "expected the same kernel when mirrored or transposed"
            raise failed(name, "not symmetric", case, text, message)
    side = np.linspace(-3, 3, n)
    true = np.outer(_bend(side), norm.pdf(side))
    true = true + true.T - 2 * true.mean()
    likeness = (true * kernel).sum() / np.sqrt((true**2).sum() * (kernel**2).sum())
    if likeness < 0.995:  # that leaves room for every way to bring the sum to 0
        text = f"expected likeness 1 with the Laplacian of the Gaussian, got {number(likeness)}"
        raise failed(name, "wrong values", case, text, message)


def _bend(x):
    return _slope(x, _slope)


def _scaled(kernel):
    """A kernel with its largest weight set to 1: a factor is free."""
    kernel = np.asarray(kernel, dtype=float)
    return kernel / (np.abs(kernel).max(initial=0) or 1)


# --- corner kernels ------------------------------------------------------------------------


def k11(first):
    """A kernel for one of the four corners."""
    _expect_corner("k11", first, {})


def k12(first, second):
    """A kernel for a corner that k11 hasn't got."""
    _expect_corner("k12", second, {"k11": first})


def k13(first, second, third):
    """A kernel for a corner that k11 and k12 haven't got."""
    _expect_corner("k13", third, {"k11": first, "k12": second})


def k14(first, second, third, fourth):
    """A kernel for the corner that is left."""
    _expect_corner("k14", fourth, {"k11": first, "k12": second, "k13": third})


def _expect_corner(name, kernel, earlier):
    array = _own_weights(name, kernel)
    message = _corner_message(array)
    found = [corner for corner, window in CORNERS.items() if _dot(array, window) > BIAS]
    if not found:
        strongest = max(_dot(array, window) for window in CORNERS.values())
        text = f"expected more than {BIAS} for one of them, got {number(strongest)} at most"
        case = "the four corners of a hollow 4x4 square"
        raise failed(name, "no response", case, text, message)
    if len(found) > 1:
        text = f"expected more than {BIAS} for one of them, got it for: {', '.join(found)}"
        raise failed(name, "wrong response", "the four corners", text, message)
    for case, window in OTHERS.items():
        if _dot(array, window) > BIAS:
            text = f"expected at most {BIAS}, got {number(_dot(array, window))}"
            raise failed(name, "wrong response", case, text, message)
    rng = generator(name)
    for squares in (3, 3, 0, 1):
        image, _ = scene(rng, squares)
        maps = {corner: _corner_map(image, window) for corner, window in CORNERS.items()}
        responses = np.maximum(0, _respond(image[:, :, 0], array) - BIAS)
        case = f"a scene with {squares} squares, after the ReLU; this kernel: {found[0]} corner"
        expect_array(name, responses, maps[found[0]], case=case, looks_like=lambda _: message)
    for other, value in earlier.items():
        if _corner_of(other, value) == found[0]:
            text = f"expected a corner of its own, got the {found[0]} one"
            message = f"the same corner as {other}; each of the four needs a name."
            raise failed(name, "no corner of its own", f"{other} and {name}", text, message)


def _own_weights(name, kernel):
    """As `as_corner_kernel`, and the bank says what a wrong kernel looks like."""
    try:
        return as_corner_kernel(name, kernel)
    except CheckFailed as failure:
        if type(failure) is not CheckFailed:
            raise
        message = _corner_message(as_numbers(name, kernel))
        raise CheckFailed(f"{failure}{hint(message)}") from None


def _corner_message(array):
    """What a wrong kernel looks like: the mistakes are known for one corner, turned to all four."""
    if not np.isfinite(array).all() or array.ndim != 2:
        return None
    for name in ("k11", "k12", "k13", "k14"):
        using = BANK.looks_like(name, using=lambda mistake: _turned(mistake()))
        message = None if _is_right(array) else using(_turned(array))
        if message:
            return message
    return None


def _turned(kernel):
    """The first in order of the eight turned and mirrored copies of a kernel."""
    kernel = np.asarray(kernel, dtype=float)
    copies = [np.rot90(one, k) for one in (kernel, kernel.T) for k in range(4)]
    return min(copies, key=lambda one: (one.shape, one.ravel().tolist()))


def _is_right(array):
    return _corner_of("a kernel", array) is not None


def _corner_of(name, kernel):
    """The corner that a right kernel answers to; None for every other answer."""
    try:
        array = as_corner_kernel(name, kernel)
    except CheckFailed:
        return None
    seen = CORNERS | OTHERS
    found = [case for case, window in seen.items() if _dot(array, window) > BIAS]
    return found[0] if len(found) == 1 and found[0] in CORNERS else None


def _dot(kernel, window):
    return float((kernel * window).sum())


def _respond(image, kernel):
    """Cross-correlation without padding, by scipy."""
    rows, columns = (size - k + 1 for size, k in zip(image.shape, kernel.shape, strict=True))
    origin = [-(k // 2) for k in kernel.shape]
    full = correlate(image, kernel, mode="constant", origin=origin)
    return full[:rows, :columns]


def _corner_map(image, window):
    """What layer 1 gives for a corner after its ReLU: 0.5 where a window is this corner."""
    return 0.5 * (windows(image[:, :, 0], 3) == window).all(axis=(2, 3))


# --- layer 2 -------------------------------------------------------------------------------


def k2(second, *kernels):
    """Above the threshold where each corner is at its place in its map, and nowhere else.

    The corners of the student's kernels say which map is whose. Wrong kernels leave their maps
    open: `k2` may suit any corners that are left. With fewer than two right kernels the corners
    that the wrong ones answer to most count, too.
    """
    case = "its weights"
    got = as_numbers("k2", answered("k2", second), case)
    looks_like = BANK.looks_like("k2")
    array = expect_kernel("k2", got, (2, 2, 4), case, looks_like)
    problems = []
    for corners in _assignments(kernels):
        ordered = array[:, :, [corners.index(corner) for corner in CORNERS]]
        problem = _layer_2_problem(ordered, generator("k2"))
        if problem is None:
            return
        problems.append((ordered, *problem))
    ordered, case, text = problems[0]
    raise failed("k2", "wrong response", case, text, _layer_2_message(ordered, looks_like))


def _assignments(kernels):
    """The ways in which corners may belong to k11 ... k14, as lists of four corners."""
    names = ("k11", "k12", "k13", "k14")
    found = [_corner_of(name, kernel) for name, kernel in zip(names, kernels, strict=True)]
    own = _unshared(found)
    if sum(corner is not None for corner in own) < 2:
        meant = [_meant_corner(name, kernel) for name, kernel in zip(names, kernels, strict=True)]
        own = _unshared([corner or other for corner, other in zip(found, meant, strict=True)])
    if sum(corner is not None for corner in own) < 2:
        text = "the corners of at least two kernels decide which map is whose"
        raise failed("k2", "can't be judged yet", "k11, k12, k13 and k14", text)
    fits = (all(o in (None, c) for o, c in zip(own, order, strict=True)) for order in _orders())
    return [list(order) for order, fit in zip(_orders(), fits, strict=True) if fit]


def _unshared(corners):
    """The corners that one name alone has; None for the others."""
    return [corner if corners.count(corner) == 1 else None for corner in corners]


def _orders():
    return permutations(CORNERS)


def _meant_corner(name, kernel):
    """The corner that a kernel answers to more than to the three others, or None."""
    try:
        array = expect_kernel(name, kernel, (3, 3), "its weights")
    except CheckFailed:
        return None
    answers = {corner: _dot(array, window) for corner, window in CORNERS.items()}
    best = max(answers, key=answers.get)
    return best if list(answers.values()).count(answers[best]) == 1 else None


def _layer_2_problem(kernel, rng):
    """(case, text) of the first thing that is wrong with a kernel whose maps are in our order."""
    whole = [(*start, channel) for channel, start in enumerate(STARTS)]
    names = list(CORNERS)

    def response(places):
        return 0.5 * sum(kernel[place] for place in places)

    if not response(whole) > THRESHOLD:
        text = f"expected above {THRESHOLD}, got {number(response(whole))}"
        return "the four corners of a square at their places", text
    cells = [tuple(int(i) for i in place) for place in np.argwhere(np.ones(kernel.shape))]
    cases = {}
    for place, name in zip(whole, names, strict=True):
        three = [one for one in whole if one != place]
        cases[f"a broken square without its {name} corner"] = three
        for other in cells:
            if other not in whole:
                cases[f"a broken square, and a corner elsewhere: {other}, no {name}"] = [
                    *three,
                    other,
                ]
    for order in permutations(range(4)):
        if order != (0, 1, 2, 3):
            layout = [(*STARTS[place], channel) for channel, place in enumerate(order)]
            cases[f"all four corners, but at other places: {layout}"] = layout
    for case, places in cases.items():
        if response(places) > THRESHOLD:
            return case, f"expected at most {THRESHOLD}, got {number(response(places))}"
    return _problem_on_scenes(kernel, rng)


def _problem_on_scenes(kernel, rng):
    for squares in (3, 2, 0):
        image, places = scene(rng, squares)
        maps = [_corner_map(image, window) for window in CORNERS.values()]
        result = sum(_respond(one, kernel[:, :, c]) for c, one in enumerate(maps))
        found = squares_found(result)
        if found != places:
            return f"the maps of a scene with {squares} squares", f"expected {places}, got {found}"
    return None


def _layer_2_message(ordered, looks_like):
    message = looks_like(ordered)
    if message is None and sorted(ordered.ravel()) == [0] * 12 + [1] * 4:
        message = MESSAGES["wrong_places"]
    return message


# --- the detector --------------------------------------------------------------------------


def detector(*kernels):
    """Every square of unseen scenes is found at its place, and nothing else."""
    first, second = as_layers(*kernels)
    rng = generator("detector")
    broken = ["broken square"] * 5
    for squares in (3, 3, 3, 1, 0, 4):
        for distractors in (KINDS, [*broken, "block", "5x5 box", "corner"]):
            image, places = scene(rng, squares, distractors=distractors)
            maps = [np.maximum(0, _respond(image[:, :, 0], one) - BIAS) for one in first]
            result = sum(_respond(one, second[:, :, c]) for c, one in enumerate(maps))
            _expect_places(result, places)


def _expect_places(result, places):
    case = f"an unseen scene with {len(places)} squares"
    for place in places:
        if not result[place] > THRESHOLD:
            text = f"expected more than {THRESHOLD} at {list(place)}, got {number(result[place])}"
            message = "one of its corners is not seen, or k2 awaits it at another place."
            raise failed("detector", "a square is not found", case, text, message)
    for place in squares_found(result):
        if place not in places:
            text = f"expected at most {THRESHOLD} at {list(place)}, got {number(result[place])}"
            message = "a kernel answers too strongly, or k2 is content with less than four corners."
            raise failed("detector", "found where no square is", case, text, message)


# --- your own filter -----------------------------------------------------------------------


def diagonal_line_kernel(kernel):
    """Three times as strong on 45 degree lines as on others; nothing on an even grey."""
    name, rng = "diagonal_line_kernel", generator("diagonal_line_kernel")
    array = expect_square(name, kernel)
    expect_finite(name, array, "its weights")
    looks_like, size = BANK.looks_like(name), np.abs(array).sum()
    for grey in rng.uniform(0.1, 1, size=3):
        response = np.abs(_respond(np.full((20, 24), grey), array)).max()
        if response > 1e-5 * size:
            case, text = f"an even grey of {number(grey)}", f"expected 0, got {number(response)}"
            raise failed(name, "wrong response", case, text, looks_like(array))
    for _ in range(4):
        grey, contrast = rng.uniform(0, 0.4), rng.uniform(0.3, 0.6)
        lines = _lines(rng, 40)
        strongest = {
            d: np.abs(_respond(grey + contrast * i, array)).max() for d, i in lines.items()
        }
        wanted = strongest.pop("45")
        for direction, other in strongest.items():
            if wanted < (3 - 1e-6) * other or wanted <= 1e-5 * size:
                case = f"a line at 45 degrees and one at {direction}"
                text = f"expected at least 3 times {number(other)}, got {number(wanted)}"
                raise failed(name, "wrong response", case, text, looks_like(array))


def _lines(rng, size):
    """One drawing of one whole line for each direction, at a random place."""
    rising, level = np.eye(size, k=int(rng.integers(-9, 10)))[::-1], np.zeros((2, size, size))
    level[0, rng.integers(16, size - 16)] = level[1, :, rng.integers(16, size - 16)] = 1
    falling = np.eye(size, k=int(rng.integers(-9, 10)))
    return {"45": rising, "0": level[0], "90": level[1], "135": falling}
