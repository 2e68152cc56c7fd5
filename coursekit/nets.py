"""Nets that are trained already: torchvision's, or a small one of our own that is trained here."""

import copy
import os
from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.device import chosen_device
from coursekit.downloads import VARIABLE, Unavailable, cache_folder, fetch, has_hash
from coursekit.shapes import SHAPES, SIZE, shapes_and_textures

NETS = {  # name -> what its weights expect of the builder
    "alexnet": {},
    "squeezenet1_1": {},
    "vgg16": {},
    "resnet18": {},
    "inception_v3": {"transform_input": True, "init_weights": False},
}
WEIGHTS = "IMAGENET1K_V1"
PICTURES, BATCH = 1800, 32  # what the small net is trained on
EPOCHS = {True: 4, False: 8}  # without textures of their own the shapes are harder to learn


@dataclass(frozen=True)
class Trained:
    """A trained net and what belongs to it.

    `net`: on the CPU, in eval mode; N x 3 x h x w -> logits N x classes.
    `transforms`: makes 3 x h x w out of a PIL image or a tensor C x H x W.
    `categories`: the names of the classes.
    `name`, `source`: "alexnet", ..., "small_net"; and in words what was loaded or trained.
    """

    name: str
    net: Any
    transforms: Callable
    categories: list
    source: str

    def batch(self, photo):
        """Return a photo, H x W x 3 or H x W x 1 from 0 to 1, as a batch of one for the net.

        Raises:
            ValueError: an array of another shape.
        """
        import torch

        array = np.asarray(photo, dtype=np.float32)
        if array.ndim != 3 or array.shape[2] not in (1, 3):
            raise ValueError(f"photo: expected H x W x 3 or H x W x 1, got shape {array.shape}")
        tensor = torch.from_numpy(array).permute(2, 0, 1).expand(3, -1, -1)
        return self.transforms(tensor)[None]


def pretrained(name="alexnet"):
    """Return a net that torchvision's authors trained on ImageNet's 1,000 classes.

    The weights are those that lie in torch's cache folder (TORCH_HOME names it) or in the
    folder COURSE_DATA; else they are fetched and kept. Where they can't be had, one line says
    why, and `small_net` takes their place.

    Args:
        name: "alexnet" (244 MB), "squeezenet1_1" (5 MB), "vgg16" (554 MB), "resnet18" (47 MB)
            or "inception_v3" (109 MB).

    Returns:
        A `Trained`.

    Raises:
        ValueError: another name.
    """
    if name not in NETS:
        raise ValueError(f"no net is called {name!r}; choose one of: {', '.join(NETS)}")
    from torchvision.models import get_model_weights

    weights = get_model_weights(name)[WEIGHTS]
    try:
        net = _loaded(name, weights)
    except Unavailable as reason:
        print(f"No weights of {name} here: {reason}. Going on with a small net, trained here.")
        return small_net()
    categories = list(weights.meta["categories"])
    source = f"{name}, trained on ImageNet (torchvision's {weights})"
    return Trained(name, net, weights.transforms(), categories, source)


def small_net(seed=0, own_texture=True):
    """Train a small net on our shapes-and-textures pictures, in seconds, with a progress bar.

    It takes pictures 3 x 64 x 64 with values from 0 to 1, as `coursekit.shapes` draws them. Its
    parts are called `features`, `pool`, `flat` and `head`.

    Args:
        seed: of the pictures, the first weights and the order of the batches.
        own_texture: True trains on pictures in which each shape has its own texture, False on
            pictures in which the texture says nothing (see `shapes_and_textures`).

    Returns:
        A `Trained`; the same arguments give a copy of the same net.
    """
    net = copy.deepcopy(_trained_here(seed, bool(own_texture), chosen_device().type))
    kind = "their own" if own_texture else "any"
    source = f"a small net, trained here on {PICTURES:,} pictures of shapes with {kind} texture"
    return Trained("small_net", net, _to_small, list(SHAPES), source)


def _loaded(name, weights):
    """torchvision's net with its weights, from the disk or else the network; or `Unavailable`."""
    file = weights.url.rsplit("/", 1)[1]
    folders, damaged = _checkpoint_folders(), ""
    for folder in folders:
        if (folder / file).is_file():
            try:
                return _filled(name, weights, folder)
            except Exception:  # what reading a damaged file raises can be anything
                damaged = f"{folder / file} is damaged, "
    start = file.rsplit("-", 1)[1].removesuffix(".pth")  # torch's names carry their SHA-256
    try:
        fetch([weights.url], folders[0] / file, lambda path: has_hash(path, "sha256", start))
    except Unavailable as reason:
        raise Unavailable(f"{damaged}{reason}") from None
    return _filled(name, weights, folders[0])


def _checkpoint_folders():
    """Where weights may lie; fetched ones go to the first."""
    import torch

    own, torchs = cache_folder(), Path(torch.hub.get_dir(), "checkpoints")
    first = [torchs, own / "hub" / "checkpoints"]
    if os.environ.get(VARIABLE) and not os.environ.get("TORCH_HOME"):
        first.reverse()
    return [*first, own]


def _filled(name, weights, folder):
    """The net with the weights that lie in a folder."""
    import torch
    from torchvision.models import get_model

    state = weights.get_state_dict(
        model_dir=str(folder), map_location="cpu", weights_only=True, progress=False
    )
    with torch.device("meta"):  # no first weights are drawn, so every generator stays as it is
        net = get_model(name, weights=None, **NETS[name])
    whole = {key: part.float() if part.is_floating_point() else part for key, part in state.items()}
    net.load_state_dict(whole, assign=True)
    return net.eval()


@cache
def _trained_here(seed, own_texture, device):
    """The small net after its training on a device, on the CPU again."""
    import torch
    from torch.nn import functional
    from tqdm.auto import tqdm

    images, labels = shapes_and_textures(PICTURES, seed, own_texture)
    net, order = _new_small_net(seed).to(device), torch.Generator().manual_seed(seed)
    epochs = EPOCHS[own_texture]
    steps = epochs * (PICTURES // BATCH)
    optimizer = torch.optim.Adam(net.parameters())
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    with _one_thread(), tqdm(total=steps, desc="training a small net", unit="step") as bar:
        for _ in range(epochs):
            places = torch.randperm(PICTURES, generator=order)[: PICTURES // BATCH * BATCH]
            for batch in places.view(-1, BATCH):
                loss = functional.cross_entropy(
                    net(images[batch].to(device)), labels[batch].to(device)
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                pace.step()
                bar.update()
    return net.cpu().eval()


def _new_small_net(seed):
    import torch
    from torch import nn

    def block(channels, filters, size, stride):
        convolution = nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False)
        return [convolution, nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2)]

    with torch.random.fork_rng(devices=[]):  # the notebook's own generator stays as it is
        torch.default_generator.manual_seed(seed)
        layers = [*block(3, 16, 7, 2), *block(16, 32, 3, 1), *block(32, 64, 3, 1)]
        parts = [
            ("features", nn.Sequential(*layers)),
            ("pool", nn.AdaptiveAvgPool2d(1)),
            ("flat", nn.Flatten()),
            ("head", nn.Linear(64, len(SHAPES))),
        ]
        return nn.Sequential(OrderedDict(parts))


@contextmanager
def _one_thread():
    """One thread in torch: as quick for a net this small, and the same sums on every computer.

    Several threads that wait for each other on a busy computer can take a hundred times as long.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _to_small(image):
    """A PIL image or a tensor C x H x W as 3 x 64 x 64 float32 from 0 to 1, from the middle."""
    import torch
    from torchvision.transforms import functional

    if not isinstance(image, torch.Tensor):
        image = functional.pil_to_tensor(image)
    image = functional.convert_image_dtype(image, torch.float32)
    image = functional.resize(image, SIZE, antialias=True)
    return functional.center_crop(image, SIZE).clamp(0, 1)
