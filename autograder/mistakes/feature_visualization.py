"""Known mistakes of unit 05.

`loses` names the grade cells a mistake fails in an otherwise right notebook.
"""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from autograder.mistakes import Bank
from coursekit.checks.feature_visualization import MESSAGES

BANK = Bank(
    typical=[
        "all_filters_scaled_together",
        "hook_stays",
        "covers_pile_up",
        "gradient_maps_not_averaged",
        "plain_gradient",
    ]
)


# --- filters_to_images ---------------------------------------------------------------------


def halved(scaled, weight):
    """`scaled`, with 0.5 for the constant filters of `weight`."""
    flat = weight.flatten(1)
    constant = flat.amax(1) == flat.amin(1)
    return torch.where(constant[:, None, None, None], torch.tensor(0.5), scaled)


@BANK.mistake(
    "filters_to_images", MESSAGES["scaled_together"], "filters_scaled", "filters_constant"
)
def all_filters_scaled_together(weight):
    return (weight - weight.min()) / (weight.max() - weight.min())


@BANK.mistake(
    "filters_to_images",
    "each channel is scaled on its own; one minimum and maximum for all channels of a filter.",
    "filters_scaled",
)
def channels_scaled_one_by_one(weight):
    low, high = weight.amin((2, 3), keepdim=True), weight.amax((2, 3), keepdim=True)
    return halved((weight - low) / (high - low + 1e-12), weight)


@BANK.mistake(
    "filters_to_images",
    "divided by the largest weight only; subtract the smallest first.",
    "filters_scaled",
)
def smallest_not_subtracted(weight):
    return halved(weight / (weight.amax((1, 2, 3), keepdim=True) + 1e-12), weight)


@BANK.mistake(
    "filters_to_images",
    "zero becomes 0.5 and the range is cut in two; the smallest weight has to become 0, the "
    "largest 1.",
    "filters_scaled",
)
def zero_in_the_middle(weight):
    largest = weight.abs().amax((1, 2, 3), keepdim=True)
    return halved(0.5 + weight / (2 * largest + 1e-12), weight)


@BANK.mistake("filters_to_images", MESSAGES["nan"], "filters_constant")
def zero_by_zero(weight):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    return (weight - low) / (high - low)


@BANK.mistake(
    "filters_to_images", "a constant filter becomes 0; the task says 0.5.", "filters_constant"
)
def constant_is_zero(weight):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    return (weight - low) / (high - low).clamp(min=1e-12)


# --- response_maps -------------------------------------------------------------------------


def maps_after(net, layer, x):
    """The right maps, N x C x H x W; the net keeps its mode."""
    training = net.training
    net.eval()
    with torch.no_grad():
        maps = net[:layer](x)
    net.train(training)
    return maps


@BANK.mistake("response_maps", MESSAGES["too_few"], "response_values")
def one_module_too_few(net, layer, x):
    return maps_after(net, layer - 1, x)


@BANK.mistake("response_maps", MESSAGES["too_many"], "response_values")
def one_module_too_many(net, layer, x):
    return maps_after(net, layer + 1, x)


@BANK.mistake(
    "response_maps", "the mean over the channels; all of them are wanted.", "response_values"
)
def mean_over_channels(net, layer, x):
    return maps_after(net, layer, x).mean(1)


@BANK.mistake("response_maps", MESSAGES["train_mode"], "response_mode")
def mode_as_it_comes(net, layer, x):
    with torch.no_grad():
        return net[:layer](x)


@BANK.mistake("response_maps", MESSAGES["mode_left"], "response_mode")
def mode_not_restored(net, layer, x):
    net.eval()
    with torch.no_grad():
        return net[:layer](x)


@BANK.mistake("response_maps", MESSAGES["graph_kept"], "response_clean")
def graph_kept(net, layer, x):
    training = net.training
    net.eval()
    maps = net[:layer](x)
    net.train(training)
    return maps


@BANK.mistake("response_maps", MESSAGES["hooks_left"], "response_clean")
def hook_stays(net, layer, x):
    kept, training = [], net.training
    net[layer - 1].register_forward_hook(lambda module, inputs, output: kept.append(output))
    net.eval()
    with torch.no_grad():
        net(x)
    net.train(training)
    return kept[0]


# --- top_k ---------------------------------------------------------------------------------


def pairs(indices, numbers):
    """[(index, number), ...]."""
    return [(int(i), float(number)) for i, number in zip(indices, numbers, strict=True)]


def largest_first(logits, k):
    """The indices of the k largest, equal ones in their order."""
    return torch.argsort(logits, descending=True, stable=True)[:k]


@BANK.mistake("top_k", MESSAGES["logits"])
def logits_for_probabilities(logits, k):
    order = largest_first(logits, k)
    return pairs(order, logits[order])


@BANK.mistake("top_k", MESSAGES["overflow"])
def exp_overflows(logits, k):
    order = largest_first(logits, k)
    return pairs(order, (logits.exp() / logits.exp().sum())[order])


@BANK.mistake("top_k", "the least probable classes; the most probable comes first.")
def smallest_first(logits, k):
    order = torch.argsort(logits, stable=True)[:k]
    return pairs(order, logits.softmax(0)[order])


@BANK.mistake("top_k", "the softmax over the k largest only; it goes over all classes.")
def softmax_of_the_largest(logits, k):
    order = largest_first(logits, k)
    return pairs(order, logits[order].softmax(0))


@BANK.mistake("top_k", "of equal logits the higher index comes first; it is the lower one.")
def ties_backwards(logits, k):
    order = torch.argsort(logits, stable=True).flip(0)[:k]
    return pairs(order, logits.softmax(0)[order])


# --- occlusion_map -------------------------------------------------------------------------


def covered(x, top, left, patch, fill):
    """A copy of x with a square covered."""
    x = x.clone()
    x[:, :, top : top + patch, left : left + patch] = fill
    return x


def places(x, patch, stride):
    """The first rows and the first columns of the squares."""
    h, w = x.shape[2:]
    return range(0, h - patch + 1, stride), range(0, w - patch + 1, stride)


def probability(net, x, target):
    """The probability of the target class, a number; x: 1 x C x H x W."""
    with torch.no_grad():
        return net(x).softmax(1)[0, target].item()


def drops(net, x, target, rows, columns, cover):
    """How far the probability falls, for every place."""
    before = probability(net, x, target)
    after = [[probability(net, cover(x, i, j), target) for j in columns] for i in rows]
    return before - torch.tensor(after)


@BANK.mistake("occlusion_map", MESSAGES["logit_drop"], "occlusion_values")
def drop_of_the_logit(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, stride)
    with torch.no_grad():
        after = [[net(covered(x, i, j, patch, fill))[0, target] for j in columns] for i in rows]
        return net(x)[0, target] - torch.tensor(after)


@BANK.mistake("occlusion_map", MESSAGES["sign_of_drop"], "occlusion_values")
def after_minus_before(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, stride)
    return -drops(net, x, target, rows, columns, lambda x, i, j: covered(x, i, j, patch, fill))


@BANK.mistake(
    "occlusion_map", "the probability itself; the task asks how far it falls.", "occlusion_values"
)
def probability_itself(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, stride)
    after = [
        [probability(net, covered(x, i, j, patch, fill), target) for j in columns] for i in rows
    ]
    return torch.tensor(after)


@BANK.mistake(
    "occlusion_map",
    "the patches pile up: each place starts from the image that the one before has covered.",
    "occlusion_places",
    "occlusion_values",
)
def covers_pile_up(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, stride)
    before, x = probability(net, x, target), x.clone()
    result = torch.zeros(len(rows), len(columns))
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            x[:, :, top : top + patch, left : left + patch] = fill
            result[i, j] = before - probability(net, x, target)
    return result


@BANK.mistake("occlusion_map", "only the first channel is covered.", "occlusion_values")
def first_channel_covered(net, x, target, patch, stride, fill):
    def cover(x, top, left):
        x = x.clone()
        x[:, 0, top : top + patch, left : left + patch] = fill
        return x

    return drops(net, x, target, *places(x, patch, stride), cover)


@BANK.mistake(
    "occlusion_map",
    "rows and columns of the map are swapped.",
    "occlusion_places",
    "occlusion_values",
)
def map_transposed(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, stride)
    return drops(net, x, target, rows, columns, lambda x, i, j: covered(x, i, j, patch, fill)).T


@BANK.mistake(
    "occlusion_map", "the patch moves by its own size and not by the stride.", "occlusion_places"
)
def stride_is_the_patch(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, patch)
    return drops(net, x, target, rows, columns, lambda x, i, j: covered(x, i, j, patch, fill))


@BANK.mistake(
    "occlusion_map",
    "patches that leave the image are counted; only whole ones have a place.",
    "occlusion_places",
)
def patches_leave_the_image(net, x, target, patch, stride, fill):
    rows, columns = range(0, x.shape[2], stride), range(0, x.shape[3], stride)
    return drops(net, x, target, rows, columns, lambda x, i, j: covered(x, i, j, patch, fill))


@BANK.mistake("occlusion_map", "always covered with 0; the fill is ignored.", "occlusion_fill")
def fill_ignored(net, x, target, patch, stride, fill):
    rows, columns = places(x, patch, stride)
    return drops(net, x, target, rows, columns, lambda x, i, j: covered(x, i, j, patch, 0.0))


# --- saliency ------------------------------------------------------------------------------


def gradient_of(score, x):
    """The gradient of `score(x)` for x, which stays as it is."""
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(score(x), x)[0]


def logit_gradient(net, x, target):
    """The gradient of the target's logit for x, of each image its own."""
    return gradient_of(lambda x: net(x)[:, target].sum(), x)


@BANK.mistake("saliency", MESSAGES["no_abs"], "saliency_values")
def no_absolute_value(net, x, target):
    return logit_gradient(net, x, target).amax(1)


@BANK.mistake(
    "saliency", "the sum over the channels; the largest one is wanted.", "saliency_values"
)
def sum_over_channels(net, x, target):
    return logit_gradient(net, x, target).abs().sum(1)


@BANK.mistake(
    "saliency", "the mean over the channels; the largest one is wanted.", "saliency_values"
)
def mean_of_channels(net, x, target):
    return logit_gradient(net, x, target).abs().mean(1)


@BANK.mistake(
    "saliency", "the gradient of the probability; the task asks for the logit's.", "saliency_values"
)
def gradient_of_the_probability(net, x, target):
    return gradient_of(lambda x: net(x).softmax(1)[:, target].sum(), x).abs().amax(1)


@BANK.mistake("saliency", "gradient times input; the gradient alone is wanted.", "saliency_values")
def gradient_times_input(net, x, target):
    return (logit_gradient(net, x, target) * x).abs().amax(1)


@BANK.mistake("saliency", MESSAGES["first_image"], "saliency_batch")
def first_image_only(net, x, target):
    return gradient_of(lambda x: net(x)[0, target], x).abs().amax(1)


@BANK.mistake(
    "saliency",
    "the mean over the batch makes each gradient smaller; take the sum.",
    "saliency_batch",
)
def mean_over_the_batch(net, x, target):
    return gradient_of(lambda x: net(x)[:, target].mean(), x).abs().amax(1)


@BANK.mistake("saliency", MESSAGES["x_grad_added"], "saliency_batch")
def x_grad_added_to(net, x, target):
    x.requires_grad_()
    net(x)[:, target].sum().backward()
    return x.grad.abs().amax(1)


# --- smoothgrad ----------------------------------------------------------------------------


@BANK.mistake("smoothgrad", MESSAGES["summed"], "smoothgrad_mean")
def gradients_summed(net, x, target, n, sigma, generator):
    noisy = [x + sigma * torch.randn(x.shape, generator=generator) for _ in range(n)]
    return sum(logit_gradient(net, one, target) for one in noisy).abs().amax(1)


@BANK.mistake(
    "smoothgrad",
    "absolute values are averaged; average the gradients with their signs first.",
    "smoothgrad_noise",
)
def absolute_values_averaged(net, x, target, n, sigma, generator):
    noisy = [x + sigma * torch.randn(x.shape, generator=generator) for _ in range(n)]
    return sum(logit_gradient(net, one, target).abs() for one in noisy).amax(1) / n


@BANK.mistake(
    "smoothgrad", "all copies get the same noise; draw it anew for each.", "smoothgrad_noise"
)
def same_noise(net, x, target, n, sigma, generator):
    noise = torch.randn(x.shape, generator=generator)
    return logit_gradient(net, x + sigma * noise, target).abs().amax(1)


@BANK.mistake(
    "smoothgrad", "the noise piles up: each copy starts from the one before.", "smoothgrad_noise"
)
def noise_piles_up(net, x, target, n, sigma, generator):
    total = torch.zeros_like(x)
    for _ in range(n):
        x = x + sigma * torch.randn(x.shape, generator=generator)
        total = total + logit_gradient(net, x, target)
    return (total / n).abs().amax(1)


@BANK.mistake(
    "smoothgrad",
    "sigma squared times the noise; sigma is the standard deviation.",
    "smoothgrad_noise",
)
def sigma_squared(net, x, target, n, sigma, generator):
    noisy = [x + sigma**2 * torch.randn(x.shape, generator=generator) for _ in range(n)]
    return sum(logit_gradient(net, one, target) for one in noisy).abs().amax(1) / n


@BANK.mistake(
    "smoothgrad",
    "sigma is taken relative to the range of x; here it is absolute.",
    "smoothgrad_noise",
)
def sigma_relative(net, x, target, n, sigma, generator):
    scale = sigma * (x.max() - x.min())
    noisy = [x + scale * torch.randn(x.shape, generator=generator) for _ in range(n)]
    return sum(logit_gradient(net, one, target) for one in noisy).abs().amax(1) / n


@BANK.mistake("smoothgrad", "uniform noise from 0 to 1; draw with torch.randn.", "smoothgrad_noise")
def uniform_noise(net, x, target, n, sigma, generator):
    noisy = [x + sigma * torch.rand(x.shape, generator=generator) for _ in range(n)]
    return sum(logit_gradient(net, one, target) for one in noisy).abs().amax(1) / n


@BANK.mistake("smoothgrad", MESSAGES["generator_unused"], "smoothgrad_noise")
def generator_unused(net, x, target, n, sigma, generator):
    noisy = [x + sigma * torch.randn_like(x) for _ in range(n)]
    return sum(logit_gradient(net, one, target) for one in noisy).abs().amax(1) / n


# --- grad_cam ------------------------------------------------------------------------------


def maps_and_gradients(net, layer, x, target):
    """The maps after `layer` modules and the gradient of the target's logit for them."""
    maps = net[:layer](x).detach().requires_grad_()
    (gradients,) = torch.autograd.grad(net[layer:](maps)[:, target].sum(), maps)
    return maps.detach(), gradients


def upsampled(cam, x, mode="bilinear", align_corners=False):
    """Maps, N x h x w, interpolated to the size of x, N x H x W."""
    options = {} if mode == "nearest" else {"align_corners": align_corners}
    return F.interpolate(cam[:, None], x.shape[2:], mode=mode, **options)[:, 0]


@BANK.mistake(
    "grad_cam",
    "the gradients are summed over the places; their mean is the weight.",
    "grad_cam_values",
)
def gradient_maps_not_averaged(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    weights = gradients.sum((2, 3), keepdim=True)
    return upsampled((weights * maps).sum(1).relu(), x)


@BANK.mistake(
    "grad_cam", "the maps' mean over the channels; the gradients are not used.", "grad_cam_values"
)
def maps_unweighted(net, layer, x, target):
    maps, _ = maps_and_gradients(net, layer, x, target)
    return upsampled(maps.mean(1).relu(), x)


@BANK.mistake("grad_cam", "the weighted maps are averaged; add them up.", "grad_cam_values")
def mean_of_weighted_maps(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    return upsampled((gradients.mean((2, 3), keepdim=True) * maps).mean(1).relu(), x)


@BANK.mistake(
    "grad_cam",
    "each place has its own gradient as weight; one mean for the whole map.",
    "grad_cam_values",
)
def gradient_times_map(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    return upsampled((gradients * maps).sum(1).relu(), x)


@BANK.mistake(
    "grad_cam", "negative weights are cut off; the ReLU comes after the sum.", "grad_cam_values"
)
def relu_on_the_weights(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    weights = gradients.mean((2, 3), keepdim=True).relu()
    return upsampled((weights * maps).sum(1).relu(), x)


@BANK.mistake(
    "grad_cam", "one weight for the whole batch; each image has its own.", "grad_cam_values"
)
def weights_of_the_batch(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    weights = gradients.mean((0, 2, 3), keepdim=True)
    return upsampled((weights * maps).sum(1).relu(), x)


@BANK.mistake(
    "grad_cam", "divided by the largest value; here nothing is normalised.", "grad_cam_values"
)
def divided_by_the_largest(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    cam = upsampled((gradients.mean((2, 3), keepdim=True) * maps).sum(1).relu(), x)
    return cam / (cam.amax((1, 2), keepdim=True) + 1e-12)


@BANK.mistake(
    "grad_cam",
    "the gradients of the probability; the task asks for the logit's.",
    "grad_cam_values",
)
def cam_of_the_probability(net, layer, x, target):
    maps = net[:layer](x).detach().requires_grad_()
    score = net[layer:](maps).softmax(1)[:, target].sum()
    (gradients,) = torch.autograd.grad(score, maps)
    cam = (gradients.mean((2, 3), keepdim=True) * maps).sum(1).relu()
    return upsampled(cam.detach(), x)


@BANK.mistake("grad_cam", MESSAGES["cam_no_relu"], "grad_cam_relu")
def cam_without_relu(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    return upsampled((gradients.mean((2, 3), keepdim=True) * maps).sum(1), x)


@BANK.mistake(
    "grad_cam",
    "the map of the layer; it has to become as large as the input.",
    "grad_cam_upsampled",
)
def not_upsampled(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    return (gradients.mean((2, 3), keepdim=True) * maps).sum(1).relu()


@BANK.mistake(
    "grad_cam", 'upsampled by repeating pixels; mode="bilinear" is asked for.', "grad_cam_upsampled"
)
def upsampled_by_nearest(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    cam = (gradients.mean((2, 3), keepdim=True) * maps).sum(1).relu()
    return upsampled(cam, x, mode="nearest")


@BANK.mistake(
    "grad_cam", "upsampled with align_corners=True; False is asked for.", "grad_cam_upsampled"
)
def corners_aligned(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    cam = (gradients.mean((2, 3), keepdim=True) * maps).sum(1).relu()
    return upsampled(cam, x, align_corners=True)


@BANK.mistake("grad_cam", "upsampled before the ReLU; the ReLU comes first.", "grad_cam_upsampled")
def relu_after_upsampling(net, layer, x, target):
    maps, gradients = maps_and_gradients(net, layer, x, target)
    return upsampled((gradients.mean((2, 3), keepdim=True) * maps).sum(1), x).relu()


# --- guided_backprop -----------------------------------------------------------------------


def guided(net, x, target, modules, change):
    """The gradient for x with `change` on the gradient that arrives at each of the ReLUs."""

    def hook(module, inputs, output):
        output.register_hook(change)

    handles = [m.register_forward_hook(hook) for m in modules if isinstance(m, nn.ReLU)]
    gradient = logit_gradient(net, x, target)
    for handle in handles:
        handle.remove()
    return gradient


class Replaced(nn.Module):
    """A ReLU that lets only positive gradients pass."""

    def forward(self, x):
        out = torch.relu(x)
        out.register_hook(lambda gradient: gradient.clamp(min=0))
        return out


class Deconvolution(torch.autograd.Function):
    """A ReLU whose gradient is only cut below 0."""

    @staticmethod
    def forward(context, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(min=0)


def with_relus(net, forward):
    """A copy of the net whose ReLUs compute `forward`."""
    net = copy.deepcopy(net)
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.forward = forward
    return net


@BANK.mistake("guided_backprop", MESSAGES["plain_gradient"], "guided_values")
def plain_gradient(net, x, target):
    return logit_gradient(net, x, target)


@BANK.mistake("guided_backprop", MESSAGES["deconvolution"], "guided_values")
def deconvolution(net, x, target):
    return logit_gradient(with_relus(net, Deconvolution.apply), x, target)


@BANK.mistake(
    "guided_backprop",
    "negative gradients are cut once, at the image; they are cut at each ReLU.",
    "guided_values",
)
def cut_at_the_image(net, x, target):
    return logit_gradient(net, x, target).clamp(min=0)


@BANK.mistake(
    "guided_backprop",
    "the absolute value at each ReLU; negative gradients become 0.",
    "guided_values",
)
def absolute_at_each_relu(net, x, target):
    return guided(net, x, target, net.modules(), torch.abs)


@BANK.mistake(
    "guided_backprop",
    "ReLUs inside of parts are missed; go through `net.modules()`.",
    "guided_values",
)
def inner_relus_missed(net, x, target):
    return guided(net, x, target, net.children(), lambda gradient: gradient.clamp(min=0))


@BANK.mistake("guided_backprop", MESSAGES["hooks_left"], "guided_clean")
def hooks_stay(net, x, target):
    def hook(module, inputs, output):
        output.register_hook(lambda gradient: gradient.clamp(min=0))

    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    return logit_gradient(net, x, target)


@BANK.mistake("guided_backprop", MESSAGES["net_changed"], "guided_clean")
def relus_stay_replaced(net, x, target):
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU):
                setattr(module, name, Replaced())
    return logit_gradient(net, x, target)


@BANK.mistake("guided_backprop", MESSAGES["gradients_left"], "guided_clean")
def gradients_stay(net, x, target):
    x = x.clone().requires_grad_()

    def hook(module, inputs, output):
        output.register_hook(lambda gradient: gradient.clamp(min=0))

    handles = [
        module.register_forward_hook(hook)
        for module in net.modules()
        if isinstance(module, nn.ReLU)
    ]
    net(x)[:, target].sum().backward()
    for handle in handles:
        handle.remove()
    return x.grad


# --- fgsm ----------------------------------------------------------------------------------


def loss_gradient(net, x, target):
    """The gradient of the cross-entropy for x, of each image its own."""
    labels = torch.full((len(x),), target)
    return gradient_of(lambda x: F.cross_entropy(net(x), labels, reduction="sum"), x)


@BANK.mistake("fgsm", MESSAGES["no_clamp"])
def result_not_clamped(net, x, target, eps):
    return x + eps * loss_gradient(net, x, target).sign()


@BANK.mistake("fgsm", MESSAGES["no_sign"])
def sign_forgotten(net, x, target, eps):
    return (x + eps * loss_gradient(net, x, target)).clamp(0, 1)


@BANK.mistake("fgsm", MESSAGES["downhill"])
def downhill(net, x, target, eps):
    return (x - eps * loss_gradient(net, x, target).sign()).clamp(0, 1)


@BANK.mistake("fgsm", "the logit of the right class is raised; the loss has to rise.")
def logit_raised(net, x, target, eps):
    return (x + eps * logit_gradient(net, x, target).sign()).clamp(0, 1)


@BANK.mistake("fgsm", "the step alone is returned; add it to x.")
def step_alone(net, x, target, eps):
    return eps * loss_gradient(net, x, target).sign()


@BANK.mistake("fgsm", "the step is as long as eps in all; each pixel moves by eps.")
def step_of_length_eps(net, x, target, eps):
    gradient = loss_gradient(net, x, target)
    length = gradient.flatten(1).norm(dim=1)[:, None, None, None]
    return (x + eps * gradient / length).clamp(0, 1)
