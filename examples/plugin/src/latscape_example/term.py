"""A term of the loss."""

from torch import Tensor

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.output import CONTENT, Output
from latscape.autoencoders.terms import Step


def small_content(output: Output, batch: Batch, step: Step) -> Tensor:
    """Sum of the squares of a sample's content, (batch,)."""
    return output.sample[CONTENT].square().sum(dim=1)
