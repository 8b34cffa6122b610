"""A mean over many classes from few of them, without bias.

`E_q f = sum_(k in C) q_k f_k + (1 - q(C)) E[f_j]`, where C holds the most probable classes, which are summed over, and
j is drawn from the others (Liu et al. 2019, "Rao-Blackwellized stochastic gradients for discrete distributions",
arXiv:1810.04777). Through `q_j / stop(q_j)` the estimate has the gradient of the score function as well, and the mean
of f over C is taken off f_j as a baseline, without which that gradient would be as noisy as f is large.
"""

import torch
from torch import Tensor


def few(
    probs: Tensor,  # (batch, classes), more classes than `count`
    count: int,  # at least 2
    noise: Tensor,  # (batch,), standard normal
) -> tuple[Tensor, Tensor]:
    """Weights and indices (batch, count) of classes: the `count - 1` most probable and one drawn from the others.

    Beside the weights of f of the chosen classes stands that of the baseline, (batch, count + 1); see `with_baseline`.

    Examples
    --------
    >>> weights, chosen = few(torch.tensor([[0.1, 0.6, 0.3]]), 2, torch.zeros(1))
    >>> chosen, weights
    (tensor([[1, 2]]), tensor([[0.6000, 0.4000, 0.0000]]))
    """
    with torch.no_grad():
        top = probs.topk(count - 1, dim=1).indices
        rest = probs.scatter(1, top, 0.0).cumsum(dim=1)
        # Below one, so that some class lies to the right; a rest without mass weighs nothing, whatever is drawn.
        uniform = (0.5 * (1.0 + torch.erf(noise / 2.0**0.5))).clamp(max=1.0 - 1e-6)
        drawn = torch.searchsorted(rest, (uniform * rest[:, -1])[:, None], right=True).clamp(max=probs.shape[1] - 1)
    chosen = torch.cat([top, drawn], dim=1)
    q = probs.gather(1, chosen)
    summed, one = q[:, :-1], q[:, -1:]
    left = 1.0 - summed.sum(dim=1, keepdim=True)
    score = torch.where(one > 0, one / one.detach().clamp(min=torch.finfo(one.dtype).tiny), 1.0)
    weight = left.detach() * score
    return torch.cat([summed, weight, left - weight], dim=1), chosen


def with_baseline(f: Tensor, weights: Tensor) -> Tensor:
    """f (batch, count) of the chosen classes beside the baseline, (batch, count + 1), to be weighed and summed."""
    q, known = weights[:, :-2].detach(), f[:, :-1].detach()
    baseline = (q * known).sum(dim=1) / q.sum(dim=1)
    return torch.cat([f, baseline[:, None]], dim=1)
