"""What one training step is given of its samples."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from latscape.latent.space import NOTHING


@dataclass(frozen=True)
class Batch:
    """Samples, what they are to be decoded to, and what is known of them.

    `observed` is "class": labels (batch,), -1 = unknown; "factor": standardised numbers (batch, width), NaN = unknown.

    Examples
    --------
    >>> import torch
    >>> whole = Batch(torch.zeros(5, 3), observed={"class": torch.arange(5)})
    >>> part = whole.take(torch.tensor([4, 1]))
    >>> len(part), part.observed["class"], part.target is part.x, part.index
    (2, tensor([4, 1]), True, tensor([4, 1]))
    """

    x: Tensor  # (batch, values), what is encoded
    other: Tensor | None = None  # (batch, values of the output), what is to be decoded, when it is not `x`
    condition: Tensor | None = None  # (batch, width), numbers that enter encoder and decoder
    observed: Mapping[str, Tensor] = field(default_factory=lambda: NOTHING)
    view_noise: Tensor | None = None  # (batch, width), standard normal, by which a term may move samples: `Output.view`
    index: Tensor | None = None  # (batch,), numbers in what was given to `fit`, for terms that know more of them

    def __len__(self) -> int:
        return len(self.x)

    @property
    def device(self) -> torch.device:
        """Where the samples are."""
        return self.x.device

    @property
    def target(self) -> Tensor:
        """What is to be decoded, (batch, values of the output)."""
        return self.x if self.other is None else self.other

    def take(self, index: Tensor) -> "Batch":
        """The samples at `index`."""
        other = None if self.other is None else self.other[index]
        condition = None if self.condition is None else self.condition[index]
        observed = {name: value[index] for name, value in self.observed.items()}
        numbers = index if self.index is None else self.index[index]
        return Batch(self.x[index], other, condition, observed, index=numbers)
