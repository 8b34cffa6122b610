"""A latent space: a named product of blocks, and what several sources say of one latent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, NormalPosterior, Point

Block = Normal | Point | Categorical
Posterior = NormalPosterior | CategoricalPosterior

#: Known values by block: NaN marks an unknown number, -1 an unknown class.
NOTHING: Mapping[str, Tensor] = MappingProxyType({})


@dataclass(frozen=True)
class LatentSpace:
    """Blocks by name; an encoder's raw output holds what they need side by side, in this order.

    Examples
    --------
    >>> space = LatentSpace({"rotation": Normal(1), "content": Normal(2), "class": Categorical(3)})
    >>> space.raw_width, space.noise_width
    (9, 3)
    """

    blocks: Mapping[str, Block]

    @property
    def raw_width(self) -> int:
        """Encoder outputs all blocks need together."""
        return sum(block.raw_width for block in self.blocks.values())

    @property
    def continuous(self) -> dict[str, Normal | Point]:
        """The continuous blocks by name."""
        return {name: block for name, block in self.blocks.items() if not isinstance(block, Categorical)}

    @property
    def noise_width(self) -> int:
        """Standard normal numbers one sample of all continuous blocks takes."""
        return sum(block.width for block in self.continuous.values())

    def posterior(self, raw: Tensor) -> dict[str, Posterior]:
        """Posteriors by name from raw (batch, raw_width)."""
        parts = raw.split([block.raw_width for block in self.blocks.values()], dim=1)
        return {name: block.posterior(part) for (name, block), part in zip(self.blocks.items(), parts, strict=True)}

    def sample(
        self, posterior: Mapping[str, Posterior], noise: Tensor, known: Mapping[str, Tensor] = NOTHING
    ) -> dict[str, Tensor]:
        """Reparameterised samples of the continuous blocks by name, for `noise` (batch, noise_width).

        Numbers that are `known` (not NaN) are taken as they are.
        """
        parts = noise.split([block.width for block in self.continuous.values()], dim=1)
        samples = {}
        for name, part in zip(self.continuous, parts, strict=True):
            q = posterior[name]
            assert isinstance(q, NormalPosterior)
            samples[name] = q.sample(part)
            if name in known:
                samples[name] = torch.where(known[name].isnan(), samples[name], known[name])
        return samples

    def kl(self, posterior: Mapping[str, Posterior], known: Mapping[str, Tensor] = NOTHING) -> dict[str, Tensor]:
        """Divergence of each block's posterior from its prior, or -log prior of what is known, (batch,) by name."""
        found = {}
        for name, block in self.blocks.items():
            seen = (known[name],) if name in known else ()
            found[name] = block.kl(posterior[name], *seen)  # type: ignore[arg-type]
        return found


def mean_sample(posterior: Mapping[str, Posterior]) -> dict[str, Tensor]:
    """The means of the continuous blocks by name: the sample without noise."""
    return {name: q.mean for name, q in posterior.items() if isinstance(q, NormalPosterior)}


def no_class(batch: int, like: Tensor) -> Tensor:
    """Class probabilities (batch, 1) of a model without classes."""
    return torch.ones(batch, 1, dtype=like.dtype, device=like.device)


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
