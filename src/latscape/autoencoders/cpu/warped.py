"""Losses of warped images as one differentiable operation on the CPU."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from latscape.autoencoders.cpu.threads import in_parallel, workers
from latscape.autoencoders.likelihoods import Loss

#: Samples a thread must have to be worth waking.
SHARE = 8


def supported(canonical: Tensor, inverse: Tensor, x: Tensor, shape: tuple[int, ...]) -> bool:
    """Whether `warped_loss` can stand for sampling and likelihood one after the other."""
    tensors = (canonical, inverse, x)
    ours = all(tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in tensors)
    return ours and len(shape) == 2 and min(shape) > 1 and not x.requires_grad


def warped_loss(
    loss: Loss,  # of a pixel
    canonical: Tensor,  # (classes, batch, height * width), decoded values
    inverse: Tensor,  # (batch, 2, 3), affine map from image to canonical coordinates
    x: Tensor,  # (batch, height * width)
    shape: tuple[int, ...],  # (height, width)
) -> Tensor:
    """Total loss of posed images for every class, (batch, classes).

    Equals `latscape.geometry.grid.sample` followed by the loss, with its gradients, at about a third of their time: see
    `latscape.autoencoders.cpu.warped_kernel`.
    """
    total, _, _ = _WarpedLoss.apply(canonical[None], inverse[None], x[None], shape, loss)
    return total[0].T


class _WarpedLoss(torch.autograd.Function):
    """Needs no second pass: the gradient is linear in what comes from above, so the forward pass keeps its factor.

    Arguments have the models of a population in front, as the kernel wants them.
    """

    @staticmethod
    def forward(
        canonical: Tensor, inverse: Tensor, x: Tensor, shape: tuple[int, ...], loss: Loss
    ) -> tuple[Tensor, Tensor, Tensor]:
        from latscape.autoencoders.cpu.warped_kernel import warped  # numba takes half a second to import

        # No address can be computed from nan: such samples are scored anywhere, and their score is nan.
        lost = ~torch.isfinite(inverse).flatten(2).all(dim=2)  # (models, batch)
        inverse = inverse.masked_fill(lost[:, :, None, None], 0.0)
        total, residual = canonical.new_empty(canonical.shape[:3]), torch.empty_like(canonical.contiguous())
        slope = canonical.new_empty(*canonical.shape[:3], 2, 3)
        inputs = [tensor.detach().contiguous().numpy() for tensor in (canonical, inverse, x)]
        outputs = [tensor.numpy() for tensor in (total, residual, slope)]
        _share(partial(warped, int(loss), *inputs, *outputs, *shape), lost.numel())
        return total.masked_fill(lost[:, None], torch.nan), residual, slope

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: tuple[Tensor, Tensor, Tensor]) -> None:
        _, residual, slope = output
        ctx.mark_non_differentiable(residual, slope)
        ctx.save_for_backward(residual, slope)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor, Tensor, None, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        residual, slope = ctx.saved_tensors
        weight = above[0]  # (models, classes, batch)
        return weight[..., None] * residual, (weight[..., None, None] * slope).sum(1), None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple, *args: Any) -> tuple:
        *tensors, shape, loss = args
        stacked = []
        for tensor, dim in zip(tensors, in_dims[:-2], strict=True):
            front = tensor.movedim(dim, 0) if dim is not None else tensor.expand(info.batch_size, *tensor.shape)
            stacked.append(front.flatten(0, 1))
        found = _WarpedLoss.apply(*stacked, shape, loss)
        return tuple(tensor.unflatten(0, (info.batch_size, -1)) for tensor in found), (0, 0, 0)


def _share(work: Callable[[int, int], None], samples: int) -> None:
    """Call `work(first, last)` on equal parts of the samples, one for each of PyTorch's threads."""
    threads = max(1, min(workers(), samples // SHARE))
    edges = [samples * k // threads for k in range(threads + 1)]
    in_parallel([partial(work, *part) for part in pairwise(edges)])
