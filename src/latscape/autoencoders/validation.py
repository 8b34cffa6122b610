"""Watching a training from outside: the ELBO of samples it does not see, and when to stop."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from latscape.autoencoders.output import Generative, negative_elbo
from latscape.autoencoders.source import BatchSource

#: Samples scored at a time: the activations of more cost more in page faults than in arithmetic.
CHUNK = 500


def elbo(model: Generative, data: BatchSource, noise: Tensor) -> Tensor:
    """ELBO [nat] of each sample at standard normal noise (n, noise_width), all weights one: (n,), float64."""
    parts = []
    with torch.inference_mode():
        for index in torch.arange(len(data)).split(CHUNK):
            output = model(data.take(index.to(data.device)), noise[index].to(data.device))
            parts.append(-negative_elbo(output).cpu().double())
    return torch.cat(parts)


@dataclass
class ValidationSet:
    """The ELBO of samples nothing is trained on, after every epoch; always at one noise, so that epochs compare."""

    data: BatchSource
    patience: int  # epochs without a better value after which training ends; 0: it never does
    generator: torch.Generator  # draws the noise
    best: float = -float("inf")
    since: int = 0  # epochs since the best
    weights: dict[str, Tensor] = field(default_factory=dict)  # of the best epoch
    _noise: Tensor | None = None

    def look(self, model: Generative) -> float:
        """The mean ELBO now."""
        model.eval()
        if self._noise is None:
            self._noise = torch.randn(len(self.data), model.noise_width, generator=self.generator)
        found = float(elbo(model, self.data, self._noise).mean())
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
