"""A block of angles whose prior is uniform over the full turn.

A wide normal on the line is not that prior: its divergence charges for the turns between an angle and zero, and grows
without bound as it widens, although whole turns change nothing. Here the posterior is a normal wrapped around the
circle (Mardia and Jupp 2000, sec. 3.5.7): its sample is still `mean + std noise`, and its divergence from the uniform
distribution is the entropy that it lacks.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from latscape.latent.blocks import Normal, NormalPosterior

#: Below this deviation [rad] less than 4e-10 of a wrapped normal lies beyond half a turn.
NARROW = 0.5
#: Terms of the series for all others; the first left out is below 1e-10.
TERMS = 96


@dataclass(frozen=True)
class Circular(Normal):
    """`width` angles [rad], each uniform over the full turn.

    The encoder gives a direction in the plane for each mean, so turning through the whole circle is continuous for it.

    Examples
    --------
    >>> block = Circular(1)
    >>> q = block.posterior(torch.tensor([[0.0, -2.0, 0.0]]))
    >>> q.mean, block.kl(q)  # pointing down; KL in nat
    (tensor([[-1.5708]]), tensor([0.7855]))
    """

    prior: float = field(default=math.inf, init=False)

    @property
    def raw_width(self) -> int:
        """Encoder outputs this block needs: a direction (x, y) and a raw deviation for each angle."""
        return 3 * self.width

    def posterior(self, raw: Tensor) -> NormalPosterior:
        """Map raw (batch, 3 width) to the posterior; means lie in [-pi, pi]."""
        x, y, deviation = raw.chunk(3, dim=1)
        # The origin has no direction, and the gradient of atan2 grows without bound towards it.
        x = torch.where(x.square() + y.square() < 1e-12, 1.0, x)
        return NormalPosterior(torch.atan2(y, x), F.softplus(deviation) + 1e-6)

    def kl(self, q: NormalPosterior, value: Tensor | None = None) -> Tensor:
        """KL(q || uniform) = log(2 pi) - entropy of q, which does not depend on the mean, (batch,).

        A known `value` costs log(2 pi) in its place, whatever it is.
        """
        narrow = 0.5 * (math.log(2.0 * math.pi) - 1.0) - q.std.log()
        each = torch.where(q.std < NARROW, narrow, _wide(q.std.clamp(min=NARROW)))
        if value is not None:
            each = torch.where(value.isnan(), each, math.log(2.0 * math.pi))
        return each.sum(dim=1)


def _wide(std: Tensor) -> Tensor:
    """Divergence of a wrapped normal from the uniform distribution, log(2 pi) + E log p, by its series.

    With `q = exp(-std^2)`, the density is `prod_n (1 - q^n)(1 + q^(n-1/2) e^(i t))(1 + q^(n-1/2) e^(-i t)) / (2 pi)`
    (Jacobi's triple product); the mean of its logarithm follows term by term.
    """
    n = torch.arange(1, TERMS + 1, dtype=std.dtype, device=std.device)
    exponent = -std.square()[..., None]
    gap = -torch.expm1(exponent * n)  # 1 - q^n
    sign = 1.0 - 2.0 * (n % 2)
    return (gap.log() - 2.0 * sign / n * (exponent * (0.5 * n * (n + 1.0))).exp() / gap).sum(dim=-1)
