"""Named terms of the training loss: (output, batch, step) to one number per sample, which a schedule weighs."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from latscape.autoencoders.model import CLASS, Output, sum_kl


@dataclass(frozen=True)
class Step:
    """Where training is.

    Attributes
    ----------
    cycle : int
        From 0.
    cycles : int
    """

    cycle: int
    cycles: int


Term = Callable[[Output, Tensor, Step], Tensor]


def reconstruction(output: Output, batch: Tensor, step: Step) -> Tensor:
    """-log p(x | z, class), its mean over q(class | x): the class is summed over, not sampled (Biswas 2023, eq. 1)."""
    return output.expected_nll


def kl_continuous(output: Output, batch: Tensor, step: Step) -> Tensor:
    """KL of the content and of every pose factor, which beta_c weighs (Biswas et al. 2023, eq. 1)."""
    return sum_kl(output, [name for name in output.kl if name != CLASS])


def kl_discrete(output: Output, batch: Tensor, step: Step) -> Tensor:
    """KL of the class, which beta_d weighs (Biswas et al. 2023, eq. 1)."""
    return output.kl[CLASS]
