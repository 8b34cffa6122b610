"""The inner loop of training on a CPU: sample all classes' images at posed coordinates and score them, in one pass.

For sample b with pixels x and class k with the canonical image c of logits, the posed logit of pixel p is
`s_p = sum_q w_pq c_q`, where w holds the four bilinear weights of p. Wanted are

    nll   = sum_p softplus(s_p) - x_p s_p
    dc_q  = sum_p w_pq (sigmoid(s_p) - x_p)
    dA    = sum_p (sigmoid(s_p) - x_p) ds_p/dA       for the affine map A from image to canonical coordinates.

Weights and addresses belong to the pixel and not to the class, so classes are the innermost index: every operation
below runs over them in vector registers. Residuals and slopes stay in cache instead of passing through memory once per
elementary operation, which is what makes automatic differentiation of the same formula slower.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

f32 = np.float32
# Products may contract to fused multiply-add; infinities and nan keep their meaning, so divergence is still noticed.
_OPTIONS = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "nogil": True}


def compiled(function):
    """Compile at first use, and keep the result on disk where there is a folder to write it to."""
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba's answer when neither the package nor the home folder can be written
        return njit(**_OPTIONS)(function)


@intrinsic
def _as_float(typing_context, bits):
    """Read 32 bits as a float."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@njit(inline="always", **_OPTIONS)
def _exp_minus(t):
    """exp(-t) for t >= 0, relative error 1e-7: 2^-n exp(r) with |r| <= log(2)/2, exp(r) by Cephes' polynomial."""
    t = min(t, f32(87.0))
    n = np.int32(t * f32(1.4426950408889634) + f32(0.5))
    # log(2) in two parts, the first exact in few bits, so that the difference keeps its digits.
    r = f32(n) * f32(0.693359375) + f32(n) * f32(-2.12194440e-4) - t
    p = f32(1.9875691500e-4)
    p = p * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    p = p * r * r + r + f32(1.0)
    bits = np.int32((np.int32(127) - n) << np.int32(23))
    return p * _as_float(bits)  # pyright: ignore[reportCallIssue]  numba supplies the context


@njit(inline="always", **_OPTIONS)
def _log1p(e):
    """log(1 + e) for 0 <= e <= 1 as 2 artanh(e / (2 + e)), a series in z^2 <= 1/9."""
    z = e / (f32(2.0) + e)
    q = z * z
    p = f32(1 / 13)
    p = p * q + f32(1 / 11)
    p = p * q + f32(1 / 9)
    p = p * q + f32(1 / 7)
    p = p * q + f32(1 / 5)
    p = p * q + f32(1 / 3)
    p = p * q + f32(1.0)
    return f32(2.0) * z * p


@compiled
def warped_bernoulli(canonical, inverse, x, nll, residual, slope, height, width, first, last):
    """Fill `nll`, `residual` and `slope` for samples first to last, counted through all models.

    Parameters
    ----------
    canonical : float32 array, shape (models, classes, batch, height * width)
        Logits.
    inverse : float32 array, shape (models, batch, 2, 3)
        Affine map from image to canonical coordinates, in the units of `latscape.geometry.grid`; finite.
    x : float32 array, shape (models, batch, height * width)
    nll : float32 array, shape (models, classes, batch)
    residual : float32 array, shape (models, classes, batch, height * width)
        Gradient of nll with respect to `canonical`.
    slope : float32 array, shape (models, classes, batch, 2, 3)
        Gradient of nll with respect to `inverse`.
    height, width : int
        At least 2.
    first, last : int
        Range of samples, so that threads can share the work.
    """
    _, classes, batch, _ = canonical.shape
    image = np.empty(height * width * classes, f32)
    gradient = np.empty(height * width * classes, f32)
    # One row of pixels at a time: logit, its slopes along both axes, softplus, sigmoid and then the residual.
    s, sx, sy = np.empty(width * classes, f32), np.empty(width * classes, f32), np.empty(width * classes, f32)
    softplus, g = np.empty(width * classes, f32), np.empty(width * classes, f32)
    start, fx, fy = np.empty(width, np.int64), np.empty(width, f32), np.empty(width, f32)
    total, row = np.empty(7 * classes, f32), np.empty(4 * classes, f32)
    half = f32(0.5) * f32(max(height, width))  # pixels per unit of length
    right, down, one = f32(width - 1), f32(height - 1), f32(1.0)
    for sample in range(first, last):
        model, b = sample // batch, sample % batch
        for k in range(classes):
            for p in range(height * width):
                image[p * classes + k] = canonical[model, k, b, p]
        gradient[:] = f32(0.0)
        total[:] = f32(0.0)
        ax, ay, at = inverse[model, b, 0, 0], inverse[model, b, 0, 1], inverse[model, b, 0, 2]
        bx, by, bt = inverse[model, b, 1, 0], inverse[model, b, 1, 1], inverse[model, b, 1, 2]
        for i in range(height):
            y = (f32(0.5) * down - f32(i)) / half
            for j in range(width):
                px = (f32(j) - f32(0.5) * right) / half
                u = (ax * px + ay * y + at) * half + f32(0.5) * right  # column in the canonical image
                v = f32(0.5) * down - (bx * px + by * y + bt) * half  # row in the canonical image
                # Beyond the edge the edge's value holds, and moving on changes nothing.
                along = half if u > f32(0.0) and u < right else f32(0.0)
                across = -half if v > f32(0.0) and v < down else f32(0.0)
                u, v = min(max(u, f32(0.0)), right), min(max(v, f32(0.0)), down)
                left, top = min(np.int64(u), width - 2), min(np.int64(v), height - 2)
                fx[j], fy[j] = u - f32(left), v - f32(top)
                start[j] = (top * width + left) * classes
                upper = image[start[j] : start[j] + 2 * classes]
                lower = image[start[j] + width * classes : start[j] + (width + 2) * classes]
                for k in range(classes):
                    m = j * classes + k
                    dx = upper[classes + k] - upper[k]
                    above = upper[k] + fx[j] * dx
                    below = lower[k] + fx[j] * (lower[classes + k] - lower[k])
                    s[m] = above + fy[j] * (below - above)
                    sx[m] = along * (dx + fy[j] * (lower[classes + k] - lower[k] - dx))
                    sy[m] = across * (below - above)
            for m in range(width * classes):
                e = _exp_minus(abs(s[m]))
                softplus[m] = max(s[m], f32(0.0)) + _log1p(e)
                p = one / (one + e)
                g[m] = p if s[m] >= f32(0.0) else one - p
            row[:] = f32(0.0)
            for j in range(width):
                px, value = (f32(j) - f32(0.5) * right) / half, x[model, b, i * width + j]
                for k in range(classes):
                    m = j * classes + k
                    g[m] -= value
                    hx, hy = g[m] * sx[m], g[m] * sy[m]
                    row[k] += hx
                    row[classes + k] += hx * px
                    row[2 * classes + k] += hy
                    row[3 * classes + k] += hy * px
                    total[6 * classes + k] += softplus[m] - value * s[m]
                w11 = fx[j] * fy[j]
                w01, w10, w00 = fx[j] - w11, fy[j] - w11, one - fx[j] - fy[j] + w11
                upper = gradient[start[j] : start[j] + 2 * classes]
                lower = gradient[start[j] + width * classes : start[j] + (width + 2) * classes]
                for k in range(classes):
                    upper[k] += w00 * g[j * classes + k]
                    upper[classes + k] += w01 * g[j * classes + k]
                for k in range(classes):
                    lower[k] += w10 * g[j * classes + k]
                    lower[classes + k] += w11 * g[j * classes + k]
            for k in range(classes):
                total[k] += row[classes + k]
                total[classes + k] += row[k] * y
                total[2 * classes + k] += row[k]
                total[3 * classes + k] += row[3 * classes + k]
                total[4 * classes + k] += row[2 * classes + k] * y
                total[5 * classes + k] += row[2 * classes + k]
        for k in range(classes):
            nll[model, k, b] = total[6 * classes + k]
            for m in range(3):
                slope[model, k, b, 0, m], slope[model, k, b, 1, m] = (
                    total[m * classes + k],
                    total[(3 + m) * classes + k],
                )
            for p in range(height * width):
                residual[model, k, b, p] = gradient[p * classes + k]
