"""Unit 05: right answers of many kinds pass, and every expected map has a second source."""

import ast
import importlib
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from support.course import COURSE, ROOT, automatic
from support.units import grade_in_process, namespace

from autograder.engine.seeds import seeded
from autograder.hidden import feature_visualization as hidden
from autograder.mistakes.feature_visualization import BANK
from autograder.report.rows import questions
from coursekit.checks import feature_visualization as checks
from coursekit.checks import fixtures
from coursekit.checks.core import CheckFailed

UNIT = COURSE.unit("feature_visualization")
IMPORTS = (
    "import copy\nimport numpy as np\nimport torch\nfrom torch import nn\n"
    "import torch.nn.functional as F\n"
)
QUESTIONS = {
    "filters_to_images": ["filters_scaled", "filters_constant"],
    "response_maps": ["response_values", "response_mode", "response_clean"],
    "top_k": ["top_k"],
    "occlusion_map": ["occlusion_places", "occlusion_values", "occlusion_fill"],
    "saliency": ["saliency_values", "saliency_batch"],
    "smoothgrad": ["smoothgrad_mean", "smoothgrad_noise"],
    "grad_cam": ["grad_cam_values", "grad_cam_relu", "grad_cam_upsampled"],
    "guided_backprop": ["guided_values", "guided_clean"],
    "fgsm": ["fgsm"],
}


def lost_with(answer, source):
    """Questions that an answer, given as source, loses, with the messages."""
    names = {}
    exec(IMPORTS + source, names)
    lost = {}
    for question in QUESTIONS[answer]:
        try:
            getattr(hidden, question)(names[answer])
        except CheckFailed as failure:
            lost[question] = str(failure)
    return lost


# --- right answers of other kinds ----------------------------------------------------------

RIGHT = {
    "filters_to_images, loop": """
def filters_to_images(weight):
    images = []
    for one in weight.detach():
        low, high = one.min(), one.max()
        same = low == high
        images.append(torch.full_like(one, 0.5) if same else (one - low) / (high - low))
    return torch.stack(images)
""",
    "filters_to_images, numpy": """
def filters_to_images(weight):
    flat = weight.detach().numpy().reshape(len(weight), -1).astype(float)
    low, span = flat.min(1)[:, None], np.ptp(flat, axis=1)[:, None]
    with np.errstate(invalid="ignore"):
        scaled = np.where(span == 0, 0.5, (flat - low) / span)
    return scaled.reshape(weight.shape)
""",
    "filters_to_images, nan_to_num": """
def filters_to_images(weight):
    w = weight.detach().clone()
    w -= w.amin((1, 2, 3), keepdim=True)
    return (w / w.amax((1, 2, 3), keepdim=True)).nan_to_num(nan=0.5)
""",
    "response_maps, hook": """
def response_maps(net, layer, x):
    kept, mode = [], net.training
    handle = net[layer - 1].register_forward_hook(lambda m, i, output: kept.append(output.clone()))
    net.eval()
    with torch.no_grad():
        net(x)
    handle.remove()
    net.train(mode)
    return kept[0]
""",
    "response_maps, copy": """
def response_maps(net, layer, x):
    part = nn.Sequential(*list(copy.deepcopy(net).children())[:layer]).eval()
    return part(x).detach()
""",
    "response_maps, loop": """
@torch.inference_mode()
def response_maps(net, layer, x):
    modes = [module.training for module in net.modules()]
    net.eval()
    for module in list(net)[:layer]:
        x = module(x)
    for module, mode in zip(net.modules(), modes):
        module.training = mode
    return x.clone()
""",
    "top_k, numpy": """
def top_k(logits, k):
    z = logits.numpy().astype(float)
    p = np.exp(z - z.max())
    p /= p.sum()
    order = sorted(range(len(z)), key=lambda i: (-z[i], i))[:k]
    return np.array([[i, p[i]] for i in order])
""",
    "top_k, log_softmax": """
def top_k(logits, k):
    p = F.log_softmax(logits, -1).exp()
    values, order = torch.sort(logits, descending=True, stable=True)
    return [[order[i], p[order[i]]] for i in range(k)]
""",
    "occlusion_map, one batch": """
def occlusion_map(net, x, target, patch, stride, fill):
    rows = list(range(0, x.shape[2] - patch + 1, stride))
    columns = list(range(0, x.shape[3] - patch + 1, stride))
    batch = x.repeat(len(rows) * len(columns), 1, 1, 1)
    for n in range(len(batch)):
        i, j = rows[n // len(columns)], columns[n % len(columns)]
        batch[n, :, i:i + patch, j:j + patch] = fill
    with torch.no_grad():
        after = F.softmax(net(batch), 1)[:, target].reshape(len(rows), len(columns))
        return F.softmax(net(x), 1)[0, target] - after
""",
    "occlusion_map, covers and restores": """
def occlusion_map(net, x, target, patch, stride, fill):
    kept = x.clone()
    before = net(x).softmax(1)[0, target].item()
    result = []
    for i in range((x.shape[2] - patch) // stride + 1):
        result.append([])
        for j in range((x.shape[3] - patch) // stride + 1):
            x[..., i * stride:i * stride + patch, j * stride:j * stride + patch] = fill
            result[-1].append(before - net(x).softmax(1)[0, target].item())
            x.copy_(kept)
    return result
""",
    "saliency, backward": """
def saliency(net, x, target):
    x = x.clone().detach().requires_grad_(True)
    net.zero_grad()
    net(x)[:, target].sum().backward()
    return x.grad.abs().max(dim=1).values
""",
    "saliency, image by image": """
def saliency(net, x, target):
    maps = []
    for one in x.detach():
        one = one[None].clone().requires_grad_()
        net(one)[0, target].backward()
        maps.append(one.grad[0].abs().amax(0))
    return torch.stack(maps)
""",
    "saliency, weighted backward": """
def saliency(net, x, target):
    x = x.detach().clone().requires_grad_()
    logits = net(x)
    weights = torch.zeros_like(logits)
    weights[:, target] = 1
    logits.backward(weights)
    return x.grad.abs().amax(1).numpy()
""",
    "smoothgrad, one batch": """
def smoothgrad(net, x, target, n, sigma, generator):
    noise = [torch.randn(x.shape, generator=generator) for _ in range(n)]
    batch = torch.cat([x + sigma * one for one in noise]).requires_grad_()
    (g,) = torch.autograd.grad(net(batch)[:, target].sum(), batch)
    return g.reshape(n, *x.shape).mean(0).abs().amax(1)
""",
    "smoothgrad, normal": """
def smoothgrad(net, x, target, n, sigma, generator):
    mean = 0
    for k in range(n):
        noisy = x + torch.normal(0.0, 1.0, x.shape, generator=generator) * sigma
        noisy = noisy.detach().requires_grad_()
        net(noisy)[:, target].sum().backward()
        mean = mean + noisy.grad / n
    return mean.abs().max(1)[0]
""",
    "grad_cam, hook": """
def grad_cam(net, layer, x, target):
    kept = []
    handle = net[layer - 1].register_forward_hook(lambda m, i, out: kept.append(out))
    score = net(x.detach().clone().requires_grad_())[:, target].sum()
    handle.remove()
    (g,) = torch.autograd.grad(score, kept[0])
    cam = torch.einsum("nkhw,nk->nhw", kept[0], g.mean((2, 3))).clamp(min=0).detach()
    return nn.Upsample(tuple(x.shape[2:]), mode="bilinear")(cam[:, None])[:, 0]
""",
    "grad_cam, loops": """
def grad_cam(net, layer, x, target):
    cams = []
    for one in x:
        maps = net[:layer](one[None]).detach().requires_grad_()
        net[layer:](maps)[0, target].backward()
        cam = torch.zeros(maps.shape[2:])
        for k in range(maps.shape[1]):
            cam += maps.grad[0, k].mean() * maps[0, k].detach()
        cam = F.interpolate(cam.relu()[None, None], x.shape[2:], mode="bilinear")
        cams.append(cam[0, 0])
    return torch.stack(cams)
""",
    "guided_backprop, copy": """
class Guided(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.relu()
    @staticmethod
    def backward(ctx, g):
        return g.relu() * (ctx.saved_tensors[0] > 0)

class GuidedReLU(nn.Module):
    def forward(self, x):
        return Guided.apply(x)

def swap(module):
    for name, child in module.named_children():
        if isinstance(child, nn.ReLU):
            setattr(module, name, GuidedReLU())
        else:
            swap(child)

def guided_backprop(net, x, target):
    net = copy.deepcopy(net)
    swap(net)
    x = x.detach().clone().requires_grad_()
    net(x)[:, target].sum().backward()
    return x.grad
""",
    "guided_backprop, backward hooks": """
def guided_backprop(net, x, target):
    def cut(module, entering, leaving):
        return (entering[0].clamp(min=0),)
    handles = [m.register_full_backward_hook(cut) for m in net.modules() if type(m) is nn.ReLU]
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(net(x)[:, target].sum(), x)
    for handle in handles:
        handle.remove()
    return g
""",
    "guided_backprop, replaced and put back": """
def guided_backprop(net, x, target):
    relus = [m for m in net.modules() if isinstance(m, nn.ReLU)]
    def forward(y):
        out = F.relu(y)
        out.register_hook(F.relu)
        return out
    for relu in relus:
        relu.forward = forward
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(net(x)[:, target].sum(), x)
    for relu in relus:
        del relu.forward
    return g
""",
    "fgsm, backward": """
def fgsm(net, x, target, eps):
    x = x.clone().requires_grad_()
    nn.CrossEntropyLoss()(net(x), torch.tensor([target] * len(x))).backward()
    with torch.no_grad():
        return torch.clip(x + eps * torch.sign(x.grad), 0, 1)
""",
    "fgsm, log_softmax": """
def fgsm(net, x, target, eps):
    x = x.detach().clone().requires_grad_()
    score = net(x).log_softmax(1)[:, target].sum()
    (g,) = torch.autograd.grad(score, x)
    return torch.minimum(torch.maximum(x - eps * g.sign(), torch.tensor(0)), torch.tensor(1))
""",
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", [1, 2])
def test_independent_right_answer_gets_full_marks(name, seed):
    with seeded(seed):
        assert lost_with(name.split(",")[0], RIGHT[name]) == {}


def test_every_answer_has_two_other_right_ways():
    ways = [name.split(",")[0] for name in RIGHT]
    assert min(ways.count(answer) for answer in QUESTIONS) == 2


@pytest.mark.parametrize("name", RIGHT)
def test_visible_check_passes_a_right_answer(name, capsys):
    names, answer = {}, name.split(",")[0]
    exec(IMPORTS + RIGHT[name], names)
    for check in [answer, *QUESTIONS[answer]]:
        getattr(checks, check)(names[answer])
        assert "public checks passed" in capsys.readouterr().out


# --- wrong in ways that are nobody's mistake -----------------------------------------------

NUMBERS = [name for name in QUESTIONS if name not in ("top_k", "response_maps")]


@pytest.mark.parametrize("bad", ["nan", "inf"])
@pytest.mark.parametrize("answer", NUMBERS)
def test_nan_and_infinity_lose_every_question(answer, bad):
    way = next(name for name in RIGHT if name.startswith(answer))
    source = RIGHT[way] + f"right = {answer}\ndef {answer}(*a):\n"
    source += f"    return torch.as_tensor(right(*a)) * 0 + float('{bad}')"
    lost = lost_with(answer, source)
    assert set(lost) == set(QUESTIONS[answer])


@pytest.mark.parametrize("answer", QUESTIONS)
@pytest.mark.parametrize(
    "returned", ["'text'", "None", "[[1, 2], [3]]", "torch.zeros(2, 2)", "object()", "(1, 2, 3)"]
)
def test_odd_result_gets_a_message_and_never_breaks_the_test(answer, returned):
    lost = lost_with(answer, f"def {answer}(*a):\n    return {returned}")
    assert set(lost) == set(QUESTIONS[answer])
    assert all(message.startswith(f"{answer}: ") for message in lost.values())


@pytest.mark.parametrize("answer", QUESTIONS)
def test_exception_is_told_with_the_case(answer):
    lost = lost_with(answer, f"def {answer}(*a):\n    raise KeyError('here')")
    assert set(lost) == set(QUESTIONS[answer])
    assert all("your code raised KeyError: 'here'" in message for message in lost.values())


@pytest.mark.parametrize("number", [0.0, 0.5])
@pytest.mark.parametrize("answer", NUMBERS)
def test_constant_of_the_right_shape_loses_every_question(answer, number):
    """Tests that compare an answer with itself have to see that there is nothing in it."""
    way = next(name for name in RIGHT if name.startswith(answer))
    source = RIGHT[way] + f"right = {answer}\ndef {answer}(*a):\n"
    source += f"    return torch.as_tensor(right(*a)) * 0 + {number}"
    assert set(lost_with(answer, source)) == set(QUESTIONS[answer])


JUNK = {  # answers of the right shape that depend on their input and do nothing of the task
    "filters_to_images": "return weight.sigmoid()",
    "response_maps": "return x.detach()",
    "top_k": "return [(int(i), 1 / k) for i in range(k)]",
    "occlusion_map": (
        "places = [(size - patch) // stride + 1 for size in x.shape[2:]]\n    "
        "return x.sum() + torch.arange(places[0] * places[1]).reshape(places)"
    ),
    "saliency": "return x.abs().amax(1)",
    "smoothgrad": "return (x + sigma * torch.randn(x.shape, generator=generator)).amax(1)",
    "grad_cam": "return (x - x.mean()).clamp(min=0).amax(1)",
    "guided_backprop": "return x.clone()",
    "fgsm": "return (x + eps).clamp(0, 1)",
}
ARGUMENTS = {
    "filters_to_images": "weight", "response_maps": "net, layer, x", "top_k": "logits, k",
    "occlusion_map": "net, x, target, patch, stride, fill", "saliency": "net, x, target",
    "smoothgrad": "net, x, target, n, sigma, generator", "grad_cam": "net, layer, x, target",
    "guided_backprop": "net, x, target", "fgsm": "net, x, target, eps",
}  # fmt: skip


@pytest.mark.parametrize("answer", QUESTIONS)
def test_answer_that_leaves_everything_in_order_but_computes_something_else_gets_nothing(answer):
    source = f"def {answer}({ARGUMENTS[answer]}):\n    {JUNK[answer]}"
    assert set(lost_with(answer, source)) == set(QUESTIONS[answer])


def test_frozen_parameters_are_noticed():
    source = RIGHT["guided_backprop, backward hooks"].replace(
        "    return g\n", "    net.requires_grad_(False)\n    return g\n"
    )
    assert set(lost_with("guided_backprop", source)) == {"guided_clean"}


def test_changed_statistics_are_noticed():
    source = """
def response_maps(net, layer, x):
    mode = net.training
    with torch.no_grad():
        net.train()
        net(x)
        net.eval()
        maps = net[:layer](x)
    net.train(mode)
    return maps
"""
    assert {"response_mode", "response_clean"} <= set(lost_with("response_maps", source))


# --- the references, against captum and against differences --------------------------------


def prepared(seed, count=2, h=6, w=8):
    """A random net in eval mode, the parts to make it again, images and a target."""
    rng = np.random.default_rng(seed)
    net = hidden._nested(rng, h, w)
    x = hidden.random_input(rng, count, 3, h, w)
    return fixtures.net(*net), net, x, int(rng.integers(5))


def close(one, other, tolerance=1e-5):
    np.testing.assert_allclose(
        np.asarray(one.detach()), np.asarray(other.detach()), rtol=1e-4, atol=tolerance
    )


@pytest.fixture(params=range(3))
def case(request):
    return prepared(request.param)


def test_reference_gradient_is_captums(case):
    attr = importlib.import_module("captum.attr")
    model, net, x, target = case
    theirs = attr.Saliency(model).attribute(x.clone().requires_grad_(), target, abs=False)
    close(hidden._gradient(net, x, target), theirs)


def test_reference_gradient_is_the_slope(case):
    model, net, x, target = case
    model, x = model.double(), x.double()
    gradient = hidden._slopes(model, x, target)
    rng = np.random.default_rng(0)
    for _ in range(10):
        n, c, i, j = (int(rng.integers(size)) for size in x.shape)
        step = torch.zeros_like(x)
        step[n, c, i, j] = 1e-7
        with torch.no_grad():
            slope = (model(x + step) - model(x - step))[n, target] / 2e-7
        assert slope.item() == pytest.approx(gradient[n, c, i, j].item(), abs=1e-5)


def test_reference_of_guided_backpropagation_is_captums(case):
    attr = importlib.import_module("captum.attr")
    model, net, x, target = case
    with pytest.warns(UserWarning, match="hooks on ReLU"):
        theirs = attr.GuidedBackprop(model).attribute(x.clone().requires_grad_(), target)
    close(hidden._guided(net, x, target), theirs)


@pytest.mark.parametrize("layer", [3, 4, 5, 7])
def test_reference_of_grad_cam_is_captums(case, layer):
    attr = importlib.import_module("captum.attr")
    model, net, x, target = case
    method = attr.LayerGradCam(model, model[layer - 1])
    theirs = method.attribute(x.clone().requires_grad_(), target, relu_attributions=True)
    ours = hidden._weighted_sum(net, layer, x, target).clamp(min=0)
    close(ours[:, None], theirs)
    large = attr.LayerAttribution.interpolate(theirs, tuple(x.shape[2:]), "bilinear")
    names = {}
    exec(IMPORTS + RIGHT["grad_cam, hook"], names)
    close(names["grad_cam"](model, layer, x, target), large[:, 0])


@pytest.mark.parametrize("patch", [1, 2])
def test_reference_of_occlusion_is_captums(case, patch):
    attr = importlib.import_module("captum.attr")
    model, net, x, target = case
    method = attr.Occlusion(lambda batch: model(batch).softmax(1))
    with torch.no_grad():
        theirs = method.attribute(
            x[:1], (3, patch, patch), (3, patch, patch), target=target, baselines=0
        )
    drops = torch.tensor(hidden._occluded(model, x[:1], target, patch))
    pixels = drops.repeat_interleave(patch, 0).repeat_interleave(patch, 1)
    close(pixels.expand(3, -1, -1), theirs[0])


def test_smoothgrad_is_captums_noise_tunnel(case):
    attr = importlib.import_module("captum.attr")
    model, net, x, target = case
    tunnel = attr.NoiseTunnel(attr.Saliency(model))
    torch.manual_seed(0)
    theirs = tunnel.attribute(
        x, nt_type="smoothgrad", nt_samples=4000, nt_samples_batch_size=500, stdevs=0.3,
        target=target, abs=False,
    )  # fmt: skip
    names = {}
    exec(IMPORTS + RIGHT["smoothgrad, one batch"], names)
    ours = names["smoothgrad"](model, x, target, 4000, 0.3, fixtures.rng(1))
    theirs = theirs.abs().amax(1)
    assert (ours - theirs).abs().max() < 0.1 * theirs.max()


def test_fgsm_is_captums(case):
    robust = importlib.import_module("captum.robust")
    model, net, x, target = case
    x = x.sigmoid()
    loss = nn.CrossEntropyLoss(reduction="none")
    method = robust.FGSM(model, loss_func=loss, lower_bound=0.0, upper_bound=1.0)
    theirs = method.perturb(x.clone(), 0.1, torch.full((len(x),), target))
    names = {}
    exec(IMPORTS + RIGHT["fgsm, log_softmax"], names)
    close(names["fgsm"](model, x, target, 0.1), theirs)


# --- visible checks and the bank -----------------------------------------------------------


def test_visible_checks_name_the_mistakes_whose_words_they_hold(capsys):
    known = [mistake for mistake in BANK if mistake.message in checks.MESSAGES.values()]
    assert {mistake.message for mistake in known} == set(checks.MESSAGES.values())
    for mistake in known:
        getattr(checks, mistake.answer)(mistake.function)
        assert mistake.message in capsys.readouterr().out, mistake.name


def test_numbers_of_the_visible_grad_cam_are_torchs():
    maps = F.max_pool2d(torch.tensor(checks.CAM_INPUT), 2)
    assert maps.tolist() == [[[[4, 0]], [[1, 2]]]]
    weights = torch.tensor(checks.CAM_ROWS[1], dtype=float).reshape(2, 2).mean(1)
    assert weights.tolist() == [2, -1]
    total = torch.einsum("k,khw->hw", weights, maps[0].double())
    for expected, low in ((checks.CAM, total.relu()), (checks.CAM_SIGNED, total)):
        large = F.interpolate(low[None, None], (2, 4), mode="bilinear")[0]
        assert large.tolist() == expected


def test_nested_net_of_the_fixtures_has_its_parts():
    layers = [["Sequential", ["ReLU"], ["Sequential", ["Conv2d", 1, 2, 3]]], ["Flatten"]]
    made = fixtures.net(layers)
    assert [type(part) for part in made] == [nn.Sequential, nn.Flatten]
    assert isinstance(made[0][1][0], nn.Conv2d)
    assert not any(module.training for module in made.modules())


def test_marks_count_what_a_call_can_leave_on_a_net():
    net = fixtures.net([["Linear", 2, 1], ["ReLU"]])
    clean = {"training": [False] * 3, "hooks": 0, "gradients": 0, "frozen": 0}
    assert fixtures.marks(net) == clean
    net[1].register_forward_hook(lambda *_: None)
    net[0].register_full_backward_hook(lambda *_: None)
    net(torch.ones(1, 2, requires_grad=True)).sum().backward()
    net[0].bias.requires_grad_(False)
    net[0].train()
    assert fixtures.marks(net) == {
        "training": [False, True, False], "hooks": 2, "gradients": 2, "frozen": 1
    }  # fmt: skip


# --- the notebook --------------------------------------------------------------------------


def cell(name):
    cells = nbformat.read(UNIT.source, as_version=4).cells
    return next(one.source for one in cells if one.id == name)


@pytest.mark.parametrize("name", ["alexnet", "squeezenet1_1", "resnet18", "inception_v3"])
def test_net_in_a_row_gives_the_logits_of_the_whole_net(name):
    from torchvision.models import get_model, get_model_weights

    options = {"init_weights": False} if name == "inception_v3" else {}
    torch.manual_seed(0)
    net = get_model(name, weights=None, **options).eval()
    if name == "inception_v3":
        net.transform_input = True
    transforms = get_model_weights(name)["IMAGENET1K_V1"].transforms()
    names = {"trained": SimpleNamespace(name=name, net=net, transforms=transforms)}
    exec(IMPORTS + cell("row"), names)
    exec(cell("row-net"), names)
    side = 75 if name == "inception_v3" else 64
    x = torch.rand(1, 3, side, side)
    mean, std = (torch.tensor(part)[:, None, None] for part in (transforms.mean, transforms.std))
    with torch.no_grad():
        expected, got = net((x - mean) / std), names["net"](x)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)
    assert not any(getattr(module, "inplace", False) for module in names["net"].modules())


def test_three_written_answers_are_for_a_person():
    written = questions(COURSE, UNIT).keys() - automatic(COURSE, UNIT)
    assert written == {"random_and_trained", "shallow_and_deep", "texture_bias"}


def test_answers_of_the_notebook_need_nothing_but_each_themselves():
    """No answer calls another: a mistake in one is paid for once."""
    names = namespace(UNIT)
    for answer in QUESTIONS:
        used = names[answer].__code__.co_names
        assert not set(used) & (set(QUESTIONS) - {answer})
    assert grade_in_process(UNIT, names)[0] == {}


def test_figures_say_in_the_notebook_what_their_script_says():
    script = ast.parse((ROOT / "assets/draw/feature_visualization.py").read_text())
    named = {ast.unparse(n.targets[0]): n.value for n in script.body if isinstance(n, ast.Assign)}
    alt_texts = ast.literal_eval(named["ALT_TEXT"])
    notebook = "\n".join(one.source for one in nbformat.read(UNIT.source, as_version=4).cells)
    for name, alt in alt_texts.items():
        assert f"![{alt}](../../assets/feature_visualization/{name})" in notebook
        assert (ROOT / "assets/feature_visualization" / name).stat().st_size < 300_000
