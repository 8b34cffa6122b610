"""Named terms of the training loss: (output, batch, step) to one number per sample, which a schedule weighs."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.model import CLASS, FACTOR, Output, sum_kl


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


Term = Callable[[Output, Batch, Step], Tensor]


def reconstruction(output: Output, batch: Batch, step: Step) -> Tensor:
    """-log p(x | z, class), its mean over q(class | x): the class is summed over, not sampled (Biswas 2023, eq. 1)."""
    return output.expected_nll


def kl_continuous(output: Output, batch: Batch, step: Step) -> Tensor:
    """KL of the content and of every pose factor, which beta_c weighs (Biswas et al. 2023, eq. 1)."""
    return sum_kl(output, [name for name in output.kl if name != CLASS])


def kl_discrete(output: Output, batch: Batch, step: Step) -> Tensor:
    """KL of the class, which beta_d weighs (Biswas et al. 2023, eq. 1)."""
    return output.kl[CLASS]


#: The terms that fit what is known of a block, by block.
SUPERVISED = {CLASS: "classification", FACTOR: "regression"}


@dataclass(frozen=True)
class Supervised:
    """-log q(y | x) where y is known, zero elsewhere (Kingma et al. 2014, arXiv:1406.5298, eq. 9).

    Parameters
    ----------
    block : str
        "class" or "factor".
    share : float
        Part of the samples whose y is known; divided by it, the term's mean over all is the mean over those.
    """

    block: str
    share: float

    def __call__(self, output: Output, batch: Batch, step: Step) -> Tensor:
        """Cross entropy of the known classes, or negative log density of the known factors [nat], (batch,)."""
        return -output.posterior[self.block].log_prob(batch.known[self.block]) / self.share
