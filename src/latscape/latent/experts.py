"""Posteriors of several sources combined into one."""

from collections.abc import Sequence

import torch

from latscape.latent.blocks import NormalPosterior


def product(experts: Sequence[NormalPosterior]) -> NormalPosterior:
    """N(0, 1) times the given normals, normalised: what all say of one latent (Wu and Goodman 2018, arXiv:1802.05335).

    The prior is an expert too, so that sources may be left out; precisions 1 / std^2 add up, and the mean is that of
    the experts weighed by their precision.

    Examples
    --------
    >>> sure = NormalPosterior(torch.tensor([[1.0]]), torch.tensor([[0.5]]))
    >>> q = product([sure, sure])  # precision 1 + 4 + 4, mean (4 + 4) / 9
    >>> q.mean, q.std
    (tensor([[0.8889]]), tensor([[0.3333]]))
    """
    precisions = torch.stack([q.std.square().reciprocal() for q in experts])
    means = torch.stack([q.mean for q in experts])
    total = 1.0 + precisions.sum(dim=0)
    return NormalPosterior((precisions * means).sum(dim=0) / total, total.rsqrt())
