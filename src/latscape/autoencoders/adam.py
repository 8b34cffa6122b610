"""The optimizer."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980) by PyTorch's fused kernel, at a rate that each step is told.

    `torch.optim.Adam` does the same, number by number, but imports PyTorch's compiler before its first step, which
    takes as long as a small training.

    Examples
    --------
    >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adam([x])
    >>> x.square().sum().backward()
    >>> optimizer.step(0.1)  # the first step is as long as the rate
    >>> x.detach()
    tensor([ 0.9000, -1.9000])
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        #: Moments of every parameter, and how many steps they are the mean of; by PyTorch's names.
        self.state: list[dict[str, Tensor]] = [
            {
                "step": torch.zeros((), device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
            for parameter in self.parameters
        ]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every parameter that has a gradient."""
        moved = [(one, state) for one, state in zip(self.parameters, self.state, strict=True) if one.grad is not None]
        adam(
            [one for one, _ in moved],
            [one.grad for one, _ in moved if one.grad is not None],
            [state["exp_avg"] for _, state in moved],
            [state["exp_avg_sq"] for _, state in moved],
            [],
            [state["step"] for _, state in moved],
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )

    def restore(self, moments: Mapping[str, Tensor]) -> None:
        """Take up moments by names such as "0.exp_avg"."""
        for name, value in moments.items():
            index, kind = name.split(".")
            self.state[int(index)][kind].copy_(value)
