"""What surrounds the products of a coordinate decoder: passes over the rows of one tile, one for each layer each way.

A row is a pixel with a class, classes innermost; `h` (rows, width) holds a layer's activations, `d` the gradient of
the loss with respect to what its tanh is taken of. Gradients of parameters are added to what is there.
"""

import numpy as np

from latscape.autoencoders.cpu.elementary import dot, exp_minus, f32, like, log1p, read, tanh_like
from latscape.compilation import CONTRACT, compiled_loop


@compiled_loop(CONTRACT)
def first(where, slope, what, h):
    """h = tanh(W r + a): coordinates r (pixels, dimensions), W (dimensions, width), and a (classes, width)."""
    (pixels, dimensions), (classes, width) = where.shape, what.shape
    base = np.empty(width, f32)
    for p in range(pixels):
        base[:] = f32(0.0)
        for i in range(dimensions):
            for j in range(width):
                base[j] += where[p, i] * slope[i, j]
        for k in range(classes):
            for j in range(width):
                h[p * classes + k, j] = tanh_like(h[0, 0], base[j] + what[k, j])


@compiled_loop(CONTRACT)
def inner(bias, h):
    """h = tanh(h + b), for a product h of the layer below with weights."""
    rows, width = h.shape
    for i in range(rows):
        for j in range(width):
            h[i, j] = tanh_like(h[0, 0], read(h[i, j]) + bias[j])


@compiled_loop(CONTRACT)
def score(h, weight, bias, x, residual, nll):
    """The output, l = w . h + b of every channel, and its Bernoulli likelihood.

    Adds `softplus(l) - x l` to nll (classes,), and sets the residual (rows, channels) to its slope, sigmoid(l) - x,
    for pixels x (pixels, channels).
    """
    (pixels, channels), classes = x.shape, len(nll)
    for i in range(pixels * classes):
        for c in range(channels):
            residual[i, c] = dot(h[i], weight[c]) + bias[c]
    for p in range(pixels):
        for k in range(classes):
            for c in range(channels):
                value = residual[p * classes + k, c]
                e = exp_minus(abs(value))
                probability = f32(1.0) / (f32(1.0) + e)
                nll[k] += max(value, f32(0.0)) + log1p(e) - x[p, c] * value
                residual[p * classes + k, c] = (probability if value >= f32(0.0) else f32(1.0) - probability) - x[p, c]


@compiled_loop(CONTRACT)
def top(h, weight, residual, above, d_weight, d_bias, d_inner):
    """From the residual of every class, weighed by `above` (classes,), to d of the last layer, which replaces h."""
    (rows, width), (channels, classes) = h.shape, (len(weight), len(above))
    below = np.empty(width, f32)
    for i in range(rows):
        below[:] = f32(0.0)
        for c in range(channels):
            value = residual[i, c] * above[i % classes]
            d_bias[c] += value
            for j in range(width):
                d_weight[c, j] += value * read(h[i, j])
                below[j] += value * weight[c, j]
        for j in range(width):
            y = read(h[i, j])
            value = below[j] * (f32(1.0) - y * y)
            d_inner[j] += value
            h[i, j] = like(h[0, 0], value)


@compiled_loop(CONTRACT)
def back(h, d, d_bias):
    """Through the tanh of a layer: d (1 - h^2), for a product d of the layer above with its weights."""
    rows, width = h.shape
    for i in range(rows):
        for j in range(width):
            y = read(h[i, j])
            value = read(d[i, j]) * (f32(1.0) - y * y)
            d_bias[j] += value
            d[i, j] = like(d[0, 0], value)


@compiled_loop(CONTRACT)
def last(h, d, where, slope, d_slope, d_what, d_where):
    """Through the first layer: a pixel's coordinates belong to all its classes."""
    (pixels, dimensions), (classes, width) = where.shape, d_what.shape
    total = np.empty(width, f32)
    for p in range(pixels):
        total[:] = f32(0.0)
        for k in range(classes):
            for j in range(width):
                y = read(h[p * classes + k, j])
                value = read(d[p * classes + k, j]) * (f32(1.0) - y * y)
                total[j] += value
                d_what[k, j] += value
        for i in range(dimensions):
            d_where[p, i] = dot(total, slope[i])
            for j in range(width):
                d_slope[i, j] += where[p, i] * total[j]


@compiled_loop(CONTRACT)
def add(product, total):
    """Add a product of any precision."""
    rows, width = total.shape
    for i in range(rows):
        for j in range(width):
            total[i, j] += read(product[i, j])
