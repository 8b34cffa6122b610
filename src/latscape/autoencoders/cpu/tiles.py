"""Bernoulli likelihood of a coordinate decoder, tile by tile: a few pixels of one image with all their classes.

The activations of a tile fit into a core's second-level cache, go forward and backward in one visit, and are forgotten.
What the gradient of `nll` is weighed by is only known after the forward pass, but it can be guessed: in the ELBO it is
q(class | x) times a number. The visit takes the guess; the backward pass sees whether each sample's gradient from above
is a multiple of it, and multiplies. Where the guess was wrong, all tiles are visited again with the truth.
"""

from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from latscape.autoencoders.cpu.tile_visit import Problem, visit
from latscape.nets.coordinate import Coordinate
from latscape.nets.tanh import one_by_one


def supported(decoder: nn.Module, content: Tensor, x: Tensor) -> TypeGuard[Coordinate]:
    """Whether `decoded_nll` can stand for decoder and likelihood one after the other."""
    ours = all(tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in (content, x))
    return isinstance(decoder, Coordinate) and decoder.plain and ours and not x.requires_grad


def decoded_nll(
    decoder: Coordinate,  # with tanh in all layers
    content: Tensor,  # (batch, width)
    inverse: Tensor | None,  # (batch, 2, 3), affine map from image to canonical coordinates
    x: Tensor,  # (batch, channels * pixels), the first channel first
    label: Tensor | None = None,  # (batch,)
    guess: Tensor | None = None,  # (batch, classes), what each is weighed by in the loss, but for a factor a sample
    *,
    narrow: bool = False,  # whether the dense layers are in bfloat16, even if the decoder's precision is another
) -> Tensor:
    """-log p(x | content, class) of binary pixels for every class, (batch, classes), or for one label a row.

    Equals the decoder followed by `Bernoulli().nll`, with its gradients.
    """
    what, where = decoder.what(content, label), decoder.where(len(content), inverse)
    if not torch.is_grad_enabled():
        guess = None
    elif guess is None and what.shape[1] == 1:
        guess = what.new_ones(len(what), 1)  # any weight of a single class is a multiple of one
    parameters = [decoder.position.weight.T]
    for dense in (*list(decoder.layers)[::2], decoder.out):
        parameters += [dense.weight, dense.bias]
    dtype = torch.bfloat16 if narrow or decoder.narrow else torch.float32
    nll, *_ = _DecodedNLL.apply(what, where, x, guess, dtype, *parameters)
    return nll


class _DecodedNLL(Function):
    @staticmethod
    def forward(
        what: Tensor, where: Tensor, x: Tensor, guess: Tensor | None, dtype: torch.dtype, *parameters: Tensor
    ) -> tuple[Tensor, ...]:
        nll, slopes = visit(Problem.of(what, where, x, dtype, parameters), guess)
        return nll, *slopes

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: tuple[Tensor, ...]) -> None:
        *tensors, ctx.dtype = (*inputs[:4], *inputs[5:], inputs[4])
        slopes = output[1:]
        ctx.mark_non_differentiable(*slopes)
        ctx.save_for_backward(*tensors, *slopes)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        what, where, x, guess, *others = ctx.saved_tensors
        parameters, slopes, weight = others[:-3], others[-3:], above[0]
        scale = None if guess is None else _multiple(weight, guess)
        if scale is None:
            _, slopes = visit(Problem.of(what, where, x, ctx.dtype, parameters), weight)
            scale = torch.ones(len(x))
        d_what, d_where, d_parameters = slopes
        each = (scale @ d_parameters).split([parameter.numel() for parameter in parameters])
        shaped = [part.view(parameter.shape) for part, parameter in zip(each, parameters, strict=True)]
        return d_what * scale[:, None, None], d_where * scale[:, None, None], None, None, None, *shaped

    @staticmethod
    def vmap(info: Any, in_dims: tuple, *args: Any) -> tuple:
        # Each model's batch is large enough by itself: one after the other.
        found = one_by_one(_DecodedNLL.apply, info, in_dims, args)
        return tuple(torch.stack(parts) for parts in zip(*found, strict=True)), (0, 0, 0, 0)


def _multiple(weight: Tensor, guess: Tensor) -> Tensor | None:
    """Factors (batch,) that make the guess (batch, classes) the weight, but for rounding; None if there are none."""
    scale = (weight * guess).sum(dim=1) / guess.square().sum(dim=1)
    far = (weight - scale[:, None] * guess).abs().amax(dim=1) > 1e-6 * weight.abs().amax(dim=1)
    return None if far.any() or not scale.isfinite().all() else scale
