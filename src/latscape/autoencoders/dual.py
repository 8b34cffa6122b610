"""Two kinds of samples of the same things in one latent space."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CONTENT, Generative, Output
from latscape.autoencoders.terms import Step
from latscape.errors import InputError
from latscape.latent.blocks import Normal, NormalPosterior
from latscape.latent.space import LatentSpace, Posterior, no_class, product


@dataclass(frozen=True)
class DualOutput(Output):
    """An output whose negative log-likelihood is known for each kind as well."""

    each: tuple[Tensor, Tensor]  # -log p(x | z) and -log p(y | z), (batch,), means over the three posteriors


class DualAutoencoder(Generative):
    """Two autoencoders whose contents are one: each encoder is an expert on it, each decoder reads it.

    The bound is the mean of the ELBOs of the pair under q(z | x), q(z | y) and q(z | x, y), each the product of the
    experts at hand and the prior: products as in Wu and Goodman 2018 (arXiv:1802.05335), their mean as in Sutter et al.
    2021 (arXiv:2105.02470). Each of the three is a lower bound of log p(x, y), so their mean is; under the
    first two, one kind must explain the other, which trains the predictions. A pose of x is its own: q(pose | x).
    """

    def __init__(self, first: Autoencoder, second: Autoencoder) -> None:
        super().__init__()
        self.first, self.second = first, second
        self.private = LatentSpace({name: block for name, block in first.latent.blocks.items() if name != CONTENT})
        if first.orientations.count > 1:
            got = f"{first.orientations.count} orientations"
            raise InputError("one orientation of the angle in a dual model", got, "Rotation(prior=math.inf)")

    @property
    def noise_width(self) -> int:
        """Of the three posteriors of the content, and of the pose."""
        return 3 * self.first.content + self.private.noise_width

    @property
    def view_width(self) -> int:
        """That of the pose of x."""
        return self.first.view_width

    def posterior(self, x: Tensor | None = None, y: Tensor | None = None) -> dict[str, Posterior]:
        """Content from whatever is given, and the pose of x."""
        found = {} if x is None else self.first.encode(x)
        experts = [found.pop(CONTENT)] if found else []
        if y is not None:
            experts.append(self.second.encode(y)[CONTENT])
        return found | {CONTENT: product(experts)}  # type: ignore[arg-type]

    def decode(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters of both kinds, one after the other, (batch, 1, values of both)."""
        return torch.cat([self.first.decode(values), self.second.decode({CONTENT: values[CONTENT]})], dim=2)

    def forward(self, batch: Batch, noise: Tensor) -> DualOutput:
        """One pass over pairs with standard normal `noise` (batch, noise_width)."""
        private = self.first.encode(batch.x)
        experts: list[NormalPosterior] = [private[CONTENT], self.second.encode(batch.target)[CONTENT]]  # type: ignore[list-item]
        views = [product(experts[:1]), product(experts[1:]), product(experts)]
        *shared, own = noise.split([self.first.content] * 3 + [self.private.noise_width], dim=1)
        drawn = {name: value.repeat(3, 1) for name, value in self.private.sample(private, own).items()}
        drawn[CONTENT] = torch.cat([q.sample(part) for q, part in zip(views, shared, strict=True)])  # (3 batch, width)
        each = (
            self.first.nll(drawn, batch.x.repeat(3, 1)).view(3, -1).mean(dim=0),
            self.second.nll({CONTENT: drawn[CONTENT]}, batch.target.repeat(3, 1)).view(3, -1).mean(dim=0),
        )
        prior = Normal(self.first.content)
        kl = {CONTENT: torch.stack([prior.kl(q) for q in views]).mean(dim=0), **self.private.kl(private)}
        n = len(batch)
        return DualOutput(
            posterior=private | {CONTENT: views[2]},
            sample={name: value[-n:] for name, value in drawn.items()},
            class_probs=no_class(n, batch.x),
            nll=(each[0] + each[1])[:, None],
            kl=kl,
            decode=self.decode,
            encode=self.first.encode,
            view=partial(self.first.view, batch.x),
            each=each,
        )


@dataclass(frozen=True)
class Reconstruction:
    """-log p(x | z) or -log p(y | z): the mean over the three posteriors."""

    kind: int  # 0 for x, 1 for y

    def __call__(self, output: Output, batch: Batch, step: Step) -> Tensor:
        """One number [nat] per pair, (batch,)."""
        assert isinstance(output, DualOutput)
        return output.each[self.kind]
