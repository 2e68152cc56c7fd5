"""Small nets and what goes with them, for checks that hand a net to a student's function.

Each function makes one object from plain data, so that a check can make the same object twice:
for the answer to work with, and for itself to compute what is right. torch is imported inside.
Grading runs this text alone in the student's kernel, so it imports nothing of `coursekit`.
"""


def net(layers, state=None, training=False):
    """Return a `torch.nn.Sequential`.

    Args:
        layers: a list of layers, each a list of its name in `torch.nn`, its arguments and, last, a
            dict of options where there are any: ["Conv2d", 1, 4, 3, {"padding": 1}]. What follows
            the name "Sequential" are layers again.
        state: {key: array or tensor} for `load_state_dict`; None keeps torch's random weights.
        training: its mode.
    """
    import torch

    made = []
    for name, *arguments in layers:
        if name == "Sequential":
            made.append(net(arguments))
            continue
        options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
        made.append(getattr(torch.nn, name)(*arguments, **options))
    model = torch.nn.Sequential(*made)
    if state is not None:
        model.load_state_dict({key: torch.as_tensor(value) for key, value in state.items()})
    return model.train(training)


def loader(inputs, labels, batch_size):
    """Return a `DataLoader` over (inputs, labels) in their order; the last batch may be smaller."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.as_tensor(inputs), torch.as_tensor(labels))
    return DataLoader(data, batch_size=batch_size)


def optimizer(name, model, **options):
    """Return the optimizer of that name in `torch.optim` for a model's parameters."""
    import torch

    return getattr(torch.optim, name)(model.parameters(), **options)


def loss(name, **options):
    """Return the loss of that name in `torch.nn`."""
    import torch

    return getattr(torch.nn, name)(**options)


def loss_of_probabilities():
    """Return the cross-entropy for nets that give probabilities instead of logits."""
    import torch

    def cross_entropy(probabilities, labels):
        return torch.nn.functional.nll_loss(probabilities.clamp_min(1e-9).log(), labels)

    return cross_entropy


def device(name):
    """Return a `torch.device`."""
    import torch

    return torch.device(name)


def rng(seed):
    """Return a `torch.Generator` with this seed."""
    import torch

    return torch.Generator().manual_seed(seed)


def beside(answer, maker, *arguments, **options):
    """Return what a function of this module makes, made where a student's answer lives.

    In a notebook that is here. An answer that is looked at from another process is reached over
    its channel, and so is what is made for it.

    Args:
        answer: the student's function or class.
        maker: name of a function of this module; arguments and options are its own.
    """
    ask = getattr(getattr(answer, "_channel", None), "ask", None)
    if ask is not None:
        return ask("make", maker, options, *arguments)
    return globals()[maker](*arguments, **options)


def seed(number):
    """Seed torch's generators: the next weights and dropouts are the same each time."""
    import torch

    torch.manual_seed(number)


def far_loader(inputs, labels, batch_size):
    """A `loader` whose batches can't be computed with until `.to(device)` has moved them."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset, default_collate

    # What may be asked before: sizes and kinds of numbers (shape and dtype are read by __get__).
    sizes = {"__get__", "size", "dim", "numel", "__len__", "long", "float"}

    class Far(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            if function.__name__ not in sizes | {"to"}:
                raise RuntimeError(f"{function.__name__} got a batch that is not on the device")
            result = super().__torch_function__(function, types, args, kwargs or {})
            moved = function.__name__ == "to"
            return result.as_subclass(torch.Tensor) if moved else result

    def collate(samples):
        return [one.as_subclass(Far) for one in default_collate(samples)]

    data = TensorDataset(torch.as_tensor(inputs), torch.as_tensor(labels))
    return DataLoader(data, batch_size=batch_size, collate_fn=collate)


def watched_loss(name, **options):
    """Return the loss of that name in `torch.nn`; it notes what it is given.

    `.outputs` are the net's outputs so far, a list of tensors; `.gradients` says of each whether
    it was computed with gradients.
    """
    import torch

    class Watched(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.loss = getattr(torch.nn, name)(**options)
            self.outputs, self.gradients = [], []

        def forward(self, outputs, labels):
            self.outputs.append(outputs.detach().clone())
            self.gradients.append(outputs.requires_grad)
            return self.loss(outputs, labels)

    return Watched()


def steps_inside(model, x):
    """Run a net and return what each of torch's functions did to the images: its name and shapes.

    Returns:
        a list of (name, shape before, shape after) of all functions that got a tensor with three
        or four dimensions and returned a tensor.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    steps = []

    class Notes(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            before = [one for one in args if isinstance(one, torch.Tensor)][:1]
            before = [tuple(one.shape) for one in before if one.ndim in (3, 4)]
            after = function(*args, **(kwargs or {}))
            if before and isinstance(after, torch.Tensor):
                name = getattr(function, "__name__", "")
                steps.append((name, before[0], tuple(after.shape)))
            return after

    with torch.no_grad(), Notes():
        model(x)
    return steps


def forward(model, x):
    """Return `model(x)`, without gradients.

    Raises:
        AttributeError: a module has no method `forward`; torch's own error looks like a stub's.
    """
    import torch

    try:
        with torch.no_grad():
            return model(x)
    except NotImplementedError as error:
        if "forward" in str(error):
            raise AttributeError("the class has no method `forward`") from None
        raise


def run_loaded(module, state, x):
    """Load a state_dict into a net and return what it gives for x in eval mode."""
    module.load_state_dict(state)
    module.eval()
    return forward(module, x)


def with_noise(model, state, x, seed, spread):
    """Return what a net in eval mode gives for x with noise on one entry of its state, for each.

    Args:
        state: {key: tensor}, what the net holds, and holds again afterwards.
        seed, spread: of the noise, from a normal distribution.
    """
    import torch

    random, found = torch.Generator().manual_seed(seed), []
    for key, entry in state.items():
        noise = spread * torch.randn(entry.shape, generator=random)
        found.append(run_loaded(model, {**state, key: entry + noise.to(entry.dtype)}, x))
    model.load_state_dict(state)
    return found


def again(function, *arguments):
    """Call a function twice on the same objects and return what the second call returns."""
    function(*arguments)
    return function(*arguments)


def tracks_gradients(function, *arguments):
    """Whether the tensor that a function returns still hangs on the graph of its computation."""
    return bool(getattr(function(*arguments), "requires_grad", False))


def marks(model):
    """What a call can leave on a net: {"training", "hooks", "gradients", "frozen"}.

    The modes of all modules, and how many hooks, parameters with a gradient and parameters
    without `requires_grad` there are.
    """
    hooks = (
        "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"
    )  # fmt: skip
    modules, parameters = list(model.modules()), list(model.parameters())
    return {
        "training": [bool(module.training) for module in modules],
        "hooks": sum(len(getattr(module, name)) for module in modules for name in hooks),
        "gradients": sum(parameter.grad is not None for parameter in parameters),
        "frozen": sum(not parameter.requires_grad for parameter in parameters),
    }


def slopes(model, x, weights):
    """How a weighted sum of a net's outputs changes with each of its inputs; shaped as x."""
    import torch

    return torch.autograd.functional.vjp(model, x, weights)[1]


def number_of_parameters(model):
    """Return how many numbers a net learns."""
    return sum(parameter.numel() for parameter in model.parameters())


def gradients(model):
    """Return the gradients that a net's parameters hold, None where there is none."""
    return [parameter.grad for parameter in model.parameters()]


def float_buffers(model):
    """Return {name: tensor}, a copy of what a net keeps besides its parameters."""
    named = model.named_buffers()
    return {name: one.detach().clone() for name, one in named if one.is_floating_point()}


def sizes_of_state(model):
    """Return {key: shape} of a net's parameters and buffers."""
    return {key: tuple(entry.shape) for key, entry in model.state_dict().items()}


def fill(model, some):
    """Give some entries of a net's state other values: {key: tensor}."""
    import torch

    state = model.state_dict()
    with torch.no_grad():
        for key, values in some.items():
            state[key].copy_(torch.as_tensor(values))
