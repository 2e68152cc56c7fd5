"""Pretrained nets from every place where weights may lie, and the small net in their place."""

import hashlib
import io
import shutil
import socket
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from support.course import SHARED_DATA
from support.mirror import running_mirror
from torchvision.models import get_model, get_model_weights, squeezenet1_1

from coursekit import nets, photos
from coursekit.nets import NETS, Trained, pretrained, small_net
from coursekit.shapes import SHAPES, cue_conflict, shape_share, shapes_and_textures

WEIGHTS = {name: get_model_weights(name)["IMAGENET1K_V1"] for name in NETS}
SQUEEZENET = WEIGHTS["squeezenet1_1"]
FILE = "squeezenet1_1-b8a52dc0.pth"


@pytest.fixture
def places(monkeypatch, tmp_path):
    """The folders where weights may lie, all empty, and no network."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)

    def fail(*arguments, **_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    return SimpleNamespace(
        torch=tmp_path / "torch" / "hub" / "checkpoints",
        hub=tmp_path / "data" / "hub" / "checkpoints",
        flat=tmp_path / "data",
    )


@pytest.fixture
def stand_in(monkeypatch):
    """Takes the place of the small net where its training isn't the point."""
    one = Trained("small_net", None, None, [], "")
    monkeypatch.setattr(nets, "small_net", lambda: one)
    return one


@pytest.fixture(scope="module")
def weights():
    """(a SqueezeNet's state, the bytes of its file in half precision)."""
    state = {key: part.half() for key, part in squeezenet1_1().state_dict().items()}
    file = io.BytesIO()
    torch.save(state, file)
    return state, file.getvalue()


def put(folder, content, name=FILE):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def is_filled(trained, state):
    loaded = trained.net.state_dict()
    assert all(torch.equal(loaded[key], part.float()) for key, part in state.items())
    assert not trained.net.training
    assert {part.dtype for part in loaded.values()} == {torch.float32}


# --- pretrained ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["torch", "hub", "flat"])
def test_weights_load_from_every_place_without_network(places, weights, place, capsys):
    put(getattr(places, place), weights[1])
    trained = pretrained("squeezenet1_1")
    is_filled(trained, weights[0])
    assert trained.name == "squeezenet1_1"
    assert "SqueezeNet1_1_Weights.IMAGENET1K_V1" in trained.source
    assert len(trained.categories) == 1000
    assert trained.categories[282] == "tiger cat"
    assert capsys.readouterr().out == ""


def test_loading_leaves_every_generator_as_it_is(places, weights):
    put(places.flat, weights[1])
    torch.manual_seed(0)
    before = torch.get_rng_state()
    pretrained("squeezenet1_1")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", NETS)
def test_every_net_takes_the_weights_of_its_file(name, monkeypatch):
    with torch.device("meta"):
        form = get_model(name, weights=None, **NETS[name]).state_dict()
    ones = {key: torch.ones(()).expand(part.shape) for key, part in form.items()}  # no memory
    monkeypatch.setattr(type(WEIGHTS[name]), "get_state_dict", lambda self, **_: ones)
    net = nets._filled(name, WEIGHTS[name], "anywhere")
    assert not net.training
    assert {part.device.type for part in net.state_dict().values()} == {"cpu"}
    assert [part.shape for part in net.parameters()][-1] == (1000,)
    assert getattr(net, "transform_input", None) is (True if name == "inception_v3" else None)


def test_alexnet_is_the_default(places, stand_in, capsys):
    assert pretrained() is stand_in
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.startswith("No weights of alexnet here: download.pytorch.org can't be reached")


def test_unknown_name_lists_the_names():
    with pytest.raises(ValueError, match="'lenet'; choose one of: alexnet, squeezenet1_1, vgg16"):
        pretrained("lenet")


def test_damaged_file_without_network_is_a_reason(places, weights, stand_in, capsys):
    put(places.torch, weights[1][:5000])
    assert pretrained("squeezenet1_1") is stand_in
    line = capsys.readouterr().out
    assert f"{places.torch / FILE} is damaged, " in line
    assert line.count("\n") == 1


@pytest.mark.parametrize("other", [b"", b"<html>", "another net"])
def test_damaged_file_does_not_hide_a_good_one(places, weights, other):
    if other == "another net":
        file = io.BytesIO()
        torch.save({"weight": torch.ones(3)}, file)
        other = file.getvalue()
    put(places.torch, other)
    put(places.flat, weights[1])
    is_filled(pretrained("squeezenet1_1"), weights[0])


@pytest.fixture
def mirror(monkeypatch, places, weights):
    """A server with the weights, under the name that their hash asks for."""
    monkeypatch.undo()  # the network is there again; `places` follows
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    name = f"net-{hashlib.sha256(weights[1]).hexdigest()[:8]}.pth"
    with running_mirror() as one:
        one.name, one.files[name] = name, weights[1]
        monkeypatch.setattr(SQUEEZENET.value, "url", one.url + name)
        yield one


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"TORCH_HOME": "torch"}, "torch"),
        ({"COURSE_DATA": "data"}, "hub"),
        ({"TORCH_HOME": "torch", "COURSE_DATA": "data"}, "torch"),
    ],
)
def test_weights_are_fetched_once_to_the_folder_of_the_variables(
    places, mirror, weights, monkeypatch, variables, place
):
    monkeypatch.setenv("HOME", str(places.flat.parent))
    for variable in ("TORCH_HOME", "COURSE_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable, folder in variables.items():
        monkeypatch.setenv(variable, str(places.flat.parent / folder))
    for _ in range(2):
        is_filled(pretrained("squeezenet1_1"), weights[0])
    assert (getattr(places, place) / mirror.name).read_bytes() == weights[1]
    assert len(mirror.asked) == 1


def test_file_that_is_not_what_its_name_says_is_not_kept(
    places, mirror, monkeypatch, stand_in, capsys
):
    monkeypatch.setenv("TORCH_HOME", str(places.flat.parent / "torch"))
    mirror.files[mirror.name] = b"<html>Please log in</html>"
    assert pretrained("squeezenet1_1") is stand_in
    assert "sent a damaged file" in capsys.readouterr().out
    assert list(places.torch.iterdir()) == []


def test_photo_becomes_a_batch_as_torchvision_prepares_it():
    picture = photos.color("cat")
    trained = Trained("squeezenet1_1", None, SQUEEZENET.transforms(), [], "")
    batch = trained.batch(picture)
    expected = trained.transforms(Image.fromarray(np.uint8(255 * picture + 0.5)))
    assert batch.shape == (1, 3, 224, 224)
    assert (batch[0] - expected).abs().max() < 0.05  # bytes are rounded, and resized otherwise
    gray = trained.batch(photos.gray("cat"))
    assert gray.shape == (1, 3, 224, 224)
    with pytest.raises(ValueError, match="expected H x W x 3"):
        trained.batch(np.zeros((10, 10)))


def test_real_squeezenet_knows_a_cat_and_a_cup(places):
    source = SHARED_DATA / FILE
    if not source.is_file():
        pytest.skip(f"no pretrained net: {source} is not there (SHARED_DATA names its folder)")
    places.flat.mkdir(parents=True)
    shutil.copyfile(source, places.flat / FILE)
    trained = pretrained("squeezenet1_1")
    for photo, name, at_least in (("cat", "tiger cat", 0.3), ("coffee", "espresso", 0.9)):
        with torch.no_grad():
            chances = trained.net(trained.batch(photos.color(photo))).softmax(dim=1)[0]
        assert trained.categories[chances.argmax()] == name
        assert chances.max() > at_least


# --- the small net -------------------------------------------------------------------------


def right(trained, images, labels):
    with torch.no_grad():
        return (trained.net(images).argmax(dim=1) == labels).float().mean()


def share(trained, n=300):
    images, of_shape, of_texture = cue_conflict(n, seed=72)
    with torch.no_grad():
        decisions = trained.net(images).argmax(dim=1)
    return shape_share(decisions, of_shape, of_texture)


@pytest.mark.thorough
def test_small_net_knows_new_pictures_and_goes_by_their_texture(capfd):
    torch.manual_seed(0)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    trained = small_net()
    assert right(trained, *shapes_and_textures(300, seed=71)) > 0.95
    assert share(trained) < 0.2
    assert not trained.net.training
    assert trained.categories == list(SHAPES)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert "training a small net: 100%" in capfd.readouterr().err


@pytest.mark.thorough
def test_small_net_goes_by_shape_where_textures_say_nothing(monkeypatch):
    monkeypatch.setitem(nets.EPOCHS, False, 3)
    monkeypatch.setattr(nets, "_trained_here", nets._trained_here.__wrapped__)
    assert share(small_net(own_texture=False)) > 0.8


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(nets, "PICTURES", 64)
    nets._trained_here.cache_clear()
    yield
    nets._trained_here.cache_clear()


def test_seed_repeats_the_small_net(quick):
    def state(seed):
        nets._trained_here.cache_clear()
        return torch.cat([part.flatten() for part in small_net(seed).net.state_dict().values()])

    assert torch.equal(state(1), state(1))
    assert not torch.equal(state(1), state(2))


def test_each_call_gives_a_net_of_its_own(quick):
    first = small_net()
    kept = first.net.head.weight.detach().clone()
    torch.nn.init.zeros_(first.net.head.weight)
    assert torch.equal(small_net().net.head.weight, kept)


def test_small_net_takes_photos_and_has_named_parts(quick):
    trained = small_net()
    assert trained.batch(photos.color("cat")).shape == (1, 3, 64, 64)
    assert trained.transforms(Image.new("RGB", (100, 80), "white")).min() > 0.999
    assert trained.net.features(torch.zeros(2, 3, 64, 64)).shape == (2, 64, 4, 4)
    images, _ = shapes_and_textures(1)
    assert torch.equal(trained.transforms(images[0]), images[0])


def test_small_net_is_trained_on_the_chosen_device(quick, monkeypatch):
    asked = []
    monkeypatch.setattr(nets, "chosen_device", lambda: asked.append(1) or torch.device("cpu"))
    small_net()
    assert asked
