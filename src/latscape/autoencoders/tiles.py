"""Bernoulli likelihood of a coordinate decoder, tile by tile: a few pixels of one image with all their classes.

The activations of a tile fit into a core's second-level cache, go forward and backward in one visit, and are forgotten.
What the gradient of `nll` is weighed by is only known after the forward pass, but it can be guessed: in the ELBO it is
q(class | x) times a number. The visit takes the guess; the backward pass sees whether each sample's gradient from above
is a multiple of it, and multiplies. Where the guess was wrong, all tiles are visited again with the truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from latscape.autoencoders.threads import in_parallel
from latscape.nets.coordinate import Coordinate

#: Bytes of a layer's activations in a tile: half of what a core's second-level cache holds.
TILE = 2**19


def supported(decoder: nn.Module, content: Tensor, x: Tensor) -> TypeGuard[Coordinate]:
    """Whether `decoded_nll` can stand for decoder and likelihood one after the other."""
    ours = all(tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in (content, x))
    return isinstance(decoder, Coordinate) and decoder.plain and ours and not x.requires_grad


def decoded_nll(
    decoder: Coordinate,
    content: Tensor,
    inverse: Tensor | None,
    x: Tensor,
    label: Tensor | None = None,
    guess: Tensor | None = None,
    *,
    narrow: bool = False,
) -> Tensor:
    """-log p(x | content, class) of binary pixels for every class, or for one label a row.

    Equals the decoder followed by `Bernoulli().nll`, with its gradients.

    Parameters
    ----------
    decoder : Coordinate
        With tanh in all layers.
    content : Tensor, shape (batch, width)
    inverse : Tensor, shape (batch, 2, 3), optional
        Affine map from image to canonical coordinates.
    x : Tensor, shape (batch, channels * pixels)
        The first channel first.
    label : Tensor, shape (batch,), optional
    guess : Tensor, shape (batch, classes), optional
        What each number is expected to be weighed by in the loss, but for a factor for each sample.
    narrow : bool
        Whether the dense layers are in bfloat16, even if the decoder's precision is another.

    Returns
    -------
    Tensor, shape (batch, classes)
    """
    what, where = decoder.what(content, label), decoder.where(len(content), inverse)
    if not torch.is_grad_enabled():
        guess = None
    elif guess is None and what.shape[1] == 1:
        guess = what.new_ones(len(what), 1)  # any weight of a single class is a multiple of one
    parameters = [decoder.position.weight.T]
    for dense in (*decoder.layers[::2], decoder.out):
        parameters += [dense.weight, dense.bias]
    dtype = torch.bfloat16 if narrow or decoder.narrow else torch.float32
    nll, *_ = _DecodedNLL.apply(what, where, x, guess, dtype, *parameters)
    return nll


class _DecodedNLL(Function):
    @staticmethod
    def forward(
        what: Tensor, where: Tensor, x: Tensor, guess: Tensor | None, dtype: torch.dtype, *parameters: Tensor
    ) -> tuple[Tensor, ...]:
        nll, slopes = _visit(_Problem.of(what, where, x, dtype, parameters), guess)
        return nll, *slopes

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: tuple[Tensor, ...]) -> None:
        *tensors, ctx.dtype = (*inputs[:4], *inputs[5:], inputs[4])
        nll, *slopes = output
        ctx.mark_non_differentiable(*slopes)
        ctx.save_for_backward(*tensors, *slopes)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        what, where, x, guess, *others = ctx.saved_tensors
        parameters, slopes, weight = others[:-3], others[-3:], above[0]
        scale = None if guess is None else _multiple(weight, guess)
        if scale is None:
            _, slopes = _visit(_Problem.of(what, where, x, ctx.dtype, parameters), weight)
            scale = torch.ones(len(x))
        d_what, d_where, d_parameters = slopes
        each = (scale @ d_parameters).split([parameter.numel() for parameter in parameters])
        shaped = [part.view(parameter.shape) for part, parameter in zip(each, parameters, strict=True)]
        return d_what * scale[:, None, None], d_where * scale[:, None, None], None, None, None, *shaped

    @staticmethod
    def vmap(info: Any, in_dims: tuple, *args: Any) -> tuple:
        # Each model's batch is large enough by itself: one after the other.
        apart = [
            arg.unbind(dim) if dim is not None else [arg] * info.batch_size
            for arg, dim in zip(args, in_dims, strict=True)
        ]
        found = [_DecodedNLL.apply(*one) for one in zip(*apart, strict=True)]
        return tuple(torch.stack(parts) for parts in zip(*found, strict=True)), (0, 0, 0, 0)


def _multiple(weight: Tensor, guess: Tensor) -> Tensor | None:
    """The factors (batch,) that make the guess (batch, classes) the weight, but for rounding; None if there are none."""
    scale = (weight * guess).sum(dim=1) / guess.square().sum(dim=1)
    far = (weight - scale[:, None] * guess).abs().amax(dim=1) > 1e-6 * weight.abs().amax(dim=1)
    return None if far.any() or not scale.isfinite().all() else scale


@dataclass(frozen=True)
class _Problem:
    """Arrays as the passes want them: coordinates and classes of the first layer, then layers, then the output."""

    what: NDArray
    where: NDArray
    x: NDArray  # (batch, pixels, channels)
    slope: NDArray  # (dimensions, width)
    up: list[Tensor]  # weights of the dense layers in their precision, (below, above) as products want them
    down: list[Tensor]  # the same, (above, below)
    biases: list[NDArray]
    out: tuple[NDArray, NDArray]
    shapes: list[torch.Size]

    @staticmethod
    def of(what: Tensor, where: Tensor, x: Tensor, dtype: torch.dtype, parameters: tuple[Tensor, ...]) -> "_Problem":
        pixels = x.unflatten(1, (-1, where.shape[1])).transpose(1, 2)
        slope, *layers = (parameter.detach().contiguous() for parameter in parameters)
        down = [weight.to(dtype) for weight in layers[:-2:2]]
        return _Problem(
            *(tensor.detach().contiguous().numpy() for tensor in (what, where, pixels, slope)),
            [weight.T.contiguous() for weight in down],
            down,
            [bias.numpy() for bias in layers[1:-2:2]],
            (layers[-2].numpy(), layers[-1].numpy()),
            [parameter.shape for parameter in parameters],
        )


def _visit(problem: _Problem, weight: Tensor | None) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """nll (batch, classes), and the slopes of its weighed sum of each sample.

    The slopes are with respect to what and where, and to all parameters side by side, (batch, numbers); empty without a
    weight.
    """
    batch, classes, _ = problem.what.shape
    sizes = (problem.what.shape, problem.where.shape, (batch, sum(shape.numel() for shape in problem.shapes)))
    nll, slopes = torch.zeros(batch, classes), tuple(torch.zeros(s if weight is not None else 0) for s in sizes)
    samples = iter(range(batch))  # whoever is free takes the next
    work = partial(_work, samples, problem, weight, nll, slopes)
    in_parallel([work] * min(torch.get_num_threads(), batch))
    return nll, slopes


def _work(
    samples: Iterator[int], problem: _Problem, weight: Tensor | None, nll: Tensor, slopes: tuple[Tensor, ...]
) -> None:
    """Visit samples until there are none left."""
    pixels, classes = problem.where.shape[1], problem.what.shape[1]
    widest = max(len(weight) * weight.itemsize for weight in problem.up + problem.down)
    size = max(1, TILE // (classes * widest))
    edges = [*range(0, pixels, size), pixels]
    tiles = {n: _Tile(problem, n) for n in {stop - start for start, stop in pairwise(edges)}}
    for b in samples:
        slope = None if weight is None else _Slope(problem, weight[b].numpy(), *(part[b] for part in slopes))
        for start, stop in pairwise(edges):
            tiles[stop - start].visit(b, slice(start, stop), nll[b].numpy(), slope)


class _Slope:
    """The slopes of one sample's nll, weighed by `above` (classes,), as the passes want them."""

    def __init__(self, problem: _Problem, above: NDArray, what: Tensor, where: Tensor, parameters: Tensor) -> None:
        each = parameters.split([shape.numel() for shape in problem.shapes])
        first, *layers = (part.view(shape) for part, shape in zip(each, problem.shapes, strict=True))
        self.above, self.what, self.where, self.first = above, what.numpy(), where.numpy(), first.numpy()
        self.weights, self.biases = layers[:-2:2], [bias.numpy() for bias in layers[1:-2:2]]
        self.out = layers[-2].numpy(), layers[-1].numpy()


class _Tile:
    """Room for so many pixels with all classes, and the way through all layers and back."""

    def __init__(self, problem: _Problem, pixels: int) -> None:
        from latscape.autoencoders import passes  # numba takes half a second to import

        self.passes, self.problem, rows = passes, problem, pixels * problem.what.shape[1]
        widths, dtype = [problem.what.shape[2], *map(len, problem.down)], problem.down[0].dtype
        # Activations of every layer, and the gradient that comes down to it; that of the last takes its place.
        self.h = [torch.empty(rows, width, dtype=dtype) for width in widths]
        self.d = [*(torch.empty(rows, width, dtype=dtype) for width in widths[:-1]), self.h[-1]]
        self.h_seen, self.d_seen = [_array(h) for h in self.h], [_array(d) for d in self.d]
        self.residual = np.empty((rows, problem.x.shape[2]), np.float32)
        self.product = [torch.empty_like(weight) for weight in problem.down]

    def visit(self, b: int, part: slice, nll: NDArray, slope: _Slope | None) -> None:
        """Some pixels of sample b: their likelihood is added to nll (classes,), and the slopes if they are wanted."""
        problem, passes, layers = self.problem, self.passes, range(len(self.h) - 1)
        where = problem.where[b, part]
        passes.first(where, problem.slope, problem.what[b], self.h_seen[0])
        for l in layers:
            torch.mm(self.h[l], problem.up[l], out=self.h[l + 1])
            passes.inner(problem.biases[l], self.h_seen[l + 1])
        passes.score(self.h_seen[-1], *problem.out, problem.x[b, part], self.residual, nll)
        if slope is None:
            return
        passes.top(self.h_seen[-1], problem.out[0], self.residual, slope.above, *slope.out, slope.biases[-1])
        for l in reversed(layers):
            self._learn(slope.weights[l], l)
            torch.mm(self.d[l + 1], problem.down[l], out=self.d[l])
            if l > 0:
                passes.back(self.h_seen[l], self.d_seen[l], slope.biases[l - 1])
        passes.last(self.h_seen[0], self.d_seen[0], where, problem.slope, slope.first, slope.what, slope.where[part])

    def _learn(self, slope: Tensor, l: int) -> None:
        """Add the slope of a layer's weights, in single precision whatever the product's."""
        across = self.d[l + 1].T
        if slope.dtype == across.dtype:
            slope.addmm_(across, self.h[l])
        else:
            torch.mm(across, self.h[l], out=self.product[l])
            self.passes.add(_array(self.product[l]), slope.numpy())


def _array(rows: Tensor) -> NDArray:
    """Rows as compiled loops see them: bfloat16 as 16-bit integers."""
    return (rows.view(torch.int16) if rows.dtype == torch.bfloat16 else rows).numpy()
