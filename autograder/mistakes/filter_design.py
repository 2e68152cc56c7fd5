"""Known mistakes of unit 02.

`loses` names the grade cells a mistake fails in an otherwise right notebook. A wrong corner kernel
costs the detector, too, where the detector can't do its work with it; `k2` keeps its points.
"""

import numpy as np

from autograder.mistakes import Bank
from coursekit.checks.filter_design import MESSAGES

BANK = Bank(
    typical=[
        "slope_sign_flipped",
        "theta_in_degrees",
        "spot_not_zero_mean",
        "zeros_instead_of_minus_ones",
        "ones_at_the_wrong_places",
    ]
)


# --- gaussian ------------------------------------------------------------------------------


def density(x):
    """Density of the normal distribution with mean 0 and variance 1."""
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


@BANK.mistake("gaussian", MESSAGES["interval"])
def whole_numbers_sampled(n):
    return density(np.arange(n) - (n - 1) / 2)


@BANK.mistake("gaussian", "the last place is below 3; np.arange leaves the end out.")
def end_left_out(n):
    return density(np.arange(n) * 6 / n - 3)


@BANK.mistake("gaussian", "sampled on [-1, 1]; the interval is [-3, 3].")
def interval_of_one(n):
    return density(np.linspace(-1, 1, n))


@BANK.mistake("gaussian", MESSAGES["variance"])
def variance_forgotten(n):
    x = np.linspace(-3, 3, n)
    return np.exp(-(x**2)) / np.sqrt(2 * np.pi)


@BANK.mistake("gaussian", MESSAGES["density"])
def density_not_normalised(n):
    x = np.linspace(-3, 3, n)
    return np.exp(-(x**2) / 2)


@BANK.mistake("gaussian", MESSAGES["sum_one"])
def samples_sum_to_one(n):
    samples = density(np.linspace(-3, 3, n))
    return samples / samples.sum()


@BANK.mistake("gaussian", "the factor is 1/(2 pi), that of two dimensions; one has its root.")
def factor_of_two_dimensions(n):
    x = np.linspace(-3, 3, n)
    return np.exp(-(x**2) / 2) / (2 * np.pi)


# --- its derivatives -----------------------------------------------------------------------


@BANK.mistake("d_gaussian", MESSAGES["slope_sign"])
def slope_sign_flipped(n):
    x = np.linspace(-3, 3, n)
    return x * density(x)


@BANK.mistake(
    "d_gaussian", "differences of samples (np.gradient); the slope of the formula is asked."
)
def slope_by_differences(n):
    x = np.linspace(-3, 3, n)
    return np.gradient(density(x), x)


@BANK.mistake("d_gaussian", "the difference of neighbours (np.diff) has one number too few.")
def slope_one_short(n):
    return np.diff(density(np.linspace(-3, 3, n)))


@BANK.mistake("d_gaussian", "a factor of 2 is left: the slope of -x^2/2 is -x, not -2x.")
def slope_twice_as_steep(n):
    x = np.linspace(-3, 3, n)
    return -2 * x * density(x)


@BANK.mistake("dd_gaussian", MESSAGES["x_squared"])
def second_without_minus_one(n):
    x = np.linspace(-3, 3, n)
    return x**2 * density(x)


@BANK.mistake("dd_gaussian", MESSAGES["second_sign"])
def second_sign_flipped(n):
    x = np.linspace(-3, 3, n)
    return (1 - x**2) * density(x)


@BANK.mistake("dd_gaussian", "the first derivative, not the second.")
def first_for_second(n):
    x = np.linspace(-3, 3, n)
    return -x * density(x)


# --- oriented_edge -------------------------------------------------------------------------


def grid(n):
    """x to the right and y upwards, each n x n, from -3 to 3."""
    side = np.linspace(-3, 3, n)
    return np.meshgrid(side, -side)


def slope_along(n, theta):
    """A derivative of an isotropic Gaussian that rises in the direction theta, n x n."""
    x, y = grid(n)
    return (x * np.cos(theta) + y * np.sin(theta)) * np.exp(-(x**2 + y**2) / 2)


@BANK.mistake(
    "oriented_edge", "theta is taken as degrees; it is in radians.", "oriented_edge_angle"
)
def theta_in_degrees(n, theta):
    return slope_along(n, np.deg2rad(theta))


@BANK.mistake(
    "oriented_edge", "sine and cosine are swapped: x goes with the cosine.", "oriented_edge_angle"
)
def sine_and_cosine_swapped(n, theta):
    x, y = grid(n)
    return (x * np.sin(theta) + y * np.cos(theta)) * np.exp(-(x**2 + y**2) / 2)


@BANK.mistake("oriented_edge", MESSAGES["rows_down"], "oriented_edge_angle")
def rows_taken_as_upwards(n, theta):
    side = np.linspace(-3, 3, n)
    x, y = np.meshgrid(side, side)
    return (x * np.cos(theta) + y * np.sin(theta)) * np.exp(-(x**2 + y**2) / 2)


@BANK.mistake("oriented_edge", MESSAGES["edge_sign"], "oriented_edge_angle")
def bright_to_dark(n, theta):
    return -slope_along(n, theta)


@BANK.mistake(
    "oriented_edge",
    "theta is taken along the edge; it points across, from dark to bright.",
    "oriented_edge_angle",
)
def along_the_edge(n, theta):
    return slope_along(n, theta + np.pi / 2)


@BANK.mistake(
    "oriented_edge", "theta is not used: every angle gives the same filter.", "oriented_edge_angle"
)
def theta_ignored(n, theta):
    return slope_along(n, 0)


@BANK.mistake(
    "oriented_edge",
    "a filter for lines: the same on both sides of the middle; an edge needs a minus side "
    "(a sine in place of the cosine).",
    "oriented_edge_angle",
)
def cosine_for_sine(n, theta):
    x, y = grid(n)
    wave = np.cos(np.pi / 3 * (x * np.cos(theta) + y * np.sin(theta)))
    kernel = wave * np.exp(-(x**2 + y**2) / 2)
    return kernel - kernel.mean()


@BANK.mistake("oriented_edge", MESSAGES["not_zero_mean"], "oriented_edge_shape")
def edge_not_zero_mean(n, theta):
    return np.maximum(0, slope_along(n, theta))


@BANK.mistake(
    "oriented_edge",
    "n is taken as a radius; it is the number of rows.",
    "oriented_edge_shape",
    "oriented_edge_angle",
)
def size_as_radius(n, theta):
    return slope_along(2 * n + 1, theta)


# --- laplacian_of_gaussian -----------------------------------------------------------------


def laplacian(n):
    """Second derivatives of an isotropic Gaussian in x and y, added up, n x n."""
    x, y = grid(n)
    r2 = x**2 + y**2
    return (r2 - 2) * np.exp(-r2 / 2) / (2 * np.pi)


@BANK.mistake("laplacian_of_gaussian", MESSAGES["not_zero_mean"])
def spot_not_zero_mean(n):
    return laplacian(n)


@BANK.mistake("laplacian_of_gaussian", MESSAGES["spot_sign"])
def spot_sign_flipped(n):
    return laplacian(n).mean() - laplacian(n)


@BANK.mistake(
    "laplacian_of_gaussian",
    "the second derivatives in x and y are multiplied; the Laplacian adds them up.",
)
def second_derivatives_multiplied(n):
    x = np.linspace(-3, 3, n)
    second = (x**2 - 1) * density(x)
    kernel = np.outer(second, second)
    return kernel - kernel.mean()


@BANK.mistake(
    "laplacian_of_gaussian", "the second derivative in one direction only: a line filter."
)
def one_direction_only(n):
    x = np.linspace(-3, 3, n)
    kernel = np.outer((x**2 - 1) * density(x), density(x))
    return kernel - kernel.mean()


@BANK.mistake(
    "laplacian_of_gaussian", "x^2 + y^2 - 1; each of the two directions brings its own - 1."
)
def minus_one_once(n):
    x, y = grid(n)
    r2 = x**2 + y**2
    kernel = (r2 - 1) * np.exp(-r2 / 2)
    return kernel - kernel.mean()


@BANK.mistake("laplacian_of_gaussian", "a profile of n numbers; the kernel is n x n.")
def profile_for_kernel(n):
    x = np.linspace(-3, 3, n)
    return (x**2 - 1) * density(x)


# --- corner kernels ------------------------------------------------------------------------


@BANK.mistake("k11", MESSAGES["ink_only"], is_value=True)
def zeros_instead_of_minus_ones():
    return np.array([[1, 1, 1], [1, 0, 0], [1, 0, 0]])


@BANK.mistake(
    "k11",
    "a larger weight gives a larger response, also to shapes with the heavy pixel alone.",
    "k11",
    "detector",
    is_value=True,
)
def weight_of_two():
    return np.array([[2, 1, 1], [1, -1, -1], [1, -1, -1]])


@BANK.mistake(
    "k11",
    "a 2x2 corner in a 3x3 frame: three pixels of ink can't give more than 3.",
    "k11",
    "detector",
    is_value=True,
)
def small_corner_padded():
    return np.array([[1, 1, 0], [1, -1, 0], [0, 0, 0]])


@BANK.mistake(
    "k11",
    "the corner stands in the middle of the window; there it has three pixels only.",
    "k11",
    "detector",
    is_value=True,
)
def corner_in_the_middle():
    return np.array([[-1, -1, -1], [-1, 1, 1], [-1, 1, -1]])


@BANK.mistake(
    "k11",
    "the signs are the wrong way round: +1 belongs where the ink is.",
    "k11",
    "detector",
    is_value=True,
)
def signs_swapped():
    return np.array([[-1, -1, -1], [-1, 1, 1], [-1, 1, 1]])


@BANK.mistake(
    "k12",
    "the same corner as k12; each of the four needs a name.",
    "k13",
    "detector",
    is_value=True,
)
def second_kernel_transposed():
    return np.array([[1, 1, 1], [-1, -1, 1], [-1, -1, 1]]).T


@BANK.mistake(
    "k12",
    "the same corner as k11; each of the four needs a name.",
    "k12",
    "detector",
    is_value=True,
)
def second_kernel_like_the_first():
    return np.array([[1, 1, 1], [1, -1, -1], [1, -1, -1]])


@BANK.mistake(
    "k13",
    "a mean of the pixels: the weights are -1, 0 and 1, their sum is not divided.",
    "k13",
    "detector",
    is_value=True,
)
def weights_of_a_mean():
    return np.array([[1, -1, -1], [1, -1, -1], [1, 1, 1]]) / 9


@BANK.mistake(
    "k13",
    "one side of the corner only: a filter for a line at the rim of the window.",
    "k13",
    "detector",
    is_value=True,
)
def one_side_only():
    return np.array([[1, -1, -1], [1, -1, -1], [1, -1, -1]])


@BANK.mistake(
    "k14", "ones everywhere: it counts ink, whatever its shape.", "k14", "detector", is_value=True
)
def ink_counted():
    return np.ones((3, 3))


@BANK.mistake(
    "k14", "2x2 corners fit crosses and blocks as well.", "k14", "detector", is_value=True
)
def two_by_two_corner():
    return np.array([[-1, 1], [1, 1]])


# --- k2 ------------------------------------------------------------------------------------


def ones_at(places):
    """2 x 2 x 4 zeros with a one at each (row, column, map)."""
    kernel = np.zeros((2, 2, 4))
    for place in places:
        kernel[place] = 1
    return kernel


@BANK.mistake("k2", MESSAGES["any_place"], is_value=True)
def ones_everywhere():
    return np.ones((2, 2, 4))


@BANK.mistake("k2", MESSAGES["wrong_places"], "k2", "detector", is_value=True)
def ones_at_the_wrong_places():
    return ones_at([(0, 0, 0), (1, 0, 1), (0, 1, 2), (1, 1, 3)])


@BANK.mistake(
    "k2",
    "turned by half: each corner stands at the place of the opposite one (a flip too many).",
    "k2",
    "detector",
    is_value=True,
)
def turned_by_half():
    return ones_at([(1, 1, 0), (1, 0, 1), (0, 1, 2), (0, 0, 3)])


@BANK.mistake(
    "k2",
    "all four corners are awaited at one place; a square has them at four.",
    "k2",
    "detector",
    is_value=True,
)
def one_place_for_all():
    return ones_at([(0, 0, channel) for channel in range(4)])


@BANK.mistake("k2", MESSAGES["channels_first"], "k2", "detector", is_value=True)
def channels_first():
    return np.moveaxis(ones_at([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3)]), 2, 0)


@BANK.mistake("k2", MESSAGES["three_corners"], "k2", "detector", is_value=True)
def weights_too_large():
    return 1.5 * ones_at([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3)])


@BANK.mistake(
    "k2",
    "the mean of the four corners: 0.5 never passes the threshold; take their sum.",
    "k2",
    "detector",
    is_value=True,
)
def mean_of_the_corners():
    return ones_at([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3)]) / 4


@BANK.mistake(
    "k2",
    "one corner is missing: three of them give 1.5 and stay below the threshold.",
    "k2",
    "detector",
    is_value=True,
)
def three_ones():
    return ones_at([(0, 0, 0), (0, 1, 1), (1, 0, 2)])


# --- diagonal_line_kernel ------------------------------------------------------------------


@BANK.mistake("diagonal_line_kernel", MESSAGES["other_diagonal"], is_value=True)
def falling_diagonal():
    return np.array([[2, -1, -1], [-1, 2, -1], [-1, -1, 2]])


@BANK.mistake("diagonal_line_kernel", MESSAGES["not_zero_mean"], is_value=True)
def diagonal_not_zero_mean():
    return np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])


@BANK.mistake(
    "diagonal_line_kernel",
    "an edge along the diagonal, with a minus side; a line has the same on both its sides.",
    is_value=True,
)
def diagonal_edge():
    return np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]])


@BANK.mistake("diagonal_line_kernel", "a filter for horizontal lines.", is_value=True)
def horizontal_for_diagonal():
    return np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])


@BANK.mistake(
    "diagonal_line_kernel",
    "the minus stands in two corners only; it has to be all around the line.",
    is_value=True,
)
def minus_in_two_corners():
    return np.array([[-3, 0, 2], [0, 2, 0], [2, 0, -3]])
