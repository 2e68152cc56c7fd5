"""Small nets and what goes with them, for checks that hand a net to a student's function.

Each function makes one object from plain data, so that a check can make the same object twice:
for the answer to work with, and for itself to compute what is right. torch is imported inside.
"""


def net(layers, state=None, training=False):
    """Return a `torch.nn.Sequential`.

    Args:
        layers: a list of layers, each a list of its name in `torch.nn`, its arguments and, last, a
            dict of options where there are any: ["Conv2d", 1, 4, 3, {"padding": 1}].
        state: {key: array or tensor} for `load_state_dict`; None keeps torch's random weights.
        training: its mode.
    """
    import torch

    made = []
    for name, *arguments in layers:
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


def device(name):
    """Return a `torch.device`."""
    import torch

    return torch.device(name)


def rng(seed):
    """Return a `torch.Generator` with this seed."""
    import torch

    return torch.Generator().manual_seed(seed)
