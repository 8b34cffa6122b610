"""Watching a training from outside: the ELBO of samples it does not see, and when to stop."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from latscape.autoencoders.output import Generative, negative_elbo
from latscape.autoencoders.source import Source

#: Samples scored at a time: the activations of more cost more in page faults than in arithmetic.
CHUNK = 500


def mean_elbo(model: Generative, data: Source, noise: Tensor) -> float:
    """Mean ELBO [nat] of samples with given standard normal noise (n, noise_width), all weights one."""
    return float(elbo(model, data, noise).mean())


def elbo(model: Generative, data: Source, noise: Tensor) -> Tensor:
    """ELBO [nat] of each sample, (n,), float64 on the CPU."""
    parts = []
    with torch.inference_mode():
        for index in torch.arange(len(data)).split(CHUNK):
            output = model(data.take(index.to(data.device)), noise[index].to(data.device))
            parts.append(-negative_elbo(output).cpu().double())
    return torch.cat(parts)


@dataclass
class HeldOut:
    """The ELBO of samples nothing is trained on, after every cycle; always at the same noise, so that cycles compare.

    Attributes
    ----------
    data : Source
    patience : int
        Cycles without a better value after which training ends; 0: it never does.
    generator : torch.Generator
        Draws the noise.
    best : float
    since : int
        Cycles since the best.
    weights : dict of Tensor
        Of the best cycle.
    """

    data: Source
    patience: int
    generator: torch.Generator
    best: float = -float("inf")
    since: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)
    _noise: Tensor | None = None

    def look(self, model: Generative) -> float:
        """The mean ELBO now."""
        model.eval()
        if self._noise is None:
            self._noise = torch.randn(len(self.data), model.noise_width, generator=self.generator)
        found = mean_elbo(model, self.data, self._noise)
        model.train()
        self.since += 1
        if found > self.best:
            self.best, self.since = found, 0
            if self.patience:
                self.weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
        return found

    @property
    def enough(self) -> bool:
        """Whether training has waited long enough for a better value."""
        return 0 < self.patience <= self.since
