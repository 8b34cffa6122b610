"""One visit of all tiles of a coordinate decoder: a few pixels of a sample with all classes, forward and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latscape.autoencoders.cpu.threads import in_parallel, workers

#: Bytes of a layer's activations in a tile: half of what a core's second-level cache holds. In bfloat16, whose products
#: take half the time, calling them counts for more, and all of it does better.
TILE = {torch.float32: 2**19, torch.bfloat16: 2**20}

Slopes = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Problem:
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
    def of(what: Tensor, where: Tensor, x: Tensor, dtype: torch.dtype, parameters: Sequence[Tensor]) -> "Problem":
        """From tensors: parameters are slope, weight and bias of every dense layer, and those of the output."""
        pixels = x.unflatten(1, (-1, where.shape[1])).transpose(1, 2)
        slope, *layers = (parameter.detach().contiguous() for parameter in parameters)
        down = [weight.to(dtype) for weight in layers[:-2:2]]
        return Problem(
            what=_array(what),
            where=_array(where),
            x=_array(pixels),
            slope=_array(slope),
            up=[weight.T.contiguous() for weight in down],
            down=down,
            biases=[_array(bias) for bias in layers[1:-2:2]],
            out=(_array(layers[-2]), _array(layers[-1])),
            shapes=[parameter.shape for parameter in parameters],
        )


def visit(problem: Problem, weight: Tensor | None) -> tuple[Tensor, Slopes]:
    """nll (batch, classes), and the slopes of its weighed sum of each sample.

    The slopes are with respect to what and where, and to all parameters side by side, (batch, numbers); empty without a
    weight.
    """
    batch, classes, _ = problem.what.shape
    sizes = (problem.what.shape, problem.where.shape, (batch, sum(shape.numel() for shape in problem.shapes)))
    what, where, parameters = (torch.zeros(size if weight is not None else (0,)) for size in sizes)
    nll, slopes = torch.zeros(batch, classes), (what, where, parameters)
    samples = iter(range(batch))  # whoever is free takes the next
    work = partial(_work, samples, problem, weight, nll, slopes)
    in_parallel([work] * min(workers(), batch))
    return nll, slopes


def _work(samples: Iterator[int], problem: Problem, weight: Tensor | None, nll: Tensor, slopes: Slopes) -> None:
    """Visit samples until there are none left."""
    pixels, classes = problem.where.shape[1], problem.what.shape[1]
    widest = max(len(weight) * weight.itemsize for weight in problem.up + problem.down)
    edges = [*range(0, pixels, max(1, TILE[problem.down[0].dtype] // (classes * widest))), pixels]
    tiles = {n: _Tile(problem, n) for n in {stop - start for start, stop in pairwise(edges)}}
    what, where, parameters = slopes
    for b in samples:
        slope = None if weight is None else _Slope(problem, weight[b], what[b], where[b], parameters[b])
        for start, stop in pairwise(edges):
            tiles[stop - start].visit(b, slice(start, stop), nll[b].numpy(), slope)


class _Slope:
    """The slopes of one sample's nll, weighed by `above` (classes,), as the passes want them."""

    def __init__(self, problem: Problem, above: Tensor, what: Tensor, where: Tensor, parameters: Tensor) -> None:
        each = parameters.split([shape.numel() for shape in problem.shapes])
        first, *layers = (part.view(shape) for part, shape in zip(each, problem.shapes, strict=True))
        self.above, self.what, self.where, self.first = (_array(part) for part in (above, what, where, first))
        self.weights, self.biases = layers[:-2:2], [bias.numpy() for bias in layers[1:-2:2]]
        self.out = layers[-2].numpy(), layers[-1].numpy()


class _Tile:
    """Room for so many pixels with all classes, and the way through all layers and back."""

    def __init__(self, problem: Problem, pixels: int) -> None:
        from latscape.autoencoders.cpu import tile_passes as passes  # numba takes half a second to import

        self.passes, self.problem, rows = passes, problem, pixels * problem.what.shape[1]
        widths, dtype = [problem.what.shape[2], *map(len, problem.down)], problem.down[0].dtype
        # Activations of every layer, and the gradient that comes down to it; that of the last takes its place.
        self.h = [torch.empty(rows, width, dtype=dtype) for width in widths]
        self.d = [*(torch.empty(rows, width, dtype=dtype) for width in widths[:-1]), self.h[-1]]
        self.h_seen, self.d_seen = [_array(h) for h in self.h], [_array(d) for d in self.d]
        self.residual = np.empty((rows, problem.x.shape[2]), np.float32)
        self.product = [torch.empty_like(weight) for weight in problem.down]
        self.product_seen = [_array(product) for product in self.product]

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
            self.passes.add(self.product_seen[l], slope.numpy())


def _array(values: Tensor) -> NDArray:
    """Numbers as compiled loops see them: bfloat16 as 16-bit integers."""
    values = values.detach().contiguous()
    return (values.view(torch.int16) if values.dtype == torch.bfloat16 else values).numpy()
