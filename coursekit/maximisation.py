"""Activation maximisation: a picture that excites one channel of a net, found by gradient steps.

D. Erhan et al., "Visualizing higher-layer features of a deep network", 2009; regularisers as in
C. Olah et al., "Feature visualization", Distill 2017, and A. Mahendran and A. Vedaldi, 2016.
"""

from dataclasses import dataclass
from typing import Any

PACE = 0.3  # length of a step, in units of the picture before the sigmoid
JITTER = 4  # pixels
BLUR, BLUR_EVERY = 0.7, 4  # pixels, steps
TOTAL_VARIATION, L2 = 0.3, 0.4  # weights of the penalties, beside a gradient of length 1
SOFT = 0.5  # total variation is smooth for differences below: a kink would make steps tremble
NOISE = 0.3  # size of the first picture's pixels, before the sigmoid


@dataclass(frozen=True)
class Found:
    """`start` and `picture`: 3 x H x W arrays from 0 to 1; `activations`: one for each step."""

    start: Any
    picture: Any
    activations: list


def maximise(
    part, channel, size=96, steps=48, *, jitter=False, blur=False, total_variation=False,
    l2=False, frequency=False, prepare=None, seed=0, report=None,
):  # fmt: skip
    """Find a picture for which the mean of one channel is large.

    From noise on, each step goes along the gradient of the mean activation, scaled to the same
    length at every step. The picture is a sigmoid of what is changed, so it stays within 0 to 1.

    Args:
        part: a module, or any function, that takes 1 x 3 x H x W and gives 1 x C x H' x W' or
            1 x C: a net, or the first modules of one. It is used in eval mode and left as it was.
        channel: which of the C.
        size: pixels on a side.
        steps: how many.
        jitter: shift the picture by up to 4 pixels, anew in each step (around the edge).
        blur: smooth the picture every 4 steps (Gaussian, sigma 0.7 pixels).
        total_variation: penalise differences between neighbouring pixels.
        l2: penalise distance from middle gray.
        frequency: take the steps in Fourier space, where a wave of frequency f has weight 1/f:
            large forms come first.
        prepare: what to do to a picture from 0 to 1 before `part` takes it; None for nothing.
        seed: of the noise and the shifts.
        report: called with the number of each finished step; None shows a progress bar.

    Returns:
        A `Found`.

    Raises:
        ValueError: a channel that isn't there, or steps below 1.
    """
    import torch

    if steps < 1:
        raise ValueError(f"steps: expected at least 1, got {steps}")
    random = torch.Generator().manual_seed(seed)
    like = next(iter(getattr(part, "parameters", tuple)()), torch.zeros(()))
    canvas = _Canvas(size, frequency, random, like)
    start, activations = canvas.picture(), []
    with _eval_mode(part), _bar(steps, report) as advance:
        for step in range(1, steps + 1):
            shown = canvas.picture()
            if jitter:
                shift = torch.randint(-JITTER, JITTER + 1, (2,), generator=random).tolist()
                shown = shown.roll(shift, (2, 3))
            activation = _activation(part, channel, shown, prepare)
            canvas.step(activation, TOTAL_VARIATION * total_variation, L2 * l2)
            if blur and step % BLUR_EVERY == 0:
                canvas.blur()
            activations.append(activation.item())
            advance(step)
    as_array = (picture.detach()[0].cpu().numpy() for picture in (start, canvas.picture()))
    return Found(*as_array, activations)


class _Canvas:
    """What is changed: the picture before its sigmoid."""

    def __init__(self, size, frequency, random, like):
        import torch

        rows, columns = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
        frequencies = torch.sqrt(rows**2 + columns**2)
        self.smooth = torch.exp(-2 * (torch.pi * BLUR * frequencies) ** 2).to(like)
        self.weights = None
        if frequency:
            self.weights = (1 / frequencies.clamp(min=1 / size)).to(like)
        noise = torch.randn(1, 3, size, size, generator=random).to(like)
        noise = noise if self.weights is None else _filtered(noise, self.weights)
        self.pixels = (NOISE * noise / _length(noise)).requires_grad_()

    def picture(self):
        return self.pixels.sigmoid()

    def step(self, activation, total_variation, l2):
        import torch

        (uphill,) = torch.autograd.grad(activation, self.pixels)
        if self.weights is not None:  # the same as changing waves that are weighted with 1/f
            uphill = _filtered(uphill, self.weights**2)
        uphill = uphill / (_length(uphill) or 1.0)
        if total_variation or l2:
            penalty = l2 * self.pixels.square().sum() / 2
            for axis in (2, 3):
                steps = self.pixels.diff(dim=axis)
                penalty = penalty + total_variation * (steps.square() + SOFT**2).sqrt().sum()
            uphill = uphill - torch.autograd.grad(penalty, self.pixels)[0]
        with torch.no_grad():
            self.pixels += PACE * uphill

    def blur(self):
        import torch

        with torch.no_grad():
            self.pixels.copy_(_filtered(self.pixels, self.smooth))


def _filtered(pixels, weights):
    """Weight the waves that a picture is made of."""
    import torch

    return torch.fft.irfft2(torch.fft.rfft2(pixels) * weights, s=pixels.shape[2:])


def _length(pixels):
    return pixels.detach().square().mean().sqrt().item()


def _activation(part, channel, picture, prepare):
    answer = part(picture if prepare is None else prepare(picture))
    if not 0 <= channel < answer.shape[1]:
        raise ValueError(f"channel: expected 0 to {answer.shape[1] - 1}, got {channel}")
    return answer[:, channel].mean()


class _eval_mode:
    """Modules in eval mode, each back in its own afterwards; a plain function is left alone."""

    def __init__(self, part):
        self.modes = {one: one.training for one in getattr(part, "modules", tuple)()}

    def __enter__(self):
        for module in self.modes:
            module.training = False

    def __exit__(self, *error):
        for module, mode in self.modes.items():
            module.training = mode


class _bar:
    """A progress bar, unless somebody else wants to be told."""

    def __init__(self, steps, report):
        self.steps, self.report, self.bar = steps, report, None

    def __enter__(self):
        if self.report is not None:
            return self.report
        from tqdm.auto import tqdm

        self.bar = tqdm(total=self.steps, desc="looking for a picture", unit="step")
        return lambda step: self.bar.update()

    def __exit__(self, *error):
        if self.bar is not None:
            self.bar.close()
