"""What a forward pass gives, and the seams around it: parts that build a model, and anything that can be trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.latent.space import Posterior
from latscape.nets.decoder_frame import DecoderFrame

CONTENT, CLASS, FACTOR, CONDITION = "content", "class", "factor", "condition"


class EncoderPart(Protocol):
    """Options of an encoder that can build it."""

    def build(self, shape: tuple[int, ...], channels: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, channels x pixels) -> (batch, outputs) for samples of `shape`, the first channel first."""
        ...


class DecoderPart(Protocol):
    """Options of a decoder that can build it."""

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """A module (content, inverse[, label]) -> (batch, classes, channels, pixels); one class of each for a label."""
        ...


@dataclass(frozen=True)
class Output:
    """What one forward pass knows, by block name and for every hypothesis.

    A hypothesis is a class, and an orientation where there are several (the orientation varies fastest). `class_probs`
    is q(class | x), enumerated exactly; certain where the class is known; a single column of ones without classes. In
    training with `class_samples`, it holds the weights of an unbiased estimate: see `latent.sampled_enumeration`.
    """

    posterior: dict[str, Posterior]
    sample: dict[str, Tensor]  # (batch, width) of continuous blocks; or (batch x orientations, width)
    class_probs: Tensor  # (batch, hypotheses)
    nll: Tensor  # (batch, hypotheses), -log p(x | sample, class)
    kl: dict[str, Tensor]  # (batch,)
    decode: Callable[[dict[str, Tensor]], Tensor]
    encode: Callable[[Tensor], dict[str, Posterior]]  # posteriors of other samples (batch, values)
    view: Callable[[Tensor], Tensor]  # the samples, moved by poses that noise (batch, view_width) draws

    @cached_property
    def parameters(self) -> Tensor:
        """What the decoder says of every value, (batch, hypotheses, values); decoded when first asked for."""
        return self.decode(self.sample)

    @property
    def expected_nll(self) -> Tensor:
        """Mean of -log p(x | sample, class) over q(class | x), (batch,): the class is summed over, not sampled."""
        return (self.class_probs * self.nll).sum(dim=1)


class Generative(nn.Module):
    """Anything that can be trained: a module `(batch, noise (batch, noise_width)) -> Output`."""

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one sample takes."""
        raise NotImplementedError

    @property
    def view_width(self) -> int:
        """Standard normal numbers by which one sample is moved; 0 where nothing is posed."""
        return 0

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, where memory is bounded; None for the whole batch."""
        return None

    def has_small_steps(self, batch: int) -> bool:
        """Whether the operations of a training step around its compiled loops are too small for several threads."""
        return False


def negative_elbo(output: Output) -> Tensor:
    """-ELBO (batch,): expected reconstruction error over the classes, plus every divergence at weight one."""
    return output.expected_nll + sum_kl(output, output.kl)


def sum_kl(output: Output, names: Sequence[str] | dict[str, Tensor]) -> Tensor:
    """Sum of the divergences of the named blocks, (batch,)."""
    return torch.stack([output.kl[name] for name in names]).sum(dim=0)
